package import PlanGraph

/// The choices of the person who starts a run.
package struct RunPolicy: Hashable, Sendable {
  /// What a step's final failure does to the rest of the run.
  package enum FailureMode: String, Sendable, CaseIterable {
    /// Everything that does not depend on the step still runs, as in BOSH.
    case finish
    /// Running steps finish; nothing else starts.
    case stop
    /// Running steps are asked to end; nothing else starts.
    case abort
  }

  /// Why a step of the plan is skipped from the start.
  package enum PassOver: String, Hashable, Sendable {
    /// The command line leaves it out.
    case notChosen = "not-chosen"
    /// It succeeded in the run that this one continues.
    case succeededBefore = "succeeded-before"

    /// The reason, for people.
    package var words: String {
      switch self {
      case .notChosen: "left out on the command line"
      case .succeededBefore: "succeeded in the run before"
      }
    }
  }

  /// The largest number of steps that run at once; at least 1.
  ///
  /// BOSH has no such limit.
  package var parallel: Int
  package var failureMode: FailureMode
  /// The seed of the random pauses between attempts.
  package var seed: UInt64
  /// The steps that are left out; they count as skipped.
  package var passedOver: [NodeID: PassOver] = [:]

  /// The default of `parallel`.
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
