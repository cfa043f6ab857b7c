/// The text of one plan file as it was read: bytes, which may not be UTF-8.
package struct SourceFile: Sendable {
  /// The file's number within one compilation.
  package let id: FileID
  /// The name for people: a path as it was given, or a bundled plan's name in angle brackets.
  package let name: String
  /// The whole text, of which at most 2^32 - 2 bytes are read.
  package let bytes: [UInt8]

  /// Makes a source file from its bytes.
  package init(id: FileID, name: String, bytes: [UInt8]) {
    self.id = id
    self.name = name
    self.bytes = bytes
  }

  /// Makes a source file from a string, for tests and for text that is part of the program.
  package init(id: FileID = FileID(0), name: String, text: String) {
    self.init(id: id, name: name, bytes: Array(text.utf8))
  }

  /// The text under a span for messages, with invalid UTF-8 replaced.
  package func text(_ span: Span) -> String {
    let start = min(Int(span.start), bytes.count)
    let end = min(max(Int(span.end), start), bytes.count)
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }
}
