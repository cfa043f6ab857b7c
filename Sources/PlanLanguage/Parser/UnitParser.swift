// The systemd units that a step starts or stops.
extension TreeParser {
  /// Reads `unit` and names after `start` or `stop`; nil if no units are named.
  mutating func parseUnits(after verb: String) -> [StringLiteral]? {
    if token.word == .unit {
      advance()
    } else if let unit = unquotedInstance {
      return unitList(takeUnquoted(unit, writing: "unit "))
    } else if !mendUnitWord(verb) {
      return nil
    }
    return unitList(expectUnit("the name of a systemd unit after 'unit'"))
  }

  private mutating func unitList(_ first: StringLiteral) -> [StringLiteral] {
    parseList(of: "units", first) { $0.expectUnit("another unit after ','") }
  }

  /// Reads a unit's name: a name without quotes, or a string, which can contain params.
  private mutating func expectUnit(_ expected: String) -> StringLiteral {
    switch token.kind {
    case .string, .blockString, .quoted: return parseString()
    default:
      if let unit = unquotedInstance { return takeUnquoted(unit, writing: "") }
      let name = expectName(expected)
      return StringLiteral(name.isMissing ? [] : [.text(name.text)], name.span)
    }
  }

  /// The place of an instance such as `app@1.service` without quotes; nil for any other token.
  private var unquotedInstance: Span? {
    guard token.kind == .name, !beginsLine, at(token.span.end) == 0x40 else { return nil }
    var end = token.span.end
    while true {
      switch at(end) {
      case 0, 0x09, 0x0A, 0x0D, 0x20, 0x22, 0x23, 0x2C, 0x7B, 0x7D:
        return Span(token.span.start, end)
      default: end += 1
      }
    }
  }

  /// Reports that such a name needs quotes, and which word is missing before it.
  private mutating func takeUnquoted(_ span: Span, writing word: String) -> StringLiteral {
    let written = text(span)
    let right = word + quotedForPlan(written)
    report(
      .unexpectedToken,
      at: span,
      "put a unit's name that contains '@' in quotes",
      fixIt: .write(right, at: span)
    )
    isQuiet = true
    while token.kind != .endOfFile && token.span.start < span.end { advance() }
    isQuiet = false
    return StringLiteral([.text(written)], span)
  }

  /// Reports units that are named without the word `unit`, or with another word in its place.
  ///
  /// - Returns: whether names of units follow.
  private mutating func mendUnitWord(_ verb: String) -> Bool {
    guard !beginsLine else { return false }
    switch token.kind {
    case .name:
      guard token.word == nil else { return false }
      let found = text(token.span)
      if ["units", "systemd", "service", "services"].contains(found.lowercased()) {
        unexpected(
          "expected 'unit' after '\(verb)', found '\(found)'",
          fixIt: .write("unit", at: token.span)
        )
        advance()
        return true
      }
      guard UnitName.hasKind(found) else { return false }
    case .string, .blockString, .quoted: break
    default: return false
    }
    let place = Span(token.span.start, token.span.start)
    unexpected(
      "write 'unit' before the names of systemd units: \(verb) unit NAME",
      fixIt: Diagnostic.FixIt("write 'unit'", replacing: place, with: "unit ")
    )
    return true
  }
}
