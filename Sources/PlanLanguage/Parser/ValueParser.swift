// Numbers, durations, amounts and a param's default.
extension TreeParser {
  mutating func expectInt(_ expected: String) -> IntValue {
    let span = token.span
    switch token.kind {
    case .int:
      let value = intValue(span)
      advance()
      return value.map { .literal($0, span) } ?? .param(Name("", gap))
    case .param:
      return .param(takeParam())
    case .version, .duration, .percent, .badNumber, .string:
      guard !beginsLine else { break }
      report(
        .unexpectedToken,
        at: span,
        "expected \(expected), found '\(shown(span))'; it is written as a whole number"
      )
      advance()
      return .param(Name("", gap))
    default: break
    }
    return missingValue(expected) { .param($0) }
  }

  mutating func expectAmount(_ expected: String) -> AmountValue {
    let span = token.span
    switch token.kind {
    case .int:
      let value = intValue(span)
      advance()
      return value.map { .count($0, span) } ?? .param(Name("", gap))
    case .percent:
      let value = intValue(Span(span.start, span.end - 1))
      advance()
      return value.map { .percent($0, span) } ?? .param(Name("", gap))
    case .param:
      return .param(takeParam())
    case .version, .duration, .badNumber, .string:
      guard !beginsLine else { break }
      report(
        .unexpectedToken,
        at: span,
        "expected \(expected), found '\(shown(span))'; it is written like 3 or 25%"
      )
      advance()
      return .param(Name("", gap))
    default: break
    }
    return missingValue(expected) { .param($0) }
  }

  mutating func expectDuration(_ word: String) -> DurationValue {
    // The words for a mistake are put together only when there is one: this is read a million times.
    func expected() -> String { "a duration such as 30s or 1h30m behind '\(word)'" }
    if token.kind == .equal && !beginsLine {
      report(
        .unexpectedToken,
        at: token.span,
        "no '=' stands behind '\(word)'",
        fixIt: Diagnostic.FixIt("leave it out", replacing: token.span, with: "")
      )
      advance()
    }
    let span = token.span
    switch token.kind {
    case .duration:
      let value = durationValue(span)
      advance()
      return value.map { .literal($0, span) } ?? .param(Name("", gap))
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

  /// `30` where a duration is wanted: of what? Perhaps a unit follows behind a blank.
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
        : "a duration is one word: '\(shown(written: written))'",
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
      fix = Diagnostic.FixIt(
        "write '\(digits)\(unit)'",
        replacing: span,
        with: "\(digits)\(unit)"
      )
    } else if written.hasSuffix("d"), let days = Int(written.dropLast()), days >= 0, days < 36_500 {
      fix = Diagnostic.FixIt("write '\(days * 24)h'", replacing: span, with: "\(days * 24)h")
    }
    report(
      .invalidNumber,
      at: span,
      "expected \(expected), found '\(shown(span))'; its units are h, m, s and ms, whole numbers"
        + " each",
      fixIt: fix
    )
    advance()
  }

  private mutating func missingValue<Value>(
    _ expected: String,
    _ make: (Name) -> Value
  ) -> Value {
    let isHere = !beginsLine && token.kind != .endOfFile && token.kind != .rightBrace
    report(
      .unexpectedToken,
      at: isHere ? token.span : gap,
      "expected \(expected), found \(describeToken())"
    )
    if isHere && (isValueLike || (token.kind == .name && token.word == nil)) { advance() }
    return make(Name("", gap))
  }

  /// The default of a param, or a literal in a condition.
  mutating func expectValue() -> LiteralValue {
    let span = token.span
    switch token.kind {
    case .string, .blockString, .quoted:
      return LiteralValue(.string(parseString()), span)
    case .int:
      let value = intValue(span)
      advance()
      return value.map { LiteralValue(.int($0), span) } ?? missingLiteral
    case .percent:
      let value = intValue(Span(span.start, span.end - 1))
      advance()
      return value.map { LiteralValue(.percent($0), span) } ?? missingLiteral
    case .version:
      let value = versionValue(span)
      advance()
      return value.map { LiteralValue(.version($0), span) } ?? missingLiteral
    case .duration:
      let value = durationValue(span)
      advance()
      return value.map { LiteralValue(.duration($0), span) } ?? missingLiteral
    case .name where !beginsLine && (token.word?.role ?? .ordinary) == .ordinary:
      let written = text(span)
      report(
        .unexpectedToken,
        at: span,
        "expected a value behind '=', found '\(shown(span))'; text stands between quotes",
        fixIt: Diagnostic.FixIt("write \"\(written)\"", replacing: span, with: "\"\(written)\"")
      )
      advance()
      return LiteralValue(.string(StringLiteral([.text(written)], span)), span)
    case .badNumber where !beginsLine:
      report(
        .invalidNumber,
        at: span,
        "'\(shown(span))' is neither a whole number, a duration, a percentage nor a version"
      )
      advance()
      return missingLiteral
    default:
      let isHere = !beginsLine && token.kind != .endOfFile && token.kind != .rightBrace
      report(
        .unexpectedToken,
        at: isHere ? span : gap,
        "expected a value (a string, a number, a duration, a percentage or a version) behind '=',"
          + " found \(describeToken())"
      )
      if !beginsLine && isValueLike { advance() }
      return missingLiteral
    }
  }

  /// What stands for a value that could not be read.
  private var missingLiteral: LiteralValue { LiteralValue(.string(StringLiteral([], gap)), gap) }

  /// The value of digits; nil, and told, where it does not fit.
  mutating func intValue(_ span: Span) -> Int? {
    var value = 0
    for offset in span.start..<span.end {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int(at(offset) &- 0x30))
      if overflow || carry {
        report(
          .invalidNumber,
          at: span,
          "'\(shown(span))' is too large; the largest whole number is \(Int.max)"
        )
        return nil
      }
      value = sum
    }
    return value
  }

  private mutating func versionValue(_ span: Span) -> Version? {
    var components: [UInt64] = []
    var value: UInt64 = 0
    for offset in span.start..<span.end {
      if at(offset) == 0x2E {
        components.append(value)
        value = 0
        continue
      }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(at(offset) &- 0x30))
      if overflow || carry {
        report(
          .invalidNumber,
          at: span,
          "a component of '\(shown(span))' is too large; the largest is \(UInt64.max)"
        )
        return nil
      }
      value = sum
    }
    components.append(value)
    return Version(components)
  }

  /// The value of `1h30m`; nil, and told, where it does not fit or its units are out of order.
  mutating func durationValue(_ span: Span) -> Duration? {
    // A hundred years: added to any clock of ours it does not overflow.
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
          "the units of '\(shown(span))' are not in order; each of h, m, s and ms stands once, the"
            + " largest first"
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
