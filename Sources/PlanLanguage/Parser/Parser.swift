/// What parsing a file gives: always a tree, perhaps diagnostics.
package struct ParseResult: Sendable {
  package var tree: PlanFile
  /// In the order of their places in the text.
  package var diagnostics: [Diagnostic]
}

/// Turns the text of a plan into its syntax tree.
package enum Parser {
  /// How deep blocks and conditions can be nested; what lies deeper is passed over.
  package static let nestingLimit = 200
  /// Parses a whole file; never fails, whatever the bytes.
  ///
  /// What the parser misses it puts in with an empty span: a ``Name`` without text, a
  /// ``StringLiteral`` without pieces. It has spoken of those; nobody else has to.
  package static func parse(_ source: SourceFile) -> ParseResult {
    checked(parseSyntax(source))
  }

  /// A file with what ``Checks`` find in it.
  ///
  /// - Parameter syntax: what ``parseSyntax(_:)`` made of the file.
  /// - Returns: what ``parse(_:)`` gives.
  package static func checked(_ syntax: ParseResult) -> ParseResult {
    let found = Checks.run(syntax.tree, after: syntax.diagnostics)
    if found.isEmpty { return syntax }
    return ParseResult(
      tree: syntax.tree,
      diagnostics: Diagnostic.ordered(syntax.diagnostics + found)
    )
  }

  /// Parses a whole file by the grammar alone.
  package static func parseSyntax(_ source: SourceFile) -> ParseResult {
    guard source.bytes.count < Int(UInt32.max) else {
      let diagnostic = Diagnostic(
        .fileTooLarge,
        at: Location(source.id, Span(0, 0)),
        "the file has \(source.bytes.count) bytes, and a plan at most \(UInt32.max - 1)"
      )
      return ParseResult(tree: PlanFile(source: source, plan: nil), diagnostics: [diagnostic])
    }
    return source.bytes.withUnsafeBufferPointer { bytes in
      var parser = TreeParser(bytes, file: source.id)
      let plan = parser.parseFile()
      return ParseResult(
        tree: PlanFile(source: source, plan: plan, isBroken: !parser.diagnostics.isEmpty),
        diagnostics: Diagnostic.ordered(parser.diagnostics)
      )
    }
  }
}

extension Diagnostic {
  /// The diagnostics in the order of their places, cut off where nobody would read on.
  static func ordered(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
    if diagnostics.count < 2 { return diagnostics }
    // A stable order: of two at one place the one found first comes first.
    let sorted = diagnostics.enumerated().sorted {
      ($0.element.location.span.start, $0.offset) < ($1.element.location.span.start, $1.offset)
    }
    var kept = sorted.prefix(Diagnostic.limit).map(\.element)
    if kept.count == Diagnostic.limit {
      let closing = Note("these are \(kept.count) findings; no more of this file are shown")
      if kept[kept.count - 1].notes.last != closing { kept[kept.count - 1].notes.append(closing) }
    }
    return kept
  }
}
