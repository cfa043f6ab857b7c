package import Clock
import Glibc
import Journal
import PlanGraph
import System
import VM

/// A process of a step that goes on although whoever started it is gone.
package struct LeftoverProcess: Sendable {
  /// What is waited for, and can be ended.
  enum Handle: Sendable {
    /// The command of a holder, by its record.
    case held(HeldCommandRecord)
    /// A process that leads a session.
    case process(ProcessIdentity)
  }

  let handle: Handle
  /// Its number.
  package let process: Int32
  /// When it started, for people; nil where that cannot be told.
  package let since: String?
  /// The moment at which it started; nil where that cannot be told.
  package let start: Instant?
  /// The step's name; for want of it what is executed.
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
