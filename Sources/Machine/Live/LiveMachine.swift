package import Execution
import Glibc
package import PlanGraph
import PlanLanguage
package import System
package import VM
import Words

/// Does what a run asks for, on this machine, and reports the results.
///
/// It decides nothing; `RunDriver` drives it.
package final class LiveMachine: RunMachine {
  /// The plan's graph and machines.
  package let graph: Graph
  let machinery: Machinery
  private let choice: SupervisorChoice
  private let launchers: [Launcher]
  private var supervisors: [Int: any Supervisor] = [:]
  private var unitSupervisors: [Int: any Supervisor] = [:]
  let vms: SubjectVMs
  var attempts: [NodeID: any Attempt] = [:]
  /// The sizes of a step's logs when its last attempt first opened them.
  var logBeginnings: [NodeID: LogSizes] = [:]
  /// What a step's last attempt said about its failure, even if it failed for another reason, such
  /// as a timeout.
  package private(set) var lastWords: [NodeID: String] = [:]
  /// Whether any attempt has begun.
  package private(set) var hasStarted = false
  /// How long to wait for the rest of a drain script's output.
  var drainPatience = DrainPatience()

  /// Receives what happens; does nothing unless the machine is being driven.
  var report: (MachineReport) -> Void = { _ in }
  /// The umask before.
  private var mask: mode_t?
  /// The run's name for the steps; nil to tell them nothing about the run.
  let runName: String?
  /// Where a holder records a `run` that is not idempotent; nil to hold none.
  let holding: HolderSettings?
  /// What was recorded about the attempts that were running when the run was interrupted.
  let recorded: [NodeID: RecordedStart]
  /// The numbers by which holders know the steps; nil for the graph's own.
  private let recordNumbers: Table<NodeID, NodeID>?

  /// Makes a machine.
  ///
  /// It starts and writes nothing before it is driven.
  ///
  /// - Parameters:
  ///   - graph: the plan on its subjects.
  ///   - vms: the VM of each instance. A step of a wider subject runs on the first instance inside
  ///     it.
  ///   - supervisor: the supervisor on each machine.
  ///   - runName: the run's name, which steps are told; nil to tell them nothing about the run.
  ///   - holding: where a holder records a `run` that is not idempotent; nil to hold none.
  ///   - recorded: what was recorded about the attempts that were running when the run was
  ///     interrupted.
  ///   - earlierCoordinators: the processes that drove the same run earlier in this boot. None of
  ///     them is alive.
  ///   - logNames: of the steps' logs; nil for the names that the graph alone gives them.
  ///   - recordNumbers: the numbers by which holders know the steps, if the graph is a part of a
  ///     larger one; nil for the graph's own.
  ///   - machinery: what to work with; nil for something new.
  /// - Throws: an error if the process lacks descriptors.
  package init(
    graph: Graph,
    vms: [SubjectID: VMFolder],
    supervisor: SupervisorChoice,
    runName: String? = nil,
    holding: HolderSettings? = nil,
    recorded: [NodeID: RecordedStart] = [:],
    earlierCoordinators: Set<Int32> = [],
    logNames: StepLogNames? = nil,
    recordNumbers: Table<NodeID, NodeID>? = nil,
    machinery: Machinery? = nil
  ) throws(SystemError) {
    self.graph = graph
    choice = supervisor
    self.runName = runName
    self.holding = holding
    self.recorded = recorded
    self.recordNumbers = recordNumbers
    let machinery = if let machinery { machinery } else { try Machinery() }
    machinery.groups.earlierCoordinators = earlierCoordinators
    self.machinery = machinery
    let names = logNames ?? StepLogNames(graph)
    self.vms = SubjectVMs(graph.subjects, vms)
    launchers = self.vms.all.map { Launcher(vm: $0, names: names, machinery) }
  }

  /// Prepares the process: from here on the umask is 022.
  package func begin(_ report: @escaping (MachineReport) -> Void) {
    self.report = report
    machinery.spawner.noteIgnoredSignals()
    mask = umask(0o022)
  }

  package func end() {
    report = { _ in }
    machinery.spawner.restoreDescriptorLimit()
    machinery.groups.close()
    if let mask { umask(mask) }
    mask = nil
  }

  /// Where the last attempt of a step began to write in its logs, as their size before.
  ///
  /// - Returns: nil if it opened none.
  package func logBeginnings(of node: NodeID) -> LogSizes? { logBeginnings[node] }

  package func terminate(_ node: NodeID) { attempts[node]?.terminate() }

  package func kill(_ node: NodeID) { attempts[node]?.kill() }

  package func ask(_ node: NodeID, _ condition: RuntimeCondition) {
    report(.answered(node, launcher(of: node).map { condition.holds(on: $0.vm) } ?? false))
  }

  package func abandon() {
    for attempt in attempts.values { attempt.abandon() }
    attempts.removeAll()
    machinery.sessions.finishAbandoning()
  }

  func launcher(of node: NodeID) -> Launcher? {
    vms.index(of: graph[node].subject).map { launchers[$0] }
  }

  /// The number by which a holder knows a step.
  func recordNumber(_ node: NodeID) -> NodeID { recordNumbers?[node] ?? node }

  package func start(_ node: NodeID, attempt: Int, cause: HandlerCause?) {
    start(node, attempt: attempt, told: cause?.words(in: graph))
  }

  /// Starts an attempt, like `start` of the protocol, with the cause in words.
  package func start(_ node: NodeID, attempt number: Int, told cause: HandlerCauseWords?) {
    hasStarted = true
    let ended: (AttemptResult) -> Void = { [self] result in
      attempts[node] = nil
      if case .failed(let words) = result { lastWords[node] = words } else { lastWords[node] = nil }
      report(.ended(node, attempt: number, result))
    }
    if number > 1 { logBeginnings[node] = nil }
    let opened: (LogSizes) -> Void = { [self] sizes in
      // The command of a `wait` opens them for each check.
      if logBeginnings[node] == nil { logBeginnings[node] = sizes }
    }
    guard let launcher = launcher(of: node) else {
      return ended(.failed("there is no machine for \(graph.subjects.path(graph[node].subject))"))
    }
    let template = graph[node].template
    let subject = graph[node].subject
    let isReleaseJob = graph.subjects.scope(subject) == .releaseJob
    let releaseJob = isReleaseJob ? graph.subjects.name(subject) : nil
    if let releaseJob, let reason = CheckedName.refusal(of: releaseJob) {
      return ended(.failed("the release job \(quoted(releaseJob)) is refused: its name \(reason)"))
    }
    let step = graph.steps[template]
    let started: (Int32?) -> Void = { [self] process in
      report(.started(node, attempt: number, process: process))
    }
    switch step.action {
    case .script(let name):
      guard let releaseJob else {
        return ended(.failed("only release jobs have scripts"))
      }
      run(node, started, ended) { () throws(LaunchFailure) -> LaunchedProcess in
        try launcher.script(name, of: releaseJob, template, step, opened: opened)
      }
    case .run(let command):
      if var held = heldStep(node, number, launcher, of: releaseJob) {
        held.variables = variables(of: node, attempt: number, cause)
        let attempt = HeldCommandAttempt(held, opened: opened, started: started, ended: ended)
        attempts[node] = attempt
        return attempt.begin()
      }
      let told = variables(of: node, attempt: number, cause)
      run(node, started, ended) { () throws(LaunchFailure) -> LaunchedProcess in
        try launcher.command(command, of: releaseJob, template, step, told, opened: opened)
      }
    case .wait(let probe):
      let told = variables(of: node, attempt: number, cause)
      let check = probe.check(on: launcher.vm, machinery) { command throws(LaunchFailure) in
        try launcher.command(command, of: releaseJob, template, step, told, opened: opened)
      }
      let wait = WaitAttempt(machinery.loop, every: step.every, check: check, ended: ended)
      attempts[node] = wait
      report(.started(node, attempt: number, process: nil))
      wait.begin()
    case .start: order(.start, node, number, ended)
    case .stop: order(.stop, node, number, ended)
    case .startUnits(let units): order(.start, units: units, node, number, ended)
    case .stopUnits(let units): order(.stop, units: units, node, number, ended)
    case .unmonitor: order(.unmonitor, node, number, ended)
    case .drain(let arguments):
      guard let releaseJob else {
        return ended(.failed("only release jobs have drain scripts"))
      }
      let drain = launcher.drain(of: releaseJob, arguments, step, opened: opened)
      let attempt = DrainAttempt(
        machinery,
        isStrict: step.isStrict,
        patience: drainPatience,
        ask: drain,
        remark: { [self] in report(.remark(Remark(node: node, kind: $0, text: $1))) },
        started: started,
        ended: ended
      )
      attempts[node] = attempt
      attempt.begin()
    }
  }

  private func run(
    _ node: NodeID,
    _ started: @escaping (Int32?) -> Void,
    _ ended: @escaping (AttemptResult) -> Void,
    _ launch: @escaping () throws(LaunchFailure) -> LaunchedProcess
  ) {
    let attempt = ProcessAttempt(machinery, launch: launch, started: started, ended: ended)
    attempts[node] = attempt
    attempt.begin()
  }

  private func order(
    _ verb: SupervisorOrder.Verb,
    units: [String] = [],
    _ node: NodeID,
    _ number: Int,
    _ ended: @escaping (AttemptResult) -> Void
  ) {
    let subject = graph[node].subject
    guard let index = vms.index(of: subject) else { return }
    let supervisor: any Supervisor
    do throws(PlainFailure) {
      supervisor = try self.supervisor(index, isForUnits: !units.isEmpty)
    } catch {
      return ended(.failed(error.words))
    }
    let vm = launchers[index].vm
    let members = graph.subjects.members(of: subject, at: .releaseJob)
    let order = SupervisorOrder(
      verb: verb,
      releaseJobs: members.map { graph.subjects.name($0) },
      units: units,
      isWholeInstance: graph.subjects.scope(subject) != .releaseJob,
      settle: graph.steps[graph[node].template].settle,
      remark: { [self] in report(.remark(Remark(node: node, kind: $0, text: $1))) }
    )
    // Named units are not among a VM's own processes.
    if verb == .start, units.isEmpty {
      do throws(PlainFailure) {
        try StoppedMarker.remove(on: vm)
      } catch {
        return ended(.failed(error.words))
      }
    }
    attempts[node] = supervisor.begin(order) { result in
      guard verb == .stop, result == .exited(0), units.isEmpty, order.isAll(of: vm) else {
        return ended(result)
      }
      do throws(PlainFailure) {
        try StoppedMarker.write(on: vm)
        ended(result)
      } catch {
        ended(.failed(error.words))
      }
    }
    report(.started(node, attempt: number, process: nil))
  }

  /// The supervisor of a machine's processes, or of units that the plan names; made once.
  private func supervisor(
    _ index: Int,
    isForUnits: Bool
  ) throws(PlainFailure) -> any Supervisor {
    if let known = isForUnits ? unitSupervisors[index] : supervisors[index] { return known }
    let vm = launchers[index].vm
    if isForUnits {
      let made = try choice.makeForUnits(for: vm, machinery)
      unitSupervisors[index] = made
      return made
    }
    let made = try choice.make(for: vm, machinery)
    supervisors[index] = made
    return made
  }
}
