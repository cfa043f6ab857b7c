/// What parsing a file gives: always a tree, perhaps diagnostics.
package struct ParseResult: Sendable {
  package var tree: PlanFile
  /// In the order of their places in the text.
  package var diagnostics: [Diagnostic]
}

/// Turns the text of a plan into its syntax tree.
package enum Parser {
  /// Parses a whole file; never fails, whatever the bytes.
  package static func parse(_ source: SourceFile) -> ParseResult {
    ParseResult(tree: PlanFile(source: source, plan: nil), diagnostics: [])
  }
}
