/// The forms in which a duration is written. All of them cut off what they do not show.
extension Duration {
  /// As a plan writes it, so that the parser reads the same duration: `250ms`, `1500ms`, `1h30m`.
  ///
  /// A plan cannot say less than a millisecond.
  package var planText: String {
    let (seconds, attoseconds) = components
    let milliseconds = attoseconds / Self.attosecondsOfAMillisecond
    if seconds > 0, milliseconds > 0 { return "\(seconds * 1000 + milliseconds)ms" }
    return forPeople
  }

  /// For people, exact below a minute and to the second above: `250ms`, `1.5s`, `30s`, `5m`,
  /// `1h30m`.
  package var forPeople: String {
    let (seconds, attoseconds) = components
    let milliseconds = attoseconds / Self.attosecondsOfAMillisecond
    if seconds == 0 { return milliseconds == 0 ? "0s" : "\(milliseconds)ms" }
    if seconds < 60 {
      let fraction = Self.decimals(milliseconds, of: 3, isShort: true)
      return "\(seconds)\(fraction)s"
    }
    let hours = seconds / 3600
    let minutes = seconds % 3600 / 60
    let rest = seconds % 60
    return (hours > 0 ? "\(hours)h" : "") + (minutes > 0 ? "\(minutes)m" : "")
      + (rest > 0 ? "\(rest)s" : "")
  }

  /// As a measurement, to a tenth of a second: `0.3s`, `12.0s`, `3m20s`.
  package var measured: String {
    let (seconds, attoseconds) = components
    if seconds >= 60 { return forPeople }
    return "\(seconds).\(attoseconds / 100_000_000_000_000_000)s"
  }

  /// As a measurement, flush right in a column of 8: `    0.3s`, `   3m20s`.
  ///
  /// One too long for the column loses its smaller units: `1000h20m`.
  package var measuredColumn: String {
    let seconds = components.seconds
    var text = measured
    if text.utf8.count > 8 { text = "\(seconds / 3600)h\(seconds % 3600 / 60)m" }
    if text.utf8.count > 8 { text = "\(seconds / 3600)h" }
    return flushRight(text, in: 8)
  }

  /// As a number of seconds with the decimals that it needs, nine at most: `-0.25`, `12`.
  package var decimalSeconds: String { seconds(isShort: true) }

  /// As a number of seconds with nine decimals, as the journal writes moments: `12.500000000`.
  package var nanosecondSeconds: String { seconds(isShort: false) }

  private static let attosecondsOfAMillisecond: Int64 = 1_000_000_000_000_000

  private func seconds(isShort: Bool) -> String {
    let (seconds, attoseconds) = components
    let sign = seconds < 0 || attoseconds < 0 ? "-" : ""
    let nanoseconds = Int64(attoseconds.magnitude / 1_000_000_000)
    return "\(sign)\(seconds.magnitude)\(Self.decimals(nanoseconds, of: 9, isShort: isShort))"
  }

  /// A decimal point and this many digits; where short, without zeros at the end.
  private static func decimals(_ number: Int64, of count: Int, isShort: Bool) -> String {
    if isShort, number == 0 { return "" }
    var digits = padded(number, to: count)
    while isShort, digits.utf8.last == UInt8(ascii: "0") { digits.removeLast() }
    return "." + digits
  }
}
