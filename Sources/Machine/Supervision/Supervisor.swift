import Execution
import VM

/// Starts and stops the processes of release jobs and waits until they run or are gone.
///
/// Nothing here waits: all of it happens on the loop. `terminate` and `kill` of the attempt end what
/// was started for the order itself, such as a start program under way, and never a process that
/// already runs.
protocol Supervisor: AnyObject {
  /// Begins to carry out an order.
  ///
  /// - Parameters:
  ///   - order: what to do.
  ///   - ended: called once, from the loop, not before this has returned: `exited(0)` when it came
  ///     about, `failed` with one line for people otherwise.
  /// - Returns: the attempt, which is under way.
  func begin(
    _ order: SupervisorOrder,
    ended: @escaping (AttemptResult) -> Void
  ) -> any Attempt
}
