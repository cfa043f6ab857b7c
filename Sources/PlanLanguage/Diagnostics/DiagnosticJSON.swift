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
    text { json in
      json.object { json in
        json.field("version", version)
        json.name("diagnostics")
        json.array { json in
          for object in objects {
            json.indentedLine()
            json.raw(Array(object.utf8))
          }
          if !objects.isEmpty { json.lineBreak() }
        }
      }
      json.lineBreak()
    }
  }

  /// One diagnostic as a JSON object on one line.
  package func object(_ diagnostic: Diagnostic) -> String {
    Self.text { json in
      json.object { json in
        json.field("code", diagnostic.code.rawValue)
        json.field("severity", diagnostic.severity.rawValue)
        json.field("message", diagnostic.message)
        write(diagnostic.location, to: &json)
        json.name("notes")
        json.array { json in
          for note in diagnostic.notes {
            json.object { json in
              json.field("message", note.message)
              if let location = note.location { write(location, to: &json) }
            }
          }
        }
        json.name("fix")
        write(diagnostic.fixIt, in: diagnostic.location.file, to: &json)
      }
    }
  }

  private static func text(_ body: (inout JSONWriter) -> Void) -> String {
    String(decoding: JSONWriter.bytes(body), as: UTF8.self)
  }

  private func write(_ fix: Diagnostic.FixIt?, in file: FileID, to json: inout JSONWriter) {
    guard let fix else { return json.null() }
    json.object { json in
      json.field("message", fix.message)
      write(Location(file, fix.span), to: &json)
      json.field("replacement", fix.replacement)
    }
  }

  private func write(_ location: Location, to json: inout JSONWriter) {
    let file = files[location.file]
    json.field("file", file?.source.name)
    for (name, offset) in [
      ("start" as StaticString, location.span.start), ("end", location.span.end),
    ] {
      json.name(name)
      guard let file else {
        json.null()
        continue
      }
      let position = file.lines.position(of: offset, in: file.source)
      json.object { json in
        json.field("line", position.line)
        json.field("column", position.column)
        json.field("offset", Int(offset))
      }
    }
  }
}
