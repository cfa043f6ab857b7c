// Durations.
extension TreeParser {
  mutating func expectDuration(_ word: String) -> DurationValue {
    // The message is built only if there is a mistake, because this runs for every duration.
    func expected() -> String { "a duration such as 30s or 1h30m after '\(word)'" }
    if token.kind == .equal && !beginsLine {
      unexpected(
        "unexpected '=' after '\(word)'",
        fixIt: .remove(token.span)
      )
      advance()
    }
    let span = token.span
    switch token.kind {
    case .duration:
      return take(durationValue(span)).map { .literal($0, span) } ?? .param(Name("", gap))
    case .param:
      return .param(takeParam())
    case .int where !beginsLine:
      bareNumber(expected())
      return .param(Name("", gap))
    case .badNumber, .version, .percent, .string, .quoted:
      guard !beginsLine else { break }
      wrongDuration(expected())
      return .param(Name("", gap))
    default: break
    }
    return missingValue(expected()) { .param($0) }
  }

  /// Reports `30` instead of a duration, perhaps with a unit after a blank.
  private mutating func bareNumber(_ expected: String) {
    let span = token.span
    let number = text(span)
    let next = peek()
    let unit =
      next.kind == .name && next.span.start - span.end <= 8 ? unit(text(next.span)) : nil
    let whole = unit == nil ? span : span.union(next.span)
    let written = number + (unit ?? "s")
    report(
      .invalidNumber,
      at: whole,
      unit == nil
        ? "expected \(expected), found '\(shown(span))' without a unit (ms, s, m or h)"
        : "write a duration as one word: '\(shown(written: written))'",
      fixIt: Diagnostic.FixIt("write '\(shown(written: written))'", replacing: whole, with: written)
    )
    advance()
    if unit != nil { advance() }
  }

  private func shown(written: String) -> String {
    written.utf8.count <= 40 ? written : String(written.prefix(40)) + "…"
  }

  private func unit(_ word: String) -> String? {
    switch word {
    case "ms", "msec", "msecs", "millis", "milliseconds": "ms"
    case "s", "sec", "secs", "second", "seconds": "s"
    case "m", "min", "mins", "minute", "minutes": "m"
    case "h", "hour", "hours", "hr", "hrs": "h"
    default: nil
    }
  }

  private mutating func wrongDuration(_ expected: String) {
    let span = token.span
    let written = token.kind == .string ? wholeString() : text(span)
    var fix: Diagnostic.FixIt?
    let digits = written.prefix { $0.isASCII && $0.isNumber }
    if !digits.isEmpty, digits.count < 12, let unit = unit(String(written.dropFirst(digits.count)))
    {
      fix = .write("\(digits)\(unit)", at: span)
    } else if written.hasSuffix("d"), let days = Int(written.dropLast()), days >= 0, days < 36_500 {
      fix = .write("\(days * 24)h", at: span)
    }
    report(
      .invalidNumber,
      at: span,
      "expected \(expected), found '\(shown(span))'; write whole numbers with the units h, m, s"
        + " and ms",
      fixIt: fix
    )
    advance()
  }

  /// The value of `1h30m`; nil, with a report, if it is too long or its units are out of order.
  mutating func durationValue(_ span: Span) -> Duration? {
    // A hundred years, which overflows no clock of Lockstep when it is added.
    let limit: Int64 = 876_000 * 3_600_000
    var total: Int64 = 0
    var value: Int64 = 0
    var lastUnit = Int64.max
    var offset = span.start
    while offset < span.end {
      let byte = at(offset)
      offset += 1
      if byte.isDigit {
        value = value > limit ? value : value * 10 + Int64(byte - 0x30)
        continue
      }
      var unit: Int64 = byte == 0x68 ? 3_600_000 : byte == 0x6D ? 60_000 : 1000
      if byte == 0x6D && offset < span.end && at(offset) == 0x73 {
        unit = 1
        offset += 1
      }
      if unit >= lastUnit {
        report(
          .invalidNumber,
          at: span,
          "the units of '\(shown(span))' are not in order; write each of h, m, s and ms at most"
            + " once, the largest first"
        )
        return nil
      }
      lastUnit = unit
      total += min(value, limit / unit + 1) * unit
      value = 0
      if total > limit {
        report(
          .invalidNumber,
          at: span,
          "'\(shown(span))' is too long; the longest duration is a hundred years, 876000h"
        )
        return nil
      }
    }
    return .milliseconds(total)
  }
}
