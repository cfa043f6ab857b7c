/// A duration as a plan would say it, such as `1h30m` or `250ms`.
///
/// What is less than a millisecond is left out: no plan can say it.
package func planText(_ duration: Duration) -> String {
  let (seconds, attoseconds) = duration.components
  let milliseconds = attoseconds / 1_000_000_000_000_000
  if seconds == 0 { return milliseconds == 0 ? "0s" : "\(milliseconds)ms" }
  if milliseconds > 0 { return "\(seconds * 1000 + milliseconds)ms" }
  let (hours, minutes, rest) = (seconds / 3600, seconds % 3600 / 60, seconds % 60)
  return (hours > 0 ? "\(hours)h" : "") + (minutes > 0 ? "\(minutes)m" : "")
    + (rest > 0 ? "\(rest)s" : "")
}
