/// Renders diagnostics for a terminal: the words, the line they are about with its exact part
/// underlined, the other places involved, and what would mend it.
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

  /// The diagnostic as lines of text, the last of which ends with a newline.
  package func render(_ diagnostic: Diagnostic) -> String {
    let paint = diagnostic.severity == .error ? Style.error : .warning
    var result = styled("\(diagnostic.severity.rawValue) \(diagnostic.code.rawValue)", paint)
    result += styled(": " + safeForTerminal(diagnostic.message), .strong) + "\n"
    let margin = marginWidth(diagnostic)
    result += snippet(diagnostic.location, mark: "^", margin, paint)
    for note in diagnostic.notes {
      let words = safeForTerminal(note.message)
      if let location = note.location {
        result += styled("note", .note) + ": \(words)\n"
        result += snippet(location, mark: "-", margin, .note)
      } else {
        result += String(repeating: " ", count: margin) + styled(" = ", .frame) + "note: \(words)\n"
      }
    }
    if let fix = diagnostic.fixIt {
      result += String(repeating: " ", count: margin) + styled(" = ", .frame)
      result += styled("help", .help) + ": \(safeForTerminal(fix.message))\n"
    }
    return result
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

  /// How many columns the widest line number of a diagnostic takes.
  private func marginWidth(_ diagnostic: Diagnostic) -> Int {
    let places = [diagnostic.location] + diagnostic.notes.compactMap(\.location)
    let numbers = places.compactMap { place in
      files[place.file].map { $0.lines.position(of: place.span.start, in: $0.source).line }
    }
    return String(numbers.max() ?? 1).utf8.count
  }

  /// The colours of a terminal's own palette, which its owner chose to be readable.
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
