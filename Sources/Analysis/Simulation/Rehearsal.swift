import Clock
package import Execution
import Journal
package import PlanGraph

/// A rehearsed run: the real `Run`, driven by a virtual clock through a scenario.
package struct Rehearsal {
  /// How a rehearsal ended.
  package enum Ending: Hashable, Sendable {
    case finished(RunOutcome)
    /// Nothing more happens, but the run is not over: a step hangs that has no time limit.
    case neverEnds
    /// It was stopped after a very large number of events.
    case tooLong
  }

  package let ending: Ending
  /// The run at the end.
  package let run: Run
  /// The time that passed until the end; for a run that never ends, until the last thing that
  /// happened.
  package let elapsed: Duration
  /// Everything that happened, in order; empty if it was not kept.
  package let trace: [Simulator.Entry]

  /// The largest number of events in a rehearsal: more than any plan that people would wait for.
  private static let mostEvents: UInt32 = 20_000_000

  /// Rehearses a run.
  ///
  /// - Parameters:
  ///   - graph: of the plan.
  ///   - policy: the policy of the run.
  ///   - times: how long an attempt takes (`StepDurations.times`).
  ///   - scenario: what goes wrong.
  ///   - keepsTrace: whether to keep what happens; false if only the end matters.
  package init(
    _ graph: Graph,
    policy: RunPolicy,
    times: Table<NodeID, Duration>,
    scenario: Scenario = Scenario(),
    keepsTrace: Bool = true
  ) {
    var simulator = Simulator(graph, scenario.world(graph, times), keepsTrace: keepsTrace)
    var run = GatedRun(Run(graph, policy: policy))
    let outcome = simulator.drive(&run, most: Self.mostEvents)
    self.run = run.run
    trace = simulator.trace
    elapsed = simulator.now.sinceOrigin
    if let outcome {
      ending = .finished(outcome)
    } else {
      ending = run.eventCount >= Self.mostEvents ? .tooLong : .neverEnds
    }
  }

  /// The exit status that the run would have; nil if it never ends.
  package var exitStatus: Int32? {
    switch ending {
    case .finished(.succeeded): 0
    case .finished(.failed): 1
    case .finished(.cancelled(let signal)): 128 + signal
    case .neverEnds, .tooLong: nil
    }
  }

  /// The steps that are under way in a run that never ends; ascending.
  package var hanging: [NodeID] {
    run.graph.nodes.indices
      .filter { run.graph[$0].kind == .step && run[$0] == .running }
  }
}

extension Run {
  /// The steps that a failed node, or the end of a block, kept from starting; ascending.
  package func stepsBlocked(by node: NodeID) -> [NodeID] {
    var found: [NodeID] = []
    var seen: Set<NodeID> = []
    var stack = [node]
    while let current = stack.popLast() {
      for next in graph.successors(current) {
        let isThrough = graph[next].kind == .blockEnd && !self[next].isPassed
        // A node that had passed before the run was resumed still blocks what comes after it.
        let isKept = kept[next] != nil
        guard self[next] == .blocked || isThrough || isKept, seen.insert(next).inserted else {
          continue
        }
        stack.append(next)
        if graph[next].kind == .step, self[next] == .blocked { found.append(next) }
      }
    }
    return found.sorted()
  }

  /// Whether a step was never started although nothing passed it over.
  ///
  /// Steps of handlers that were not entered do not count.
  package func isUnstarted(_ node: NodeID) -> Bool {
    guard graph[node].kind == .step, attempts(of: node) == 0 else { return false }
    switch self[node] {
    case .waiting, .asking, .queued, .admitted, .blocked, .cancelled: break
    case .running, .backingOff, .succeeded, .skipped, .failed, .failedOptional: return false
    }
    for block in graph.blocks(around: node) {
      if isHandler(block) { return isEntered(block) }
    }
    return true
  }

  /// The handlers that were entered, ascending.
  package var enteredHandlers: [BlockID] {
    graph.blocks.indices.filter { isHandler($0) && isEntered($0) }
  }
}
