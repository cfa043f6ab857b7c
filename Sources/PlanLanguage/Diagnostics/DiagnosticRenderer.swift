import Words

/// Renders diagnostics for a terminal: the message, the line with the exact part underlined, the
/// other places involved, and the fix.
package struct DiagnosticRenderer: Sendable {
  private let files: [FileID: (source: SourceFile, lines: LineTable)]
  private let color: Bool

  /// Makes a renderer for diagnostics about these files.
  package init(sources: [SourceFile], color: Bool) {
    var files: [FileID: (source: SourceFile, lines: LineTable)] = [:]
    for source in sources { files[source.id] = (source, LineTable(source)) }
    self.files = files
    self.color = color
  }

  /// The diagnostic as lines of text, each with a newline at its end.
  package func render(_ diagnostic: Diagnostic) -> String {
    let paint = diagnostic.severity == .error ? Style.error : .warning
    let title = "\(diagnostic.severity.rawValue) \(diagnostic.code.rawValue)"
    var result = styled(title, paint)
    result += words(": ", diagnostic.message, after: title.utf8.count, indent: 2, .strong)
    let margin = marginWidth(diagnostic)
    result += snippet(diagnostic.location, mark: "^", margin, paint)
    for note in diagnostic.notes {
      if let location = note.location {
        result += styled("note", .note) + words(": ", note.message, after: 4, indent: 2, nil)
        result += snippet(location, mark: "-", margin, .note)
      } else {
        result += aside("note", nil, note.message, margin)
      }
    }
    if let fix = diagnostic.fixIt { result += aside("help", .help, fix.message, margin) }
    return result
  }

  /// The most columns that a message takes; a line quoted from a file may take a few more.
  private static let width = 80

  /// A message after the head of its line, with further lines indented.
  private func words(
    _ head: String,
    _ message: String,
    after used: Int,
    indent: Int,
    _ style: Style?
  ) -> String {
    let width = Self.width - indent
    let used = used + head.utf8.count - indent
    let lines = wrapped(safeForTerminal(message), width: width, after: used)
    let text = head + lines.joined(separator: "\n" + String(repeating: " ", count: indent))
    return (style.map { styled(text, $0) } ?? text) + "\n"
  }

  /// A message without a place of its own, after the frame.
  private func aside(_ title: String, _ style: Style?, _ message: String, _ margin: Int) -> String {
    let head = String(repeating: " ", count: margin) + styled(" = ", .frame)
    let indent = margin + 3 + title.utf8.count + 2
    return head + (style.map { styled(title, $0) } ?? title)
      + words(": ", message, after: indent - 2, indent: indent, nil)
  }

  private func snippet(_ location: Location, mark: String, _ margin: Int, _ paint: Style) -> String
  {
    guard let file = files[location.file] else { return "" }
    let position = file.lines.position(of: location.span.start, in: file.source)
    let excerpt = Excerpt(of: file.source, lineStart: position.lineStart, span: location.span)
    let blank = String(repeating: " ", count: margin)
    let number = String(position.line)
    let name = safeForTerminal(file.source.name)
    var result = blank + styled("--> ", .frame) + "\(name):\(position.line):\(position.column)\n"
    if file.source.bytes.isEmpty { return result }
    result += blank + styled(" |", .frame) + "\n"
    result += String(repeating: " ", count: margin - number.utf8.count)
    result += styled("\(number) |", .frame)
    result += excerpt.text.isEmpty ? "\n" : " \(excerpt.text)\n"
    result += blank + styled(" | ", .frame) + String(repeating: " ", count: excerpt.markStart)
    result += styled(String(repeating: mark, count: excerpt.markWidth), paint) + "\n"
    return result
  }

  /// How many columns the widest line number in a diagnostic takes.
  private func marginWidth(_ diagnostic: Diagnostic) -> Int {
    let places = [diagnostic.location] + diagnostic.notes.compactMap(\.location)
    let numbers = places.compactMap { place in
      files[place.file].map { $0.lines.position(of: place.span.start, in: $0.source).line }
    }
    return String(numbers.max() ?? 1).utf8.count
  }

  /// Colours from the terminal's own palette, because its owner chose them to be readable.
  private enum Style: String {
    case error = "1;31"
    case warning = "1;33"
    case note = "1;36"
    case help = "1;32"
    case strong = "1"
    case frame = "34"
  }

  private func styled(_ text: String, _ style: Style) -> String {
    color ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }
}
