import Clock
package import Execution
import Journal
package import PlanGraph

/// A run that is only imagined: the real `Run`, driven by a virtual clock through a scenario.
package struct Rehearsal {
  /// How it came to an end.
  package enum Ending: Hashable, Sendable {
    case finished(RunOutcome)
    /// Nothing more happens, and it is not over: a step hangs that nothing bounds.
    case neverEnds
    /// It was given up after very many events.
    case tooLong
  }

  package let ending: Ending
  /// The run as it was then.
  package let run: Run
  /// How much time had passed by then; where it never ends, until the last thing that happened.
  package let elapsed: Duration
  /// Everything that happened, in order; empty where it was not kept.
  package let trace: [Simulator.Entry]

  /// How many events a rehearsal has at most: more than any plan that people would wait for.
  private static let mostEvents: UInt32 = 20_000_000

  /// Rehearses a run.
  ///
  /// - Parameters:
  ///   - graph: of the plan.
  ///   - policy: as for a run.
  ///   - times: by node, how long an attempt takes (`StepDurations.times`).
  ///   - scenario: what happens otherwise.
  ///   - keepsTrace: whether what happens is to be kept, or only the end matters.
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

  /// The exit status that the run would have; nil where it has none, as it never ends.
  package var exitStatus: Int32? {
    switch ending {
    case .finished(.succeeded): 0
    case .finished(.failed): 1
    case .finished(.cancelled(let signal)): 128 + signal
    case .neverEnds, .tooLong: nil
    }
  }

  /// The steps that are under way where it never ends; ascending.
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
        // What had passed before the run went on keeps back what comes after it all the same.
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

  /// Whether a step was never started, although nothing passed it over; steps of handlers that were
  /// not entered are none of those.
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
