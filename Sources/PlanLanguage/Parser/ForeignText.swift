import Words

// Pieces of text that are not tokens of the language. Each is reported once, and read as what was
// probably meant.
extension TreeParser {
  /// The token to use instead of a foreign piece; nil if it is better skipped.
  mutating func usable(_ piece: Token) -> Token? {
    var token = piece
    switch piece.kind {
    case .quoted:
      foreignQuotes(piece)
      return token
    case .foreignName, .badNumber, .andAnd, .orOr, .bang:
      // These are reported where a name, a value or a condition is expected and the fix is known.
      return token
    case .badParam:
      tell(
        .unknownEscape,
        piece.span,
        "'\(shown(piece.span))' does not name a param; write \\(name)"
      )
      token.kind = .param
      return token
    case .foreignSpace:
      let name = scalar(in: lexer.bytes, at: Int(piece.span.start)).map(hexName) ?? "?"
      tell(
        .unexpectedCharacter,
        piece.span,
        "this is not a plain space but \(name), which only looks like one",
        Diagnostic.FixIt("write a plain space", replacing: piece.span, with: " ")
      )
      return nil
    case .slashComment:
      let slashes = Span(piece.span.start, piece.span.start + 2)
      tell(
        .unexpectedCharacter,
        slashes,
        "a comment begins with '#', not with '//'",
        Diagnostic.FixIt.write("#", at: slashes)
      )
      return nil
    default:
      unexpectedCharacters(piece)
      return nil
    }
  }

  /// Reads a name with letters that need quotes.
  ///
  /// - Parameter canBeString: whether a string is allowed in its place.
  /// - Returns: the name as written.
  mutating func takeForeignName(canBeString: Bool) -> Name {
    let span = token.span
    let word = shown(span)
    // In a file that is not UTF-8, the encoding is the mistake, and it was reported.
    let isReported = isDamaged
    if !isReported {
      report(
        .unexpectedCharacter,
        at: span,
        canBeString
          ? "'\(word)' has letters that need quotes in a name"
          : "'\(word)' is not a name: use ASCII letters, digits and . _ - +",
        fixIt: canBeString
          ? Diagnostic.FixIt("write \"\(word)\"", replacing: span, with: "\"\(text(span))\"") : nil
      )
    }
    let name = Name(text(span), span)
    advance()
    return name
  }

  private mutating func foreignQuotes(_ piece: Token) {
    let contents = quotedContents(piece)
    let inner = text(contents)
    let fix =
      piece.isUnterminated
      ? nil
      : Diagnostic.FixIt(
        "put it between \"",
        replacing: piece.span,
        with: quotedForPlan(inner, keepingParams: true)
      )
    let quote = text(Span(piece.span.start, contents.start))
    tell(.unexpectedCharacter, piece.span, "a string goes between '\"', not '\(quote)'", fix)
  }

  /// The text between quotes of another kind.
  func quotedContents(_ piece: Token) -> Span {
    let length = UInt32(scalarLength(in: lexer.bytes, at: Int(piece.span.start)) ?? 1)
    var end = piece.span.end
    if !piece.isUnterminated {
      end -= 1
      while end > piece.span.start && at(end) & 0xC0 == 0x80 { end -= 1 }
    }
    return Span(piece.span.start + length, max(piece.span.start + length, end))
  }

  private mutating func unexpectedCharacters(_ piece: Token) {
    let first = at(piece.span.start)
    if first == 0x0D {
      tell(
        .unexpectedCharacter,
        piece.span,
        "a carriage return without a line feed; lines end in LF or CRLF"
      )
      return
    }
    if first.isForbiddenControl {
      let name = hexName(Unicode.Scalar(first))
      tell(
        .unexpectedCharacter,
        piece.span,
        "the control character \(name) is not allowed in a plan"
      )
      return
    }
    let characters = shown(piece.span)
    if characters == ";" || characters == ":" {
      tell(
        .unexpectedCharacter,
        piece.span,
        "'\(characters)' is neither needed nor allowed here",
        Diagnostic.FixIt.remove(piece.span)
      )
      return
    }
    tell(.unexpectedCharacter, piece.span, "'\(characters)' has no meaning in the plan language")
  }

  private mutating func tell(
    _ code: DiagnosticCode,
    _ span: Span,
    _ message: String,
    _ fixIt: Diagnostic.FixIt? = nil
  ) {
    if isQuiet { return }
    if isDamaged && (span.start..<span.end).contains(where: { at($0) >= 0x80 }) { return }
    mistakeLine = UInt32(truncatingIfNeeded: lexer.lineStart)
    add(code, at: span, message, fixIt: fixIt)
  }

  /// The number of a scalar as Unicode writes it, such as `U+00A0`.
  func hexName(_ scalar: Unicode.Scalar) -> String {
    "U+" + padded(scalar.value, to: 4, radix: 16, uppercase: true)
  }

  /// The text under a span, cut to fit into a message.
  func shown(_ span: Span) -> String {
    let limit: UInt32 = 40
    if span.end - span.start <= limit { return text(span) }
    var end = span.start + limit
    while end > span.start && at(end) & 0xC0 == 0x80 { end -= 1 }
    return text(Span(span.start, end)) + "…"
  }
}
