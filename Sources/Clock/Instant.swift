import Words

/// A moment on the run's clock: nanoseconds since an origin; the clock never goes back.
///
/// The machine of the run chooses the origin. A live run counts from the machine's boot, including
/// time asleep (`CLOCK_BOOTTIME`).
package struct Instant: Hashable, Comparable, Sendable {
  /// Nanoseconds since the origin.
  package var nanoseconds: Int64

  /// Makes the moment this long after the origin.
  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Earlier is less.
  package static func < (left: Instant, right: Instant) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// The time from the origin to this moment.
  package var sinceOrigin: Duration { .nanoseconds(nanoseconds) }

  /// The moment `duration` later; the last representable moment if it is beyond that.
  package static func + (left: Instant, right: Duration) -> Instant {
    let (sum, overflow) = left.nanoseconds.addingReportingOverflow(right.nanoseconds)
    return Instant(nanoseconds: overflow ? .max : sum)
  }

  /// The time from `right` to `left`.
  package static func - (left: Instant, right: Instant) -> Duration {
    .nanoseconds(left.nanoseconds - right.nanoseconds)
  }
}
