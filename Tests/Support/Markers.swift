package import PlanLanguage

/// Expectations written into a plan, under the places that they are about.
///
/// A comment line that marks columns of the nearest line above it that is not a marker:
///
///     phase warm for nginz { script warm }
///     #              ^^^^^ error PLAN0201: no release job 'nginz' / fix: nginx
///
/// `^` marks a diagnostic, `-` a place that a note is about (`--- note: it is declared here`). A
/// place of no width is marked like one of width 1. What cannot be marked like that is written with
/// columns, `# [1-4] error …`, or with an earlier line, `# [-2:1-4] error …`.
package enum Markers {
  /// One expectation, or one finding written as such.
  package struct Marker: Hashable, Sendable, CustomStringConvertible {
    /// The line, from 1.
    package var line: Int
    /// The first column, from 1, in Unicode scalars.
    package var column: Int
    /// How many columns, at least 1.
    package var width: Int
    /// Everything after the mark.
    package var words: String

    package var description: String { "\(line):\(column)+\(width) \(words)" }

    fileprivate var isNote: Bool { words.hasPrefix("note: ") }
  }

  /// The expectations in a text.
  package static func expected(in text: [UInt8]) -> [Marker] {
    var result: [Marker] = []
    var target = 0
    for (index, line) in lines(text).enumerated() {
      if let (mark, words) = parse(line) {
        var line = target
        let column: Int
        let width: Int
        switch mark {
        case .columns(let first, let count): (column, width) = (first, count)
        case .relative(let up, let first, let count):
          line -= up
          (column, width) = (first, count)
        }
        result.append(Marker(line: line, column: column, width: width, words: words))
      } else {
        target = index + 1
      }
    }
    return result.sorted { ($0.line, $0.column, $0.words) < ($1.line, $1.column, $1.words) }
  }

  /// What the diagnostics of a file would be marked as.
  package static func found(_ diagnostics: [Diagnostic], in source: SourceFile) -> [Marker] {
    let table = LineTable(source)
    func marker(_ span: Span, _ words: String) -> Marker {
      let start = table.position(of: span.start, in: source)
      let end = table.position(of: span.end, in: source)
      // What continues after the line's end is marked up to its end, as on a terminal.
      let width = end.line == start.line ? end.column - start.column : 1
      return Marker(line: start.line, column: start.column, width: max(1, width), words: words)
    }
    var result: [Marker] = []
    for diagnostic in diagnostics {
      var words =
        "\(diagnostic.severity.rawValue) \(diagnostic.code.rawValue): \(diagnostic.message)"
      if let fix = diagnostic.fixIt {
        words += " / fix: " + oneLine(fix.replacement)
      }
      result.append(marker(diagnostic.location.span, words))
      for note in diagnostic.notes {
        guard let location = note.location else { continue }
        result.append(marker(location.span, "note: \(note.message)"))
      }
    }
    return result.sorted { ($0.line, $0.column, $0.words) < ($1.line, $1.column, $1.words) }
  }

  /// The text with its markers replaced by these.
  package static func record(_ diagnose: (SourceFile) -> [Diagnostic], in source: SourceFile)
    -> [UInt8]
  {
    let bare = lines(source.bytes).filter { parse($0) == nil }
    let text = SourceFile(id: source.id, name: source.name, bytes: Array(bare.joined()))
    let markers = found(diagnose(text), in: text)
    // A string of several lines can only be marked after its last line.
    var lineOfMarks: [Int: Int] = [:]
    let table = LineTable(text)
    for token in tokens(of: text) where token.kind == .blockString {
      let first = table.position(of: token.span.start, in: text).line
      let last = min(table.position(of: token.span.end, in: text).line, bare.count)
      if first < last { for line in first..<last { lineOfMarks[line] = last } }
    }
    var result: [UInt8] = []
    for (index, line) in bare.enumerated() {
      result += line
      if result.last != 0x0A { result.append(0x0A) }
      for marker in markers where (lineOfMarks[marker.line] ?? marker.line) == index + 1 {
        result += Array(write(marker, under: index + 1).utf8)
      }
    }
    return result
  }

  private static func write(_ marker: Marker, under line: Int) -> String {
    let sign = marker.isNote ? "-" : "^"
    if line != marker.line {
      let last = marker.column + marker.width - 1
      return "# [-\(line - marker.line):\(marker.column)-\(last)] \(marker.words)\n"
    }
    if marker.column < 3 || marker.width > 60 {
      return "# [\(marker.column)-\(marker.column + marker.width - 1)] \(marker.words)\n"
    }
    let indent = marker.column >= 7 ? 4 : marker.column >= 5 ? 2 : 0
    return String(repeating: " ", count: indent) + "#"
      + String(repeating: " ", count: marker.column - indent - 2)
      + String(repeating: sign, count: marker.width) + " \(marker.words)\n"
  }

  private static func oneLine(_ text: String) -> String {
    text.isEmpty ? "(nothing)" : text.replacing("\n", with: "\\n")
  }

  private enum Mark: Equatable {
    case columns(first: Int, count: Int)
    case relative(up: Int, first: Int, count: Int)
  }

  private static func parse(_ line: some Sequence<UInt8>) -> (Mark, String)? {
    let text = String(decoding: Array(line), as: UTF8.self)
    guard let match = text.wholeMatch(of: #/(\s*#\s*)(\^+|-+|\[(?:-(\d+):)?(\d+)-(\d+)\]) (.*)\s*/#)
    else {
      return nil
    }
    let words = String(match.6)
    guard
      words.hasPrefix("note: ") || words.hasPrefix("error PLAN") || words.hasPrefix("warning PLAN")
    else { return nil }
    if let first = match.4.flatMap({ Int($0) }), let last = match.5.flatMap({ Int($0) }) {
      let count = max(1, last - first + 1)
      if let up = match.3.flatMap({ Int($0) }) {
        return (.relative(up: up, first: first, count: count), words)
      }
      return (.columns(first: first, count: count), words)
    }
    return (.columns(first: match.1.unicodeScalars.count + 1, count: match.2.count), words)
  }

  /// The lines of a text, line ends included.
  private static func lines(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
    var result: [ArraySlice<UInt8>] = []
    var start = 0
    for (index, byte) in text.enumerated() where byte == 0x0A {
      result.append(text[start...index])
      start = index + 1
    }
    if start < text.count { result.append(text[start...]) }
    return result
  }
}
