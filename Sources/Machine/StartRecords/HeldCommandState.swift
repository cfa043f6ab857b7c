import CHolder
import CLinux
import Glibc
import PlanGraph
import System

/// How a held command ended, as its record says.
package enum HeldCommandEnd: Hashable, Sendable {
  /// It exited with this status.
  case exited(Int32)
  /// This signal ended it.
  case signalled(Int32)
  /// It could not be started, for this error number.
  case notStarted(Int32)
}

/// What the record of a held command says now.
package enum HeldCommandState: Hashable, Sendable {
  /// Nothing was ever started under this name. A holder may still start it, unless the record was
  /// withdrawn.
  case absent
  /// It is running: the process of the holder, or of the command if the holder was killed.
  case running(Int32)
  /// It is over; `byTimeout` if the holder ended it because it timed out.
  case ended(HeldCommandEnd, byTimeout: Bool)
  /// It was started, is not running, and it is unknown how it ended. This is also the state of a
  /// record that cannot be read, is damaged, or belongs to another command.
  case lost
}
