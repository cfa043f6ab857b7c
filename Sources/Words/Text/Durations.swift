/// A duration as people read it in a plan: `250ms`, `1.5s`, `30s`, `5m`, `1h30m`.
package func shown(_ duration: Duration) -> String {
  let (seconds, attoseconds) = duration.components
  let milliseconds = attoseconds / 1_000_000_000_000_000
  if seconds == 0 { return milliseconds == 0 ? "0s" : "\(milliseconds)ms" }
  if seconds < 60 {
    if milliseconds == 0 { return "\(seconds)s" }
    var fraction = String(milliseconds)
    while fraction.utf8.count < 3 { fraction = "0" + fraction }
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return "\(seconds).\(fraction)s"
  }
  let hours = seconds / 3600
  let minutes = seconds % 3600 / 60
  let rest = seconds % 60
  return (hours > 0 ? "\(hours)h" : "") + (minutes > 0 ? "\(minutes)m" : "")
    + (rest > 0 ? "\(rest)s" : "")
}

/// A measured duration, to a tenth of a second: `0.3s`, `12.0s`, `3m20s`.
package func measured(_ duration: Duration) -> String {
  let (seconds, attoseconds) = duration.components
  if seconds >= 60 { return shown(.seconds(seconds)) }
  let tenths = attoseconds / 100_000_000_000_000_000
  return "\(seconds).\(tenths)s"
}
