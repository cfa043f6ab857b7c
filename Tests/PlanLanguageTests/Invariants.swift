import PlanLanguage
import Testing

/// Checks what must be true for every text.
///
/// - Returns: what is not true; empty if everything is.
func brokenInvariants(of bytes: [UInt8]) -> [String] {
  var broken: [String] = []
  let source = SourceFile(id: FileID(0), name: "any.plan", bytes: bytes)
  let result = Parser.parse(source)

  var joined: [UInt8] = []
  joined.reserveCapacity(bytes.count)
  for token in tokens(of: source) {
    joined += bytes[Int(token.span.start)..<Int(token.span.end)]
  }
  if joined != bytes { broken.append("the tokens joined are not the text") }

  if result.diagnostics.count > Diagnostic.limit { broken.append("too many diagnostics") }
  if result.tree.plan == nil && result.diagnostics.isEmpty {
    broken.append("neither a plan nor a diagnostic")
  }
  var last: UInt32 = 0
  for diagnostic in result.diagnostics {
    let spans =
      [diagnostic.location.span] + diagnostic.notes.compactMap(\.location?.span)
      + [diagnostic.fixIt?.span].compactMap(\.self)
    for span in spans where span.start > span.end || Int(span.end) > bytes.count {
      broken.append("a span outside the text: \(diagnostic.message)")
    }
    if diagnostic.location.span.start < last { broken.append("diagnostics out of order") }
    last = diagnostic.location.span.start
    if diagnostic.message.isEmpty || diagnostic.message.hasSuffix(".") {
      broken.append("a message that is empty or ends with a full stop: '\(diagnostic.message)'")
    }
  }

  let renderer = DiagnosticRenderer(sources: [source], color: false)
  for diagnostic in result.diagnostics.prefix(3) {
    let text = renderer.render(diagnostic)
    let isSafe = text.unicodeScalars.allSatisfy {
      ($0.value >= 0x20 || $0 == "\n") && !(0x7F...0x9F).contains($0.value)
    }
    if !isSafe {
      broken.append("a rendering with raw control characters: \(text.debugDescription)")
    }
  }
  let json = DiagnosticJSON(sources: [source]).render(Array(result.diagnostics.prefix(3)))
  if !json.unicodeScalars.allSatisfy({ $0.value >= 0x20 || $0 == "\n" }) {
    broken.append("JSON with raw control characters")
  }

  if let formatted = Formatter.format(source) {
    let again = SourceFile(id: FileID(0), name: "any.plan", text: formatted)
    if Formatter.format(again) != formatted {
      broken.append("formatting a second time changes the text:\n\(formatted)")
    }
    if describeTree(Parser.parse(again).tree) != describeTree(result.tree) {
      broken.append("formatting changes the tree:\n\(formatted)")
    }
    if comments(of: again) != comments(of: source) {
      broken.append("formatting changes the comments:\n\(formatted)")
    }
  }
  return broken
}

/// A file's comments, without the blanks at their ends.
private func comments(of source: SourceFile) -> [String] {
  tokens(of: source).filter { $0.kind == .comment }.map { token in
    var text = source.text(token.span)
    while text.hasSuffix(" ") || text.hasSuffix("\t") { text.removeLast() }
    return text
  }
}
