// Names, and text where a name or a string is wanted.
extension TreeParser {
  /// The token behind the current one; for messages, never for a decision between two right texts.
  func peek() -> Token {
    var ahead = lexer
    var piece = ahead.scan()
    while piece.kind.isTrivia { piece = ahead.scan() }
    return piece
  }

  /// Whether the current token is a word that begins a line and could begin something.
  var beginsNextStatement: Bool { beginsLine && (token.word?.role ?? .ordinary) != .ordinary }

  /// Whether a word where a name is wanted is rather the beginning of the next line's statement.
  ///
  /// Nothing right is called wrong by it: what it looks for cannot follow a name.
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

  /// Whether the current token is a value, wrong or right: it is passed with the mistake about it.
  var isValueLike: Bool {
    switch token.kind {
    case .int, .version, .duration, .percent, .string, .blockString, .param, .badNumber, .quoted,
      .foreignName, .leftBracket, .comma, .equal, .dotDot:
      true
    default: false
    }
  }

  /// A name written bare.
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
        "expected \(expected), found a string; it is written without quotes",
        fixIt: isName
          ? Diagnostic.FixIt("write '\(name)'", replacing: span, with: name) : nil
      )
      advance()
      return Name(name, span)
    }
    return missingName(expected)
  }

  /// A name, bare or in quotes.
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
        "expected \(expected), found '\(shown(span))'; a name that begins with a digit is written"
          + " as a string",
        fixIt: Diagnostic.FixIt("write \"\(written)\"", replacing: span, with: "\"\(written)\"")
      )
      advance()
      return Name(written, span)
    default:
      return missingName(expected)
    }
  }

  /// One or more names with commas between them.
  mutating func expectNames(_ expected: String) -> [Name] {
    var names = [expectName(expected)]
    while true {
      if token.kind == .comma {
        advance()
      } else if token.kind == .name && token.word == nil && !beginsLine && mistakeLine != line {
        // Nothing that a name list is followed by begins with such a name.
        report(
          .unexpectedToken,
          at: gap,
          "',' is missing between two names",
          fixIt: Diagnostic.FixIt("write ','", replacing: gap, with: ",")
        )
      } else {
        return names
      }
      names.append(expectName("another name behind ','"))
    }
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

  /// The text of a string that stands for a name.
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
        "a name is known before any param; no \\(…) can stand in it"
      )
    )
    return ""
  }

  /// The text between the quotes of the current token, escapes untouched.
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

  /// The param that the current token names.
  mutating func takeParam() -> Name {
    let span = token.span
    let inner = Span(span.start + 2, max(span.start + 2, span.end - 1))
    let name = text(inner)
    advance()
    return isBareName(name) ? Name(name, span) : Name("", span)
  }
}
