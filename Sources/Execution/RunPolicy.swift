package import PlanGraph

/// What the person who starts a run decides about it.
package struct RunPolicy: Hashable, Sendable {
  /// What a step's final failure does to the rest of the run.
  package enum FailureMode: String, Sendable, CaseIterable {
    /// Whatever does not depend on it still runs, as in BOSH.
    case finish
    /// What is under way ends; nothing else starts.
    case stop
    /// What is under way is asked to end; nothing else starts.
    case abort
  }

  /// Why a step is passed over although the plan has it.
  package enum PassOver: String, Hashable, Sendable {
    /// The command line leaves it out.
    case notChosen = "not-chosen"
    /// It has succeeded in the run that this one goes on from.
    case succeededBefore = "succeeded-before"

    /// The reason, for people.
    package var words: String {
      switch self {
      case .notChosen: "left out on the command line"
      case .succeededBefore: "succeeded in the run before"
      }
    }
  }

  /// How many steps at most are under way at once; at least 1.
  ///
  /// BOSH has no such limit.
  package var parallel: Int
  package var failureMode: FailureMode
  /// Where the random pauses between attempts come from.
  package var seed: UInt64
  /// The steps that are passed over; they count as skipped.
  package var passedOver: [NodeID: PassOver] = [:]

  /// The `parallel` of a run that says nothing.
  package static let defaultParallel = 256

  /// Makes a policy.
  package init(
    parallel: Int = defaultParallel,
    failureMode: FailureMode = .finish,
    seed: UInt64 = 0
  ) {
    self.parallel = max(1, parallel)
    self.failureMode = failureMode
    self.seed = seed
  }
}
