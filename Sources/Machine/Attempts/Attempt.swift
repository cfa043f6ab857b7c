import Clock
import Execution
import Glibc
import System
import VM

/// One running attempt of a step.
///
/// It reports its end once, through what it was made with; after `terminate` or `kill` only when
/// nothing is left that it was asked to end.
protocol Attempt: AnyObject {
  /// Asks it to end.
  func terminate()
  /// Ends it.
  func kill()
  /// Ends it without waiting or reporting, because we are about to leave.
  func abandon()
}

extension AttemptResult {
  /// What the end of an attempt's process means for the attempt.
  init(_ end: ProcessEnd) {
    switch end {
    case .exited(let status): self = .exited(status)
    case .signalled(let number): self = .signalled(number)
    case .unknown(let reason): self = .failed(reason)
    }
  }
}
