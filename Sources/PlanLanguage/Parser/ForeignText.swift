// Pieces of text that are no tokens of the language: each is told once, and taken for what was
// probably meant.
extension TreeParser {
  /// The token to go on with in place of a foreign piece; nil where it is best passed over.
  mutating func usable(_ piece: Token) -> Token? {
    var token = piece
    switch piece.kind {
    case .quoted:
      foreignQuotes(piece)
      return token
    case .foreignName, .badNumber, .andAnd, .orOr, .bang:
      // Told of where a name, a value or a condition is wanted and the right form is known.
      return token
    case .badParam:
      tell(
        .unknownEscape,
        piece.span,
        "'\(shown(piece.span))' does not name a param; one is written \\(name)"
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
        Diagnostic.FixIt("write '#'", replacing: slashes, with: "#")
      )
      return nil
    default:
      unexpectedCharacters(piece)
      return nil
    }
  }

  /// Takes a name with letters that no bare name has.
  ///
  /// - Parameter canBeString: whether a string is understood in its place.
  /// - Returns: the name as written.
  mutating func takeForeignName(canBeString: Bool) -> Name {
    let span = token.span
    let word = shown(span)
    // In a file that is not UTF-8 that is what is wrong with it, and was told.
    let isTold = isDamaged
    if !isTold {
      report(
        .unexpectedCharacter,
        at: span,
        canBeString
          ? "'\(word)' has letters that no bare name has; a name with them is written as a string"
          : "'\(word)' has letters that no bare name has; those are made of ASCII letters, digits and . _ - +",
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
        "write it between \"",
        replacing: piece.span,
        with: quotedForPlan(inner, keepingParams: true)
      )
    let quote = text(Span(piece.span.start, contents.start))
    tell(.unexpectedCharacter, piece.span, "a string stands between '\"', not '\(quote)'", fix)
  }

  /// What stands between quotes that are not ours.
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
      tell(.unexpectedCharacter, piece.span, "the control character \(name) has no place in a plan")
      return
    }
    let characters = shown(piece.span)
    if characters == ";" || characters == ":" {
      tell(
        .unexpectedCharacter,
        piece.span,
        "no '\(characters)' is needed here, and none is understood",
        Diagnostic.FixIt("leave it out", replacing: piece.span, with: "")
      )
      return
    }
    tell(.unexpectedCharacter, piece.span, "'\(characters)' begins nothing in the plan language")
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
    add(Diagnostic(code, at: Location(file, span), message, fixIt: fixIt))
  }

  /// A scalar's number as Unicode writes it.
  func hexName(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// The text under a span, cut to what a message can hold.
  func shown(_ span: Span) -> String {
    let limit: UInt32 = 40
    if span.end - span.start <= limit { return text(span) }
    var end = span.start + limit
    while end > span.start && at(end) & 0xC0 == 0x80 { end -= 1 }
    return text(Span(span.start, end)) + "…"
  }
}
