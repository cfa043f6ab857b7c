import Execution
import Fleet
import Machine
import PlanGraph
import PlanLanguage
import Reports
import System
import VM
import Wire
import Words

/// What is asked of the hosts of a run before it, and after it.
extension HostSelection {
  /// Something that went wrong on the way, as a refusal.
  private func asking<Value>(
    _ body: () throws(SystemError) -> Value
  ) throws(CommandFailure) -> Value {
    do throws(SystemError) {
      return try body()
    } catch {
      throw .refused([Problem(path: "hosts", what: "\(error)")])
    }
  }

  /// What an answer may be: what was asked for, or why not.
  private enum Answer<Value> {
    case good(Value)
    case bad([WireProblem])
  }

  /// Asks all hosts that are reached, and refuses if one of them does.
  private func ask<Value>(
    _ messages: (FarHost) -> [NearMessage],
    told: @escaping (FarHost, String) -> Void = { _, _ in },
    _ take: @escaping (FarMessage) -> Value?
  ) throws(CommandFailure) -> [(host: FarHost, value: Value)] {
    let hosts = fleet.reached
    let answers = try asking { () throws(SystemError) in
      try fleet.ask(
        hosts,
        messages,
        { host, message -> Answer<Value>? in
          switch message {
          case .refused(let problems): return .bad(problems)
          case .failed(let words):
            return .bad([WireProblem(path: "lockstep", what: words, help: nil, isWarning: false)])
          case .waiting(let words):
            told(host, words)
            return nil
          default: return take(message).map { .good($0) }
          }
        }
      )
    }
    var problems: [Problem] = []
    var values: [(host: FarHost, value: Value)] = []
    for (host, answer) in zip(hosts, answers) {
      switch answer {
      case .good(let value): values.append((host, value))
      case .bad(let found):
        problems += found.map { host.at(Problem($0)) }
      case nil: problems += host.problems
      }
    }
    if !problems.isEmpty { throw .refused(problems) }
    return values
  }

  // MARK: Before a run

  /// Tells every host its part of the plan.
  func sendPlan(_ graph: Graph, _ names: StepLogNames) throws(CommandFailure) {
    let certain = graph.certainSteps
    var subjects = [[SubjectID]](repeating: [], count: fleet.hosts.count)
    var numbers: [SubjectID: Int] = [:]
    for instance in graph.subjects.members(of: .deployment, at: .instance) {
      guard let number = self.numbers[graph.subjects.path(instance)] else { continue }
      numbers[instance] = number
      subjects[number].append(instance)
    }
    let places = SubjectPlaces(graph.subjects, numbers)
    self.places = places
    var nodes = [[NodeID]](repeating: [], count: fleet.hosts.count)
    for node in graph.nodes.indices where graph[node].kind == .step {
      if let number = places[graph[node].subject] { nodes[number].append(node) }
    }
    let cutting = PlanParts(graph, stem: { names.stem($0) }, isCertain: { certain[$0] })
    parts = []
    for number in fleet.hosts.indices {
      do throws(WireFailure) {
        parts.append(
          try cutting.parts(for: subjects[number], nodes: nodes[number]).map { .plan($0) }
        )
      } catch {
        throw .refused([Problem(path: fleet.hosts[number].name, what: error.words)])
      }
    }
    _ = try ask({ self.parts[$0.number] }) { message -> Void? in
      if case .planned = message { () } else { nil }
    }
  }

  /// What would certainly fail on the hosts.
  func problems(
    supervisor: String,
    leavingOut leftOut: Set<NodeID>
  ) throws(CommandFailure) -> [Problem] {
    let leftOut = leftOut.sorted()
    let answers = try ask(
      { _ in [.check(supervisor: supervisor, leavingOut: leftOut)] },
      { message -> ([WireProblem], [NodeID: UInt64])? in
        if case .checked(let problems, let scripts) = message { (problems, scripts) } else { nil }
      }
    )
    var problems: [Problem] = []
    for (host, (found, scripts)) in answers {
      problems += found.map { host.at(Problem($0)) }
      digests.merge(scripts) { first, _ in first }
    }
    return problems
  }

  /// Has the hosts read the scripts of all steps, so that they can be compared with a run's record.
  func readScripts(of graph: Graph, supervisor: String) throws(CommandFailure) {
    // Problems of steps are reported when it is known which steps run.
    let steps = graph.nodes.indices.filter { graph[$0].kind == .step }
    _ = try problems(supervisor: supervisor, leavingOut: Set(steps))
  }

  /// Keeps all other runs away from the VMs, as long as the connections are there.
  func lock(patience: Duration, _ tell: @escaping Tell) throws(CommandFailure) {
    _ = try ask(
      { _ in [.lock(patience: patience)] },
      told: { host, words in tell(.ofCommand("waits: \(host.name): \(words)")) },
      { message -> Void? in if case .locked = message { () } else { nil } }
    )
  }

