import Clock
package import PlanGraph
import Words

extension Retry {
  /// The pause after a failed attempt (counted from 1).
  ///
  /// It is `low` if the bounds are equal; else it is random, between `low` and `low` doubled that
  /// many times, at most `high`.
  ///
  /// The same seed, node and attempt always give the same pause.
  package func pause(after attempt: Int, of node: NodeID, seed: UInt64) -> Duration {
    let least = low.nanoseconds
    guard high.nanoseconds > least else { return low }
    let span = UInt64(longestPause(after: attempt).nanoseconds - least)
    if span == 0 { return low }
    let attempted = UInt64(UInt32(truncatingIfNeeded: attempt))
    let random = mixed(seed &+ (UInt64(node.index) << 32 | attempted))
    return .nanoseconds(least + Int64(random % (span + 1)))
  }

  /// The longest possible pause after a failed attempt (counted from 1).
  package func longestPause(after attempt: Int) -> Duration {
    let least = low.nanoseconds
    let most = high.nanoseconds
    guard most > least else { return low }
    var bound = max(least, 1)
    for _ in 0..<min(attempt, 63) where bound < most {
      let (doubled, overflow) = bound.multipliedReportingOverflow(by: 2)
      bound = overflow ? most : min(doubled, most)
    }
    return .nanoseconds(bound)
  }

  /// Whether the retry applies to a failure of this kind.
  func covers(_ failure: StepFailure) -> Bool {
    if only.isEmpty { return failure != .cancelled && failure != .lost }
    switch failure {
    case .exited(let status): return only.contains(.exit(Int(status)))
    case .signalled: return only.contains(.signal)
    case .timedOut: return only.contains(.timeout)
    case .cancelled, .failed, .lost: return false
    }
  }
}

/// The finalizer of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): every bit of the input moves
/// about half the bits of the output.
private func mixed(_ value: UInt64) -> UInt64 {
  var z = value &+ 0x9E37_79B9_7F4A_7C15
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return z ^ (z >> 31)
}
