// Numbers, amounts and the default of a param.
extension TreeParser {
  mutating func expectInt(_ expected: String) -> IntValue {
    let span = token.span
    switch token.kind {
    case .int:
      return take(intValue(span)).map { .literal($0, span) } ?? .param(Name("", gap))
    case .param:
      return .param(takeParam())
    case .version, .duration, .percent, .badNumber, .string:
      guard !beginsLine else { break }
      report(
        .unexpectedToken,
        at: span,
        "expected \(expected), found '\(shown(span))'; write a whole number"
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
      return take(intValue(span)).map { .count($0, span) } ?? .param(Name("", gap))
    case .percent:
      return take(percentValue(span)).map { .percent($0, span) } ?? .param(Name("", gap))
    case .param:
      return .param(takeParam())
    case .version, .duration, .badNumber, .string:
      guard !beginsLine else { break }
      report(
        .unexpectedToken,
        at: span,
        "expected \(expected), found '\(shown(span))'; write it like 3 or 25%"
      )
      advance()
      return .param(Name("", gap))
    default: break
    }
    return missingValue(expected) { .param($0) }
  }

  /// Takes the current token, of which this is the value; nil if it could not be read.
  mutating func take<Value>(_ value: Value?) -> Value? {
    advance()
    return value
  }

  /// Reports a missing value, and returns a stand-in for it.
  mutating func missingValue<Value>(
    _ expected: String,
    _ make: (Name) -> Value
  ) -> Value {
    let isHere = !beginsLine && token.kind != .endOfFile && token.kind != .rightBrace
    report(
      .unexpectedToken,
      at: isHere ? token.span : gap,
      "expected \(expected), found \(describeToken())"
    )
    if isHere && (isValueLike || (token.kind == .name && token.word == nil)) {
      advance()
      // What follows belongs to the mistake.
      if token.kind == .param, !beginsLine { advance() }
    }
    return make(Name("", gap))
  }

  /// Reads the default of a param, or a literal in a condition.
  mutating func expectValue() -> LiteralValue {
    let span = token.span
    switch token.kind {
    case .string, .blockString, .quoted:
      return LiteralValue(.string(parseString()), span)
    case .int:
      return take(intValue(span)).map { LiteralValue(.int($0), span) } ?? missingLiteral
    case .percent:
      return take(percentValue(span)).map { LiteralValue(.percent($0), span) } ?? missingLiteral
    case .version:
      return take(versionValue(span)).map { LiteralValue(.version($0), span) } ?? missingLiteral
    case .duration:
      return take(durationValue(span)).map { LiteralValue(.duration($0), span) } ?? missingLiteral
    case .name where !beginsLine && (token.word?.role ?? .ordinary) == .ordinary:
      let written = text(span)
      report(
        .unexpectedToken,
        at: span,
        "expected a value after '=', found '\(shown(span))'; put text in quotes",
        fixIt: Diagnostic.FixIt("write \"\(written)\"", replacing: span, with: "\"\(written)\"")
      )
      advance()
      return LiteralValue(.string(StringLiteral([.text(written)], span)), span)
    case .badNumber where !beginsLine:
      report(
        .invalidNumber,
        at: span,
        "'\(shown(span))' is not a whole number, a duration, a percentage or a version"
      )
      advance()
      return missingLiteral
    default:
      let isHere = !beginsLine && token.kind != .endOfFile && token.kind != .rightBrace
      report(
        .unexpectedToken,
        at: isHere ? span : gap,
        "expected a value (a string, a number, a duration, a percentage or a version) after '=',"
          + " found \(describeToken())"
      )
      if !beginsLine && isValueLike { advance() }
      return missingLiteral
    }
  }

  /// The stand-in for a value that could not be read.
  private var missingLiteral: LiteralValue { LiteralValue(.string(StringLiteral([], gap)), gap) }

  /// The value of digits; nil, with a report, if it does not fit.
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

  /// The value of digits and a percent sign.
  private mutating func percentValue(_ span: Span) -> Int? {
    intValue(Span(span.start, span.end - 1))
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
}
