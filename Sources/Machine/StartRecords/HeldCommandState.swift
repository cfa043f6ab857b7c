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
  /// Nothing was ever started under this name. A holder may still be on the way to it, unless it was
  /// withdrawn.
  case absent
  /// It is under way: the process of the holder, or of the command where the holder was killed.
  case running(Int32)
  /// It is over; `byTimeout` where the holder ended it because its time was over.
  case ended(HeldCommandEnd, byTimeout: Bool)
  /// It was started, it is not under way, and nobody can tell how it ended. So says also a record that
  /// cannot be read, is damaged, or is another's.
  case lost
}
