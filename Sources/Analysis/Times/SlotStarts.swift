import Clock
import Execution
import PlanGraph

/// When steps start if there may be too few slots: at the moments at which a rehearsed run starts
/// them.
struct SlotStarts {
  /// A start, and the step whose end led to it; nil at the beginning.
  struct Start {
    var moment: Duration
    var giver: NodeID?
  }

  /// The starts of steps; those that never start are missing.
  private(set) var starts: [NodeID: Start] = [:]

  /// Rehearses the run.
  ///
  /// - Parameters:
  ///   - graph: of the plan.
  ///   - durations: how long the step takes, whatever its timeout.
  ///   - leftOut: steps that are skipped.
  ///   - parallel: how many may be under way at once.
  init(_ graph: Graph, _ durations: Table<NodeID, Duration>, _ leftOut: Set<NodeID>, parallel: Int)
  {
    var unbounded = graph
    for step in unbounded.steps.indices where unbounded.steps[step].timeout != nil {
      unbounded.steps[step].change { $0.timeout = nil }
    }
    for block in unbounded.blockTemplates.indices { unbounded.blockTemplates[block].timeout = nil }
    var policy = RunPolicy(parallel: parallel)
    for node in leftOut { policy.passedOver[node] = .notChosen }
    let rehearsal = Rehearsal(unbounded, policy: policy, times: durations)
    // Between an end and the starts that it leads to, a condition may be asked. That takes no time.
    var giver: (node: NodeID, moment: Instant)?
    for entry in rehearsal.trace {
      guard case .event(let event, let decided) = entry.occurrence else { continue }
      if case .ended(let node, _, _) = event { giver = (node, entry.moment) }
      for case .start(let node, _, _) in decided {
        starts[node] = Start(
          moment: entry.moment.sinceOrigin,
          giver: giver.flatMap { $0.moment == entry.moment ? $0.node : nil }
        )
      }
    }
  }
}
