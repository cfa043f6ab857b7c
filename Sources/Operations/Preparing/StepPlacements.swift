package import Machine
package import PlanGraph
import PlanLanguage
package import Reports
import VM
import Words

/// Where and how the steps of a plan run, for people.
extension Preparation {
  /// Where logs are, relative to the VM's folder.
  ///
  /// On a plain machine, the full path.
  private var shownLogsPath: String {
    let path = vms.logsPath
    return vms.first?.path == VMFolder.wholeMachine ? "/\(path)" : path
  }

  /// What happens to units that the plan names.
  private static func words(_ units: [String], start settle: Duration?) -> String {
    let isOne = units.count == 1
    let names =
      isOne ? units[0] : units.dropLast().joined(separator: ", ") + " and \(units.last ?? "")"
    guard let settle else {
      return "systemctl stop of \(names), until \(isOne ? "it is" : "they are") inactive"
    }
    let stays =
      settle > .zero ? " and \(isOne ? "stays" : "stay") so for \(settle.forPeople)" : ""
    return "systemctl start of \(names), until \(isOne ? "it is" : "they are") active\(stays)"
  }

  /// What happens to the processes of release jobs.
  ///
  /// - Parameters:
  ///   - step: a start, a stop or an unmonitor.
  ///   - units: the units of the processes; nil if the supervisor is not systemd.
  ///   - whose: the files that list the processes.
  /// - Returns: a text for people.
  private static func words(_ step: StepTemplate, _ units: [String]?, of whose: String) -> String {
    let settle = step.action.isStart ? step.settle : nil
    switch (step.action, units) {
    case (_, []): return "nothing: no release job here has a systemd unit"
    case (.unmonitor, _?): return "nothing: systemd watches what is started until it is stopped"
    case (_, let units?): return words(units, start: settle)
    case (.start, nil): return "start of the processes of \(whose), until they run"
    case (.stop, nil): return "stop of the processes of \(whose), until they are gone"
    case (_, nil): return "unmonitor of the processes of \(whose)"
    }
  }

  /// Where and how a step runs.
  ///
  /// - Parameters:
  ///   - node: the step.
  ///   - units: of the plan.
  /// - Returns: what it runs, and its logs.
  package func placement(_ node: NodeID, _ units: PlannedUnits) -> StepPlacement {
    guard let step = graph.step(node) else { return StepPlacement(runs: "", logs: nil) }
    let subject = graph[node].subject
    let name = graph.subjects.name(subject)
    let isReleaseJob = graph.subjects.scope(subject) == .releaseJob
    let folder = isReleaseJob ? name : StepLogNames.commonFolder
    let logs = logNames.stem(graph[node].template).map {
      "\(shownLogsPath)/\(folder)/\($0).{stdout,stderr}.log"
    }
    let whose = isReleaseJob ? "jobs/\(name)/monit" : "all monit files of this VM"
    let runs: String
    var vector: [String]?
    var scriptPath: String?
    switch step.action {
    case .script(let script):
      runs = "jobs/\(name)/bin/\(script)"
      (vector, scriptPath) = ([runs], runs)
    case .run(let command):
      runs = shellWords(command.vector)
      vector = command.vector
    case .wait(.tcp(let address)): runs = "a connection to \(address), until it succeeds"
    case .wait(.file(let path)): runs = "a check for \(path), until it exists"
    case .wait(.command(let command)):
      runs = "\(shellWords(command.vector)), until it succeeds"
      vector = command.vector
    case .start, .stop, .unmonitor:
      runs = Self.words(step, units.ofReleaseJobs(node)?.map(units.words), of: whose)
    case .startUnits(let units): runs = Self.words(units, start: step.settle)
    case .stopUnits(let units): runs = Self.words(units, start: nil)
    case .drain(let arguments):
      runs = shellWords(["jobs/\(name)/bin/drain"] + arguments) + ", until it has drained"
    }
    return StepPlacement(
      runs: runs,
      logs: logs,
      vector: vector,
      scriptPath: scriptPath,
      persistentDisk: vms.vm(of: graph, subject)?.persistentDisk ?? 0
    )
  }
}
