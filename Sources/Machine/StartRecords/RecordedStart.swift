import CLinux
package import Clock
import Glibc
import System
import Words

/// The start of a process, as it was recorded at the time by whoever started it.
///
/// The process leads a session of its own. It is told from a later one with the same number by the
/// moment of its start, which lies between the two that were recorded (proc(5), starttime).
package struct RecordedStart: Hashable, Sendable {
  /// The boot of the machine in which it was started; see `bootIdentifier`.
  package var boot: String
  /// The moment at which the start was asked for: not later than the process began.
  package var asked: Instant
  /// The process that came of it; nil where nobody came to record one.
  package var process: Process?

  /// A process, as it was recorded.
  package struct Process: Hashable, Sendable {
    package var identifier: Int32
    /// The moment at which it was recorded: not earlier than the process began.
    package var recorded: Instant

    /// Says which process was there at which moment.
    package init(_ identifier: Int32, recorded: Instant) {
      self.identifier = identifier
      self.recorded = recorded
    }
  }

  /// Says when a start was asked for, and what came of it.
  package init(boot: String, asked: Instant, process: Process?) {
    self.boot = boot
    self.asked = asked
    self.process = process
  }

  /// Whether the process that was recorded is there and not over; a zombie is over.
  package var isAlive: Bool { living != nil }

  /// The process that was recorded; nil where it is over.
  var living: ProcessIdentity? {
    guard let process, isThisBoot(boot), let stat = ProcessStat(process.identifier),
      !stat.isDead, stat.session == stat.process, stat.start <= process.recorded,
      isPossible(stat)
    else { return nil }
    return ProcessIdentity(process: stat.process, startTime: stat.startTime)
  }

  /// Whether a process is not too old to have come of this start.
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
