package import Clock
import Glibc
import Journal
import PlanGraph
import System
import VM

/// A process of a step that still runs although the coordinator that started it is gone.
package struct LeftoverProcess: Sendable {
  /// What to wait for, or to end.
  enum Handle: Sendable {
    /// The command of a holder, by its record.
    case held(HeldCommandRecord)
    /// A process that leads a session.
    case process(ProcessIdentity)
  }

  let handle: Handle
  /// Its number.
  package let process: Int32
  /// When it started, for people; nil if that is unknown.
  package let since: String?
  /// The moment at which it started; nil if that is unknown.
  package let start: Instant?
  /// The step's name; if it is unknown, what is executed.
  package let step: String

  init(_ handle: Handle, _ process: Int32, step: String) {
    self.handle = handle
    self.process = process
    self.step = step
    let stat = ProcessStat(process)
    since = stat?.startWords
    start = stat?.start
  }
}
