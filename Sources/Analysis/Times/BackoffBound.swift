import Execution
import PlanGraph

extension Retry {
  /// The sum of the longest pauses after the first failed attempt to the last that is followed by
  /// another.
  ///
  /// - Parameter isLater: whether there may have been attempts before, by which pauses have grown
  ///   already; then each is taken to be as long as they ever get.
  /// - Returns: the sum; never without a bound.
  func longestPauses(isLater: Bool) -> TimeBound {
    if isLater || high <= low { return TimeBound(max(low, high)) * count }
    var sum = TimeBound.zero
    for attempt in 1...max(count, 1) where attempt <= count {
      let pause = longestPause(after: attempt)
      // From here on they stay as they are.
      if pause >= high { return sum + TimeBound(pause) * (count - attempt + 1) }
      sum += TimeBound(pause)
    }
    return sum
  }
}
