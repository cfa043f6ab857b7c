import Clock
import Words

/// An upper bound of a time, or that there is none.
///
/// In whole nanoseconds; what would be beyond some 292 years counts as no bound.
package struct TimeBound: Hashable, Comparable, Sendable {
  /// `Int64.max` for none.
  private var nanoseconds: Int64

  private init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Makes the bound that a duration is, never less than nothing.
  package init(_ duration: Duration) { nanoseconds = max(0, duration.nanoseconds) }

  /// No time at all.
  package static let zero = TimeBound(nanoseconds: 0)
  /// No bound.
  package static let unbounded = TimeBound(nanoseconds: .max)

  /// The bound as a duration; nil where there is none.
  package var duration: Duration? {
    nanoseconds == .max ? nil : .nanoseconds(nanoseconds)
  }

  /// Less is a shorter time; none is more than any.
  package static func < (left: TimeBound, right: TimeBound) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// One after the other.
  package static func + (left: TimeBound, right: TimeBound) -> TimeBound {
    let (sum, overflow) = left.nanoseconds.addingReportingOverflow(right.nanoseconds)
    return TimeBound(nanoseconds: overflow ? .max : sum)
  }

  /// So many times, one after the other.
  package static func * (left: TimeBound, count: Int) -> TimeBound {
    if left == .zero || count <= 0 { return .zero }
    if left == .unbounded { return left }
    let (product, overflow) = left.nanoseconds.multipliedReportingOverflow(by: Int64(count))
    return TimeBound(nanoseconds: overflow ? .max : product)
  }

  /// Shared by so many side by side, rounded up.
  package static func / (left: TimeBound, count: Int) -> TimeBound {
    if left == .unbounded || count <= 1 { return left }
    let (whole, rest) = left.nanoseconds.quotientAndRemainder(dividingBy: Int64(count))
    return TimeBound(nanoseconds: whole + (rest == 0 ? 0 : 1))
  }

  /// Adds what comes after.
  package static func += (left: inout TimeBound, right: TimeBound) { left = left + right }
}

extension TimeBound {
  /// Less the part that each of so many who share it alike would have, rounded up.
  package func less(oneIn count: Int) -> TimeBound {
    if self == .unbounded { return self }
    return count <= 1 ? .zero : TimeBound(nanoseconds: nanoseconds - nanoseconds / Int64(count))
  }

  /// What is left where `other` is taken away; at least nothing.
  package func less(_ other: TimeBound) -> TimeBound {
    if self == .unbounded { return self }
    return TimeBound(nanoseconds: max(0, nanoseconds - min(nanoseconds, other.nanoseconds)))
  }
}
