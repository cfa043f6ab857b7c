import Execution
import PlanGraph

extension Retry {
  /// The sum of the longest possible pauses: after each failed attempt that is followed by another
  /// attempt.
  ///
  /// - Parameter isLater: whether there may have been earlier attempts, so that pauses have grown
  ///   already. Then each pause counts as the longest possible.
  /// - Returns: the sum, which always has a bound.
  func longestPauses(isLater: Bool) -> TimeBound {
    if isLater || high <= low { return TimeBound(max(low, high)) * count }
    var sum = TimeBound.zero
    for attempt in 1...max(count, 1) where attempt <= count {
      let pause = longestPause(after: attempt)
      // From here on the pauses stay the same.
      if pause >= high { return sum + TimeBound(pause) * (count - attempt + 1) }
      sum += TimeBound(pause)
    }
    return sum
  }
}
