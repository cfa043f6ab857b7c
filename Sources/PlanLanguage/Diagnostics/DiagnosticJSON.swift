/// Text as a JSON string, quotes included.
///
/// Everything outside printable ASCII but letters of other scripts is escaped, so that the line is
/// also safe to look at in a terminal.
package func jsonString(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar.value {
    case 0x22: result += "\\\""
    case 0x5C: result += "\\\\"
    case 0x0A: result += "\\n"
    case 0x0D: result += "\\r"
    case 0x09: result += "\\t"
    case 0x00...0x1F, 0x7F...0x9F, 0xAD, 0x61C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F,
      0xFEFF:
      let hex = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}

/// Renders diagnostics as one versioned JSON document.
///
/// Lines and columns count from 1, columns in Unicode scalars; offsets count from 0 in bytes.
package struct DiagnosticJSON: Sendable {
  /// The number that changes when a reader of the document would have to.
  package static let version = 1

  private let files: [FileID: (source: SourceFile, lines: LineTable)]

  /// Makes a renderer for diagnostics about these files.
  package init(sources: [SourceFile]) {
    var files: [FileID: (source: SourceFile, lines: LineTable)] = [:]
    for source in sources { files[source.id] = (source, LineTable(source)) }
    self.files = files
  }

  /// The document, ended by a newline.
  package func render(_ diagnostics: [Diagnostic]) -> String {
    Self.document(diagnostics.map { object($0) })
  }

  /// The document of diagnostics that are objects already, perhaps of several plans.
  package static func document(_ objects: [String]) -> String {
    let list = objects.map { "\n  \($0)" }.joined(separator: ",")
    return "{\"version\":\(version),\"diagnostics\":[\(list)\(objects.isEmpty ? "" : "\n")]}\n"
  }

  /// One diagnostic as an object on one line.
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
