/// The opening brace of a construct, written by the author or added by the parser.
struct OpenBrace {
  var span: Span
  /// Whether the parser added it; then its closing brace is never reported.
  var isMissing = false
  /// The indentation of the line with the construct's first word.
  var indent: UInt32
  /// Where that line begins.
  var line: UInt32
}

// How the parser continues after a mistake.
extension TreeParser {
  /// Reads a construct's opening brace.
  ///
  /// - Returns: nil if nothing follows that could be the body; this is reported here.
  mutating func open(_ context: Context, indent: UInt32, after what: String) -> OpenBrace? {
    let startLine = line
    if token.kind != .leftBrace {
      let found = token.span
      let fix = Diagnostic.FixIt("write '{'", replacing: gap, with: " {")
      let canBegin = token.word.map { context.accepts($0) } ?? false
      if canBegin || token.kind == .rightBrace {
        report(.missingBrace, at: gap, "'{' is missing after \(what)", fixIt: fix)
        return OpenBrace(span: gap, isMissing: true, indent: indent, line: startLine)
      }
      let isNothing = token.kind == .endOfFile || beginsLine
      let advice = isNothing ? nil : context.foreign(text(found))?.advice
      report(
        isNothing ? .missingBrace : .unexpectedToken,
        at: isNothing ? gap : found,
        "expected '{' after \(what), found \(describeToken())" + (advice.map { ": \($0)" } ?? "")
      )
      skipRestOfLine()
      guard token.kind == .leftBrace else { return nil }
    }
    let brace = OpenBrace(span: token.span, indent: indent, line: startLine)
    advance()
    return brace
  }

  /// Reads the closing brace, and remembers the first one that does not fit the indentation.
  mutating func close(_ brace: OpenBrace) {
    if suspect == nil && beginsLine && indent < brace.indent && !brace.isMissing {
      suspect = (brace.span, token.span)
    }
    advance()
  }

  /// Handles a token that cannot begin anything in the braces of `context`.
  ///
  /// - Returns: whether the braces count as closed here. If not, the caller continues: either
  ///   a token was skipped, or the current token became a word that is allowed.
  mutating func stray(_ context: Context, _ brace: OpenBrace) -> Bool {
    if token.kind == .endOfFile {
      openEnd(context, brace)
      return true
    }
    if unwindingAt == token.span.start { return true }
    if token.kind == .name {
      if let word = token.word, context.isInside(acceptorOf: word), beginsLine,
        indent <= brace.indent
      {
        missingClosing(context, brace)
        unwindingAt = token.span.start
        return true
      }
      return strayWord(context)
    }
    if mistakeLine != line || beginsLine {
      unexpected(
        "\(describeToken()) is not allowed in \(context.name), which can contain \(context.contents)"
      )
    }
    skip()
    return false
  }

  private mutating func strayWord(_ context: Context) -> Bool {
    let text = text(token.span)
    if let word = token.word, let home = word.home, mistakeLine != line || beginsLine {
      unexpected("'\(text)' is not allowed in \(context.name); write it \(home)")
      skip()
      return false
    }
    let foreign = context.foreign(text)
    if let foreign, let advice = foreign.advice, mistakeLine != line || beginsLine {
      unexpected("unexpected '\(shown(token.span))' in \(context.name): \(advice)")
      advance()
      skipRestOfLine()
      if token.kind == .leftBrace { skipBraces() }
      return false
    }
    if foreign?.replacement == "on failure" { return strayHandler(context) }
    let suggestion =
      foreign?.replacement.flatMap(Word.init(rawValue:))
      ?? nearMiss(text, among: Word.allCases.lazy.filter { context.accepts($0) }.map(\.rawValue))
      .flatMap(Word.init(rawValue:))
    if let suggestion, suggestion != .on {
      unexpected(
        "unexpected '\(shown(token.span))' in \(context.name)",
        fixIt: .write(suggestion.rawValue, at: token.span)
      )
      take(asWord: suggestion)
      return false
    }
    // After a mistake on the same line, only words with a known meaning are reported.
    if mistakeLine != line || beginsLine {
      unexpected(
        "unexpected '\(shown(token.span))' in \(context.name), which can contain \(context.contents)"
      )
    }
    skip()
    return false
  }

