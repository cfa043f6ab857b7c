import Glibc

/// The time of day for people, local: `05:21:07`.
struct WallClock {
  private var second: time_t = -1
  private var words = ""

  /// The current time, formatted at most once a second.
  mutating func text() -> String {
    var now = time(nil)
    if now == second { return words }
    var parts = tm()
    localtime_r(&now, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    words = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
    second = now
    return words
  }
}
