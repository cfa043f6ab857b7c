import Execution
import VM

/// Starts and stops the processes of release jobs and waits until they run or are gone.
///
/// Nothing here blocks: everything happens on the loop. `terminate` and `kill` of the attempt end
/// what was started for the order itself, such as a running start program, and never a process that
/// already runs.
protocol Supervisor: AnyObject {
  /// Begins to carry out an order.
  ///
  /// - Parameters:
  ///   - order: what to do.
  ///   - ended: called once, from the loop, after this has returned: `exited(0)` if the order was
  ///     carried out, otherwise `failed` with one line for people.
  /// - Returns: the attempt, which has begun.
  func begin(
    _ order: SupervisorOrder,
    ended: @escaping (AttemptResult) -> Void
  ) -> any Attempt
}
