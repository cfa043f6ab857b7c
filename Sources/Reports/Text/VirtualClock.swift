package import Clock
import Words

/// The moments of a rehearsed run, for people: the time since its beginning.
package enum VirtualClock {
  /// The time in 8 columns, flush right: `    0.0s`, `    1.5s`, `1h30m20s`; a very long one without its
  /// smaller units.
  package static func text(_ moment: Instant) -> String {
    let elapsed = moment - Instant(nanoseconds: 0)
    let seconds = elapsed.components.seconds
    var text = measured(elapsed)
    if text.utf8.count > 8 { text = "\(seconds / 3600)h\(seconds % 3600 / 60)m" }
    if text.utf8.count > 8 { text = "\(seconds / 3600)h" }
    return String(repeating: " ", count: max(0, 8 - text.utf8.count)) + text
  }
}
