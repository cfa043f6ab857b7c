import Clock
import Execution
package import PlanGraph

/// What is made up about a run that is only imagined: how attempts go, and who stops it when.
package struct Scenario: Sendable {
  /// What becomes of an attempt.
  package enum Effect: Hashable, Sendable {
    /// It fails in the way that is usual for what the step does.
    case fails
    /// It ends with this exit status.
    case exits(Int32)
    /// It is ended by this signal, which is not ours.
    case dies(Int32)
    /// It does not end by itself; a TERM ends it.
    case hangs
    /// It does not end by itself, and takes no notice of a TERM; a KILL ends it.
    case isStuck
    /// It takes that long.
    case takes(Duration)
  }

  /// What becomes of some attempts of some steps.
  package struct Change: Hashable, Sendable {
    package var nodes: Set<NodeID>
    package var effect: Effect
    /// Counted from 1, those before a retry of a block around the step included; empty for all.
    package var attempts: Set<Int>

    /// Makes a change.
    package init(_ nodes: some Sequence<NodeID>, _ effect: Effect, attempts: Set<Int> = []) {
      self.nodes = Set(nodes)
      self.effect = effect
      self.attempts = attempts
    }
  }

  /// In their order: of two that say the same thing of an attempt the later one counts.
  package var changes: [Change] = []
  /// The nodes (steps, and the beginnings of blocks) whose conditions do not hold when the machine is
  /// asked; all others do.
  package var refused: Set<NodeID> = []
  /// When somebody asks the run to stop, counted from its beginning, and by which signal.
  package var cancellations: [(after: Duration, signal: Int32)] = []

  /// Makes a scenario in which all goes well.
  package init() {}

  /// The world of it.
  ///
  /// - Parameters:
  ///   - graph: of the plan.
  ///   - times: how long an attempt takes.
  /// - Returns: the world.
  func world(_ graph: Graph, _ times: Table<NodeID, Duration>) -> Simulator.World {
    var byNode: [NodeID: [Change]] = [:]
    for change in changes {
      for node in change.nodes { byNode[node, default: []].append(change) }
    }
    return Simulator.World(
      attempt: { node, number in
        var attempt = SimulatedAttempt(duration: times[node], result: .exited(0))
        for change in byNode[node] ?? []
        where change.attempts.isEmpty || change.attempts.contains(number) {
          change.effect.apply(to: &attempt, of: graph.step(node)?.action)
        }
        return attempt
      },
      answer: { node, _ in !refused.contains(node) },
      cancellations: cancellations.map { (Instant(nanoseconds: 0) + $0.after, $0.signal) }
    )
  }
}

extension Scenario.Effect {
  fileprivate func apply(to attempt: inout SimulatedAttempt, of action: StepAction?) {
    switch self {
    case .fails:
      switch action {
      // It asks until its time is over.
      case .wait: attempt.duration = nil
      case .script, .run, nil: attempt.result = .exited(1)
      case .start: attempt.result = .failed("its processes do not run")
      case .stop: attempt.result = .failed("its processes are not gone")
      case .startUnits: attempt.result = .failed("its units are not active")
      case .stopUnits: attempt.result = .failed("its units are still active")
      case .unmonitor, .drain: attempt.result = .failed("it fails")
      }
    case .exits(let status): attempt.result = .exited(status)
    case .dies(let signal): attempt.result = .signalled(signal)
    case .hangs: attempt.duration = nil
    case .isStuck:
      attempt.duration = nil
      attempt.lingers = nil
    case .takes(let duration): attempt.duration = duration
    }
  }
}

extension StepDurations {
  /// By node, how long an attempt is taken to take: what is known, else the standard; for a start of
  /// which nothing is known the time that its processes have to stay up on top.
  package func times(in graph: Graph) -> Table<NodeID, Duration> {
    let known = known(in: graph)
    let times = graph.nodes.indices.map { node -> Duration in
      if let known = known[node] { return known }
      guard let step = graph.step(node) else { return .zero }
      return step.action.isStart ? standard + step.settle : standard
    }
    return Table(times)
  }
}