  /// Looks for what earlier runs have left, and has it waited for or ended as somebody said.
  ///
  /// - Parameters:
  ///   - run: the run that goes on; nil for a new one.
  ///   - isEnding: what somebody said of the runs of these IDs: whether what they have left is ended;
  ///     nil if nobody said anything.
  ///   - tell: is told of runs that are not over.
  /// - Returns: the IDs of the runs that were found.
  /// - Throws: what is in the way.
  @discardableResult
  func settleEarlierRuns(
    but run: String?,
    isEnding: ([String]) -> Bool?,
    _ tell: Tell
  ) throws(CommandFailure) -> Set<String> {
    let found = try look(run)
    let busy = found.filter { !$0.left.living.isEmpty }
    let doubtful = found.filter { $0.left.runs.contains { !$0.doubtful.isEmpty } }
    let runs = Set(found.flatMap { $0.left.runs.map(\.id) })
    if busy.isEmpty, doubtful.isEmpty {
      for (host, left) in found {
        for run in left.runs {
          tell(.words("warning: \(host.name): \(run.words) is not over"))
        }
      }
      return runs
    }
    guard let isEnding = isEnding(runs.sorted()) else {
      throw CommandFailure(.refused, [.problems(obstacles(found))])
    }
    if busy.isEmpty { return runs }
    tell(
      .words(
        isEnding
          ? "ending what earlier runs have left" : "waiting for what earlier runs have left"
      )
    )
    _ = try ask(
      { _ in [.settle(ending: isEnding)] },
      { message -> Void? in if case .settled = message { () } else { nil } }
    )
    return runs
  }

  private func look(
    _ run: String?
  ) throws(CommandFailure) -> [(host: FarHost, left: WireLeftovers)] {
    try ask(
      { _ in [.look(run: run)] },
      { message -> WireLeftovers? in if case .leftovers(let left) = message { left } else { nil } }
    ).map { ($0.host, $0.value) }
  }

  private func obstacles(_ found: [(host: FarHost, left: WireLeftovers)]) -> [Problem] {
    var problems: [Problem] = []
    for (host, left) in found {
      let name = host.name
      for process in left.living {
        let since = process.since.map { ", since \($0)" } ?? ""
        let ways = process.run.map { ", or give it up: --abandon \($0)=wait or \($0)=end" } ?? ""
        let resume = left.runs.first { $0.id == process.run }?.resume
        problems.append(
          Problem(
            path: "\(name): \(process.step)",
            what: "still runs, as process \(process.process)\(since)",
            help: (resume.map { "resume its run: \($0)" } ?? "wait until it has ended") + ways
          )
        )
      }
      for run in left.runs {
        for step in run.doubtful {
          problems.append(
            Problem(
              path: "\(name): \(step)",
              what: "is not idempotent, and nobody saw how it ended in \(run.words)",
              help: (run.resume.map { "resume its run: \($0)" } ?? "look at what it did")
                + ", or give it up: --abandon \(run.id)"
            )
          )
        }
      }
    }
    return problems
  }

  // MARK: A run

  /// Tells the hosts that a run begins or goes on, and makes the machine of the run.
  func begin(
    _ graph: Graph,
    _ settings: FleetSettings,
    isResumed: Bool
  ) throws(CommandFailure) -> FleetMachine {
    func begin(isResumed: Bool) -> NearMessage {
      .begin(
        NearMessage.Begin(
          run: settings.run,
          supervisor: settings.supervisor,
          coordinator: settings.coordinator,
          isResumed: isResumed
        )
      )
    }
    _ = try ask(
      { _ in [begin(isResumed: isResumed)] },
      { message -> Void? in if case .begun = message { () } else { nil } }
    )
    return FleetMachine(
      graph,
      on: fleet,
      settings,
      setup: { host in
        [.lock(patience: .zero)] + self.parts[host.number] + [begin(isResumed: true)]
      },
      hostOf: { self.places?[graph[$0].subject] }
    )
  }

  // MARK: After a run

  /// How long hosts may take to answer when the run is over.
  private static let patience = Duration.seconds(10)

  /// The ends of failed steps' logs.
  func evidence(
    of nodes: [NodeID],
    in graph: Graph,
    _ machine: FleetMachine
  ) -> [NodeID: FailureEvidence] {
    var evidence: [NodeID: FailureEvidence] = [:]
    for node in nodes {
      var empty = FailureEvidence(path: nil)
      empty.missing = machine.lastWords[node]
      evidence[node] = empty
    }
    let byHost = Dictionary(grouping: nodes) { places?[graph[$0].subject] ?? -1 }
    var open = byHost
    _ = try? fleet.ask(
      fleet.hosts.filter { byHost[$0.number] != nil },
      within: Self.patience,
      { host in byHost[host.number]?.map { .tail($0) } ?? [] },
      { host, message -> Void? in
        guard case .tail(let node, let tail) = message else { return nil }
        var found = FailureEvidence(
          path: tail.path.map { "\(host.name): \($0)" },
          isKnown: tail.isKnown,
          stderr: tail.stderr,
          stdout: tail.stdout
        )
        found.missing = tail.missing ?? machine.lastWords[node]
        found.isDiskFull = tail.isDiskFull
        evidence[node] = found
        open[host.number]?.removeAll { $0 == node }
        return open[host.number]?.isEmpty == true ? () : nil
      }
    )
    return evidence
  }

  /// Tells the hosts that the run is over or interrupted, and ends the connections.
  func finish(isOver: Bool) {
    _ = try? fleet.ask(
      fleet.reached,
      within: Self.patience,
      { _ in [.finish(isOver: isOver)] },
      { _, message -> Void? in if case .finished = message { () } else { nil } }
    )
    fleet.close()
  }
}
