package import Execution
import Machine

/// A request to run a plan.
package struct RunRequest: Sendable {
  package var plan: PlanRequest
  package var selection: RunSelection
  /// How many steps may run at once.
  package var parallel: Int
  package var failureMode: RunPolicy.FailureMode
  /// The supervisor as written.
  ///
  /// It is recorded with the run.
  package var supervisor: String
  /// The seed of random pauses between attempts; nil for any.
  package var seed: UInt64?
  /// The folder of records; nil for the one in the first machine's folder.
  package var state: String?
  /// How many records of runs to keep.
  package var keep: Int
  /// How long to wait for another active run on the machines.
  package var patience: Duration
  /// Whether to skip a plan that has succeeded since the machine's boot.
  package var isOncePerBoot: Bool
  package var abandonment: Abandonment

  /// Makes a request to run a plan.
  package init(_ plan: PlanRequest) {
    self.plan = plan
    selection = RunSelection()
    parallel = RunPolicy.defaultParallel
    failureMode = .finish
    supervisor = "auto"
    keep = RunStore.defaultKeep
    patience = .zero
    isOncePerBoot = false
    abandonment = Abandonment()
  }
}
