import Words

/// Renders diagnostics as one versioned JSON document.
///
/// Lines and columns count from 1. Columns are Unicode scalars. Offsets are bytes and count from 0.
package struct DiagnosticJSON: Sendable {
  /// The version of the format, which changes when programs that read the document must change.
  package static let version = 1

  private let files: [FileID: (source: SourceFile, lines: LineTable)]

  /// Makes a renderer for diagnostics about these files.
  package init(sources: [SourceFile]) {
    var files: [FileID: (source: SourceFile, lines: LineTable)] = [:]
    for source in sources { files[source.id] = (source, LineTable(source)) }
    self.files = files
  }

  /// The document, with a newline at its end.
  package func render(_ diagnostics: [Diagnostic]) -> String {
    Self.document(diagnostics.map { object($0) })
  }

  /// The document for diagnostics that are JSON objects already, perhaps from several plans.
  package static func document(_ objects: [String]) -> String {
    let list = objects.map { "\n  \($0)" }.joined(separator: ",")
    return "{\"version\":\(version),\"diagnostics\":[\(list)\(objects.isEmpty ? "" : "\n")]}\n"
  }

  /// One diagnostic as a JSON object on one line.
  package func object(_ diagnostic: Diagnostic) -> String {
    var result = "{\"code\":\"\(diagnostic.code.rawValue)\""
    result += ",\"severity\":\"\(diagnostic.severity.rawValue)\""
    result += ",\"message\":" + jsonString(diagnostic.message)
    result += "," + place(diagnostic.location)
    let notes = diagnostic.notes.map { note in
      "{\"message\":" + jsonString(note.message) + (note.location.map { "," + place($0) } ?? "")
        + "}"
    }
    result += ",\"notes\":[" + notes.joined(separator: ",") + "]"
    if let fix = diagnostic.fixIt {
      let location = Location(diagnostic.location.file, fix.span)
      result += ",\"fix\":{\"message\":" + jsonString(fix.message) + "," + place(location)
      result += ",\"replacement\":" + jsonString(fix.replacement) + "}"
    } else {
      result += ",\"fix\":null"
    }
    return result + "}"
  }

  private func place(_ location: Location) -> String {
    guard let file = files[location.file] else {
      return "\"file\":null,\"start\":null,\"end\":null"
    }
    func point(_ offset: UInt32) -> String {
      let position = file.lines.position(of: offset, in: file.source)
      return
        "{\"line\":\(position.line),\"column\":\(position.column),\"offset\":\(offset)}"
    }
    return "\"file\":" + jsonString(file.source.name) + ",\"start\":" + point(location.span.start)
      + ",\"end\":" + point(location.span.end)
  }
}
