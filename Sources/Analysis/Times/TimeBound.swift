import Clock
import Words

/// An upper bound of a time, or no bound.
///
/// In whole nanoseconds. Anything above about 292 years counts as no bound.
package struct TimeBound: Hashable, Comparable, Sendable {
  /// `Int64.max` for no bound.
  private var nanoseconds: Int64

  private init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Makes a bound from a duration; a negative one counts as zero.
  package init(_ duration: Duration) { nanoseconds = max(0, duration.nanoseconds) }

  /// No time at all.
  package static let zero = TimeBound(nanoseconds: 0)
  /// No bound.
  package static let unbounded = TimeBound(nanoseconds: .max)

  /// The bound as a duration; nil for no bound.
  package var duration: Duration? {
    nanoseconds == .max ? nil : .nanoseconds(nanoseconds)
  }

  /// A shorter time is less.
  ///
  /// No bound is more than any time.
  package static func < (left: TimeBound, right: TimeBound) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// One after the other.
  package static func + (left: TimeBound, right: TimeBound) -> TimeBound {
    let (sum, overflow) = left.nanoseconds.addingReportingOverflow(right.nanoseconds)
    return TimeBound(nanoseconds: overflow ? .max : sum)
  }

  /// The time repeated this many times, one after the other.
  package static func * (left: TimeBound, count: Int) -> TimeBound {
    if left == .zero || count <= 0 { return .zero }
    if left == .unbounded { return left }
    let (product, overflow) = left.nanoseconds.multipliedReportingOverflow(by: Int64(count))
    return TimeBound(nanoseconds: overflow ? .max : product)
  }

  /// The time divided among this many side by side, rounded up.
  package static func / (left: TimeBound, count: Int) -> TimeBound {
    if left == .unbounded || count <= 1 { return left }
    let (whole, rest) = left.nanoseconds.quotientAndRemainder(dividingBy: Int64(count))
    return TimeBound(nanoseconds: whole + (rest == 0 ? 0 : 1))
  }

  /// Adds a time that comes after.
  package static func += (left: inout TimeBound, right: TimeBound) { left = left + right }
}

extension TimeBound {
  /// The time without the share of one out of this many equal shares, rounded up.
  package func less(oneIn count: Int) -> TimeBound {
    if self == .unbounded { return self }
    return count <= 1 ? .zero : TimeBound(nanoseconds: nanoseconds - nanoseconds / Int64(count))
  }

  /// What is left after `other` is subtracted; at least zero.
  package func less(_ other: TimeBound) -> TimeBound {
    if self == .unbounded { return self }
    return TimeBound(nanoseconds: max(0, nanoseconds - min(nanoseconds, other.nanoseconds)))
  }
}
