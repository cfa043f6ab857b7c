import PlanGraph

/// Which of the states of something that is looked at again and again are worth a line: the first, the
/// second, the fourth, the eighth … time, so that hours take some twenty lines.
struct RepetitionFilter {
  private var count = 0

  /// Counts; whether this time is one of them.
  mutating func isWorthReporting() -> Bool {
    count += 1
    return count & (count - 1) == 0
  }
}
