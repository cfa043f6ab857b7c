import PlanGraph

/// Chooses which states of something that is checked repeatedly are reported: the first, second,
/// fourth, eighth and so on.
///
/// Hours take about twenty lines.
struct RepetitionFilter {
  private var count = 0

  /// Counts once more, and returns whether to report it.
  mutating func isWorthReporting() -> Bool {
    count += 1
    return count & (count - 1) == 0
  }
}
