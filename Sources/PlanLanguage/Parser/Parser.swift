/// The result of parsing a file: always a tree, perhaps with diagnostics.
package struct ParseResult: Sendable {
  package var tree: PlanFile
  /// The diagnostics in the order of their places in the text.
  package var diagnostics: [Diagnostic]
}

/// Turns the text of a plan into its syntax tree.
package enum Parser {
  /// How deep blocks and conditions can be nested; what is deeper is skipped.
  package static let nestingLimit = 200

  /// Parses a whole file; never fails, whatever the bytes.
  ///
  /// The parser adds what is missing, with an empty span: a ``Name`` without text, a
  /// ``StringLiteral`` without pieces. It has reported these, so no later check does.
  package static func parse(_ source: SourceFile) -> ParseResult {
    checked(parseSyntax(source))
  }

  /// A parsed file together with the findings of ``Checks``.
  ///
  /// - Parameter syntax: the result of ``parseSyntax(_:)`` for the file.
  /// - Returns: the result of ``parse(_:)``.
  package static func checked(_ syntax: ParseResult) -> ParseResult {
    let found = Checks.run(syntax.tree, after: syntax.diagnostics)
    if found.isEmpty { return syntax }
    return ParseResult(
      tree: syntax.tree,
      diagnostics: Diagnostic.ordered(syntax.diagnostics + found)
    )
  }

  /// Parses a whole file without the checks after the grammar.
  package static func parseSyntax(_ source: SourceFile) -> ParseResult {
    guard source.bytes.count < Int(UInt32.max) else {
      let diagnostic = Diagnostic(
        .fileTooLarge,
        at: Location(source.id, Span(0, 0)),
        "the file has \(source.bytes.count) bytes, but a plan can have at most \(UInt32.max - 1)"
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
  /// The diagnostics in the order of their places, up to ``limit``.
  static func ordered(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
    if diagnostics.count < 2 { return diagnostics }
    // The order is stable: of two at one place, the one found first comes first.
    let sorted = diagnostics.enumerated().sorted {
      ($0.element.location.span.start, $0.offset) < ($1.element.location.span.start, $1.offset)
    }
    var kept = sorted.prefix(Diagnostic.limit).map(\.element)
    if kept.count == Diagnostic.limit {
      let closing = Note("only the first \(kept.count) findings of this file are shown")
      if kept[kept.count - 1].notes.last != closing { kept[kept.count - 1].notes.append(closing) }
    }
    return kept
  }
}
