package import Execution
import Machine

/// A plan that somebody asks to be run, and how.
package struct RunRequest: Sendable {
  package var plan: PlanRequest
  package var selection: RunSelection
  /// How many steps at most are under way at once.
  package var parallel: Int
  package var failureMode: RunPolicy.FailureMode
  /// Who starts and stops processes, as it was written; it is kept with the run.
  package var supervisor: String
  /// Of the random pauses between attempts; nil for any.
  package var seed: UInt64?
  /// The folder of records; nil for that beneath the first machine's folder.
  package var state: String?
  /// How many records of runs stay.
  package var keep: Int
  /// How long another run that is at work on the machines is waited for.
  package var patience: Duration
  /// Whether a plan that has succeeded since the machine's boot is left alone.
  package var isOncePerBoot: Bool
  package var abandonment: Abandonment

  /// Asks for a plan to be run.
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
