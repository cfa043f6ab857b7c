// The systemd units that a step starts or stops.
extension TreeParser {
  /// What stands behind `start` and `stop`: `unit` and names; nil where no units are named.
  mutating func parseUnits(behind verb: String) -> [StringLiteral]? {
    if token.word == .unit {
      advance()
    } else if let unit = unquotedInstance {
      return moreUnits([takeUnquoted(unit, writing: "unit ")])
    } else if !mendUnitWord(verb) {
      return nil
    }
    return moreUnits([expectUnit("the name of a systemd unit behind 'unit'")])
  }

  private mutating func moreUnits(_ first: [StringLiteral]) -> [StringLiteral] {
    var units = first
    while true {
      if token.kind == .comma {
        advance()
      } else if isAnotherUnit {
        report(
          .unexpectedToken,
          at: gap,
          "',' is missing between two units",
          fixIt: Diagnostic.FixIt("write ','", replacing: gap, with: ",")
        )
      } else {
        return units
      }
      units.append(expectUnit("another unit behind ','"))
    }
  }

  private var isAnotherUnit: Bool {
    guard !beginsLine, mistakeLine != line else { return false }
    return token.kind == .string || token.kind == .name && token.word == nil
  }

  /// A unit's name: a bare name, or a string, in which params can stand.
  private mutating func expectUnit(_ expected: String) -> StringLiteral {
    switch token.kind {
    case .string, .blockString, .quoted: return parseString()
    default:
      if let unit = unquotedInstance { return takeUnquoted(unit, writing: "") }
      let name = expectName(expected)
      return StringLiteral(name.isMissing ? [] : [.text(name.text)], name.span)
    }
  }

  /// Where an instance such as `app@1.service` stands without quotes; nil for any other token.
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

  /// Tells that such a name stands in quotes, with what else is to be written before it.
  private mutating func takeUnquoted(_ span: Span, writing word: String) -> StringLiteral {
    let written = text(span)
    let right = word + quotedForPlan(written)
    report(
      .unexpectedToken,
      at: span,
      "a unit's name with an '@' stands in quotes",
      fixIt: Diagnostic.FixIt("write '\(right)'", replacing: span, with: right)
    )
    isQuiet = true
    while token.kind != .endOfFile && token.span.start < span.end { advance() }
    isQuiet = false
    return StringLiteral([.text(written)], span)
  }

  /// Tells of units that are named without the word `unit`, or with another in its place.
  ///
  /// - Returns: whether names of units follow.
  private mutating func mendUnitWord(_ verb: String) -> Bool {
    guard !beginsLine else { return false }
    switch token.kind {
    case .name:
      guard token.word == nil else { return false }
      let found = text(token.span)
      if ["units", "systemd", "service", "services"].contains(found.lowercased()) {
        report(
          .unexpectedToken,
          at: token.span,
          "expected 'unit' behind '\(verb)', found '\(found)'",
          fixIt: Diagnostic.FixIt("write 'unit'", replacing: token.span, with: "unit")
        )
        advance()
        return true
      }
      guard UnitName.hasKind(found) else { return false }
    case .string, .blockString, .quoted: break
    default: return false
    }
    let place = Span(token.span.start, token.span.start)
    report(
      .unexpectedToken,
      at: token.span,
      "systemd units are named behind 'unit': \(verb) unit NAME",
      fixIt: Diagnostic.FixIt("write 'unit'", replacing: place, with: "unit ")
    )
    return true
  }
}