  /// Reads one word as `on failure`.
  private mutating func strayHandler(_ context: Context) -> Bool {
    unexpected(
      "unexpected '\(shown(token.span))' in \(context.name)",
      fixIt: .write("on failure", at: token.span)
    )
    take(asWord: .on)
    return false
  }

  /// Skips tokens up to the place where reading can continue: the closing brace of this construct,
  /// or a word at the beginning of a line that can begin something.
  mutating func skip() {
    var nesting = 0
    isQuiet = true
    defer { isQuiet = false }
    if token.kind != .leftBrace { advance() }
    while true {
      switch token.kind {
      case .endOfFile:
        if nesting > 0 { forgivesOpenEnd = true }
        return
      case .leftBrace: nesting += 1
      case .rightBrace:
        if nesting == 0 { return }
        nesting -= 1
      case .name where beginsLine && nesting == 0:
        if let word = token.word, word.role != .ordinary { return }
      default: break
      }
      advance()
    }
  }

  /// Skips the rest of the current line, up to a brace.
  mutating func skipRestOfLine() {
    isQuiet = true
    defer { isQuiet = false }
    while token.kind != .leftBrace && token.kind != .rightBrace && token.kind != .endOfFile
      && !beginsLine
    {
      advance()
    }
  }

  /// Skips a group in braces; the current token is its opening brace.
  mutating func skipBraces() {
    var nesting = 0
    isQuiet = true
    defer { isQuiet = false }
    repeat {
      switch token.kind {
      case .leftBrace: nesting += 1
      case .rightBrace: nesting -= 1
      case .endOfFile:
        forgivesOpenEnd = true
        return
      default: break
      }
      advance()
    } while nesting > 0
  }

  private mutating func missingClosing(_ context: Context, _ brace: OpenBrace) {
    if brace.isMissing { return }
    if swallowedBraces > 0 {
      swallowedBraces -= 1
      return
    }
    report(
      .missingBrace,
      at: token.span,
      "'}' is missing before '\(text(token.span))', which is not allowed in \(context.name)",
      notes: suspicion(within: brace) ?? [note("this '{' is not closed", at: brace.span)],
      fixIt: suspicion(within: brace) == nil
        ? Diagnostic.FixIt("write '}'", replacing: gap, with: closing(brace)) : nil
    )
  }

  /// What the indentation shows about a missing brace somewhere inside.
  private func suspicion(within brace: OpenBrace) -> [Diagnostic.Note]? {
    guard let suspect, suspect.opening.start >= brace.span.start else { return nil }
    return [
      note("this '{' seems to have no '}'", at: suspect.opening),
      note("the indentation suggests that this '}' was not meant to close it", at: suspect.closing),
    ]
  }

  private func closing(_ brace: OpenBrace) -> String {
    "\n" + String(repeating: " ", count: Int(min(brace.indent, 80))) + "}"
  }

  private mutating func openEnd(_ context: Context, _ brace: OpenBrace) {
    if brace.isMissing || forgivesOpenEnd { return }
    if swallowedBraces > 0 {
      swallowedBraces -= 1
      return
    }
    // Everything that is open ends here. One missing brace is one mistake; if several are missing,
    // the innermost is reported.
    forgivesOpenEnd = true
    var notes = [note("this '{' of \(context.name) is not closed", at: brace.span)]
    var fix: Diagnostic.FixIt? = Diagnostic.FixIt(
      "write '}' at the end",
      replacing: gap,
      with: closing(brace)
    )
    if let suspicion = suspicion(within: brace) {
      notes = suspicion
      fix = nil
    }
    report(
      .missingBrace,
      at: gap,
      "'}' is missing at the end of the file",
      notes: notes,
      fixIt: fix
    )
  }

  /// A description of the current token, for "found …".
  func describeToken() -> String {
    switch token.kind {
    case .endOfFile: "the end of the file"
    case .string, .blockString, .quoted: "a string"
    case .name, .int, .version, .duration, .percent, .param, .badNumber: "'\(shown(token.span))'"
    default: "'\(shown(token.span))'"
    }
  }
}
