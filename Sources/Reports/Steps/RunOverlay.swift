package import Execution
package import PlanGraph
import Words

/// What happened to the steps of a plan in a recorded run, to show it on a picture of the plan.
package struct RunOverlay: Sendable {
  /// What happened to one step.
  package struct Step: Hashable, Sendable {
    package var state: NodeState
    /// How many attempts were started.
    package var attempts: Int
    /// From the start of its first attempt to the end of its last, pauses and interruptions of the
    /// run included; nil if it did not both start and end.
    package var duration: Duration?
    /// Since the beginning of the run; nil if it never started.
    package var started: Duration?
    /// Why it failed; nil if it did not.
    package var failure: String?

    /// Makes what happened to a step.
    package init(
      state: NodeState,
      attempts: Int = 0,
      duration: Duration? = nil,
      started: Duration? = nil,
      failure: String? = nil
    ) {
      self.state = state
      self.attempts = attempts
      self.duration = duration
      self.started = started
      self.failure = failure
    }
  }

  /// The run's name.
  package var run: String
  /// How it ended, or that it did not: `succeeded`, `failed`, `cancelled`, `not ended`.
  package var outcome: String
  /// Whether the plan has changed since the run.
  package var isOfChangedPlan: Bool
  /// Whether today's machines give other steps than the run had, so that steps are matched by name.
  package var isMatchedByNames: Bool
  /// How many steps of the run the plan no longer has.
  package var gone: Int
  /// By step; steps that the run did not have are missing.
  package var steps: [NodeID: Step]

  /// Makes an overlay.
  package init(
    run: String,
    outcome: String,
    isOfChangedPlan: Bool = false,
    isMatchedByNames: Bool,
    gone: Int,
    steps: [NodeID: Step]
  ) {
    self.run = run
    self.outcome = outcome
    self.isOfChangedPlan = isOfChangedPlan
    self.isMatchedByNames = isMatchedByNames
    self.gone = gone
    self.steps = steps
  }

  /// The state of several steps as one: the worst of them.
  package func state(of nodes: [NodeID]) -> NodeState? {
    let order: [NodeState] = [
      .failed, .running, .backingOff, .asking, .admitted, .queued, .cancelled, .blocked,
      .failedOptional, .waiting, .succeeded, .skipped,
    ]
    let states = Set(nodes.compactMap { steps[$0]?.state })
    return order.first { states.contains($0) }
  }

  /// One line about the run, for a heading.
  package var words: String {
    var words = "run \(run): \(outcome)"
    if isOfChangedPlan {
      words += "; the plan has changed since, this shows what the run had"
    }
    if isMatchedByNames {
      words += "; steps are matched by name with today's release jobs"
      if gone > 0 { words += " (\(counted(gone, "step")) of the run no longer there)" }
    }
    return words
  }

  /// One line about a step; nil if the run did not have it.
  package func words(_ node: NodeID) -> String? {
    guard let step = steps[node] else { return isMatchedByNames ? "not part of that run" : nil }
    var words = step.state.plainWords
    if let duration = step.duration { words += " after \(duration.measured)" }
    if step.attempts > 1 { words += ", \(step.attempts) attempts" }
    if let failure = step.failure { words += ": \(failure)" }
    return words
  }
}

extension NodeState {
  /// Words for it that end a sentence.
  package var plainWords: String {
    switch self {
    case .waiting, .blocked: "not started"
    case .asking: "its condition is being checked"
    case .queued, .admitted: "ready to start"
    case .running: "under way"
    case .backingOff: "between two attempts"
    case .succeeded: "succeeded"
    case .skipped: "skipped"
    case .failed: "failed"
    case .failedOptional: "failed, optional"
    case .cancelled: "cancelled"
    }
  }
}
