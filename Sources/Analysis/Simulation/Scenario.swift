import Clock
import Execution
package import PlanGraph

/// What is made up for a rehearsed run: the course of attempts, and when someone stops the run.
package struct Scenario: Sendable {
  /// What happens to an attempt.
  package enum Effect: Hashable, Sendable {
    /// It fails in the way that is usual for the step's action.
    case fails
    /// It ends with this exit status.
    case exits(Int32)
    /// A signal ends it that Lockstep did not send.
    case dies(Int32)
    /// It does not end by itself; TERM ends it.
    case hangs
    /// It does not end by itself and ignores TERM; KILL ends it.
    case isStuck
    /// It takes this long.
    case takes(Duration)
  }

  /// What happens to some attempts of some steps.
  package struct Change: Hashable, Sendable {
    package var nodes: Set<NodeID>
    package var effect: Effect
    /// Counted from 1, across retries of the blocks around the step; empty for all.
    package var attempts: Set<Int>

    /// Makes a change.
    package init(_ nodes: some Sequence<NodeID>, _ effect: Effect, attempts: Set<Int> = []) {
      self.nodes = Set(nodes)
      self.effect = effect
      self.attempts = attempts
    }
  }

  /// In order: if two are about the same attempt, the later one counts.
  package var changes: [Change] = []
  /// The nodes (steps, and begins of blocks) whose conditions do not hold when the machine is
  /// asked.
  ///
  /// All other conditions hold.
  package var refused: Set<NodeID> = []
  /// When someone asks the run to stop, counted from its beginning, and with which signal.
  package var cancellations: [(after: Duration, signal: Int32)] = []

  /// Makes a scenario in which nothing goes wrong.
  package init() {}

  /// The simulated world for this scenario.
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
      // It keeps asking until it times out.
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
  /// The assumed time of an attempt at each node: the known time, or else the standard.
  ///
  /// If nothing is known of a start, its settle time is added to the standard.
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
