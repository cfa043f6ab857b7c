// Names, lists of names, and text instead of a name or string.
extension TreeParser {
  /// The token after the current one.
  ///
  /// It is for messages only. The parser never needs it to decide between two correct texts.
  func peek() -> Token {
    var ahead = lexer
    var piece = ahead.scan()
    while piece.kind.isTrivia { piece = ahead.scan() }
    return piece
  }

  /// Whether the current token is a word at the beginning of a line that could begin something.
  var beginsNextStatement: Bool { beginsLine && (token.word?.role ?? .ordinary) != .ordinary }

  /// Whether a word instead of a name more likely begins the statement of the next line.
  ///
  /// This never rejects a correct text: what it looks for cannot follow a name.
  var nameIsMissing: Bool {
    guard beginsNextStatement else { return false }
    let next = peek()
    switch next.kind {
    case .string, .blockString, .leftBracket, .int, .duration, .percent, .param, .version:
      return true
    case .name:
      switch (token.word, next.word) {
      case (_, nil), (.expect, .exit), (.expect, .within), (.expect, .attempts),
        (.barrier, .across), (.on, .failure), (.wait, .tcp), (.wait, .file),
        (.wait, .command), (.start, .unit), (.stop, .unit):
        return true
      default: return false
      }
    default: return false
    }
  }

  /// Whether the current token is a value, correct or not: it is skipped when it is reported.
  var isValueLike: Bool {
    switch token.kind {
    case .int, .version, .duration, .percent, .string, .blockString, .param, .badNumber, .quoted,
      .foreignName, .leftBracket, .comma, .equal, .dotDot:
      true
    default: false
    }
  }

  /// Reads a name without quotes.
  mutating func expectBareName(_ expected: String) -> Name {
    if token.kind == .name && !nameIsMissing {
      let name = Name(text(token.span), token.span)
      advance()
      return name
    }
    if token.kind == .foreignName { return takeForeignName(canBeString: false) }
    if (token.kind == .string || token.kind == .quoted) && !beginsLine {
      let span = token.span
      let name = wholeString()
      let isName = isBareName(name)
      report(
        .unexpectedToken,
        at: span,
        "expected \(expected), found a string; write it without quotes",
        fixIt: isName
          ? Diagnostic.FixIt.write(name, at: span) : nil
      )
      advance()
      return Name(name, span)
    }
    return missingName(expected)
  }

  /// Reads a name, with or without quotes.
  mutating func expectName(_ expected: String) -> Name {
    switch token.kind {
    case .name where !nameIsMissing:
      let name = Name(text(token.span), token.span)
      advance()
      return name
    case .foreignName: return takeForeignName(canBeString: true)
    case .string, .blockString, .quoted:
      let span = token.span
      let literal = parseString()
      return Name(plainText(literal, expected), span)
    case .int, .version, .duration, .badNumber:
      guard !beginsLine else { return missingName(expected) }
      let span = token.span
      let written = text(span)
      report(
        .unexpectedToken,
        at: span,
        "expected \(expected), found '\(shown(span))'; a name that begins with a digit needs quotes",
        fixIt: Diagnostic.FixIt("write \"\(written)\"", replacing: span, with: "\"\(written)\"")
      )
      advance()
      return Name(written, span)
    default:
      return missingName(expected)
    }
  }

  /// Reads one or more names with commas between them.
  mutating func expectNames(_ expected: String) -> [Name] {
    let first = expectName(expected)
    return parseList(of: "names", first) { $0.expectName("another name after ','") }
  }

  /// Reads the rest of a list with commas between its elements; a missing comma is reported.
  ///
  /// - Parameters:
  ///   - plural: what the elements are, for messages.
  ///   - first: the first element, which is already read.
  ///   - next: reads one more element.
  /// - Returns: all elements.
  mutating func parseList<Element>(
    of plural: StaticString,
    _ first: Element,
    next: (inout Self) -> Element
  ) -> [Element] {
    var elements = [first]
    while true {
      if token.kind == .comma {
        advance()
      } else if isElementWithoutComma {
        report(
          .unexpectedToken,
          at: gap,
          "',' is missing between two \(plural)",
          fixIt: .write(",", at: gap)
        )
      } else {
        return elements
      }
      elements.append(next(&self))
    }
  }

  /// Whether another element follows without a comma: nothing that can follow a list begins so.
  private var isElementWithoutComma: Bool {
    guard !beginsLine, mistakeLine != line else { return false }
    return token.kind == .string || token.kind == .name && token.word == nil
  }

  private mutating func missingName(_ expected: String) -> Name {
    let isHere = !beginsLine && token.kind != .endOfFile && token.kind != .leftBrace
    report(
      .unexpectedToken,
      at: isHere ? token.span : gap,
      "expected \(expected), found \(describeToken())"
    )
    if !beginsLine && isValueLike { advance() }
    return Name("", gap)
  }

  /// The text of a string that is a name.
  private mutating func plainText(_ literal: StringLiteral, _ expected: String) -> String {
    switch literal.segments.count {
    case 1:
      if case .text(let text) = literal.segments[0] { return text }
    case 0:
      if openStringEnd == literal.span.end { return "" }
      add(
        Diagnostic(
          .unusableName,
          at: Location(file, literal.span),
          "expected \(expected), found an empty string"
        )
      )
      return ""
    default: break
    }
    add(
      Diagnostic(
        .unexpectedToken,
        at: Location(file, literal.span),
        "a name cannot contain \\(…): names are known before params"
      )
    )
    return ""
  }

  /// The text between the quotes of the current token, with its escapes.
  func wholeString() -> String {
    if token.kind == .quoted { return text(quotedContents(token)) }
    let end = token.isUnterminated ? token.span.end : token.span.end - 1
    return text(Span(token.span.start + 1, max(token.span.start + 1, end)))
  }

  private func isBareName(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      guard let first = bytes.first, first.beginsName else { return false }
      return Lexer(bytes).endOfName(from: 0) == bytes.count
    }
  }

  /// Reads the param that the current token names.
  mutating func takeParam() -> Name {
    let span = token.span
    let inner = Span(span.start + 2, max(span.start + 2, span.end - 1))
    let name = text(inner)
    advance()
    return isBareName(name) ? Name(name, span) : Name("", span)
  }
}
