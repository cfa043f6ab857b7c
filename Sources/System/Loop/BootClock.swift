import CLinux
package import Clock
import Glibc

extension Instant {
  /// The present moment: time since the machine's boot, time asleep included, which no setting of
  /// the wall clock changes (`CLOCK_BOOTTIME`).
  package static var now: Instant {
    var time = timespec()
    // The clock is there since Linux 2.6.39 and the pointer is good: nothing can fail.
    clock_gettime(CLOCK_BOOTTIME, &time)
    return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}
