import CLinux
package import Clock
import Glibc
import System
import Words

/// The start of a process, as its coordinator recorded it at the time.
///
/// The process leads its own session. It is distinguished from a later one with the same number by
/// its start time, which lies between the two recorded moments (proc(5), starttime).
package struct RecordedStart: Hashable, Sendable {
  /// The boot of the machine in which it was started; see `bootIdentifier`.
  package var boot: String
  /// When the start was requested: not later than the process began.
  package var asked: Instant
  /// The process that was started; nil if none was recorded.
  package var process: Process?

  /// A process, as it was recorded.
  package struct Process: Hashable, Sendable {
    package var identifier: Int32
    /// When it was recorded: not earlier than the process began.
    package var recorded: Instant

    /// Describes which process was seen at which moment.
    package init(_ identifier: Int32, recorded: Instant) {
      self.identifier = identifier
      self.recorded = recorded
    }
  }

  /// Describes when a start was requested, and which process it led to.
  package init(boot: String, asked: Instant, process: Process?) {
    self.boot = boot
    self.asked = asked
    self.process = process
  }

  /// Whether the recorded process is still alive; a zombie is not.
  package var isAlive: Bool { living != nil }

  /// The recorded process; nil if it is over.
  var living: ProcessIdentity? {
    guard let process, isThisBoot(boot), let stat = ProcessStat(process.identifier),
      !stat.isDead, stat.session == stat.process, stat.start <= process.recorded,
      isPossible(stat)
    else { return nil }
    return ProcessIdentity(process: stat.process, startTime: stat.startTime)
  }

  /// Whether a process is not too old to come from this start.
  func isPossible(_ stat: ProcessStat) -> Bool { stat.start + ProcessStat.tick > asked }
}

extension ProcessStat {
  /// The unit of `startTime`.
  static let tick = Duration.nanoseconds(1_000_000_000 / Int64(sysconf(Int32(_SC_CLK_TCK))))

  /// The moment at which it started, or up to a tick earlier.
  var start: Instant {
    let (product, overflow) = Int64(truncatingIfNeeded: startTime)
      .multipliedReportingOverflow(by: Self.tick.nanoseconds)
    return Instant(nanoseconds: overflow ? .max : product)
  }
}
