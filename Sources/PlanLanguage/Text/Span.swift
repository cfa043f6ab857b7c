/// A half-open range of UTF-8 offsets in one source file.
package struct Span: Hashable, Sendable {
  /// The offset of the first byte.
  package var start: UInt32
  /// The offset after the last byte, never less than `start`.
  package var end: UInt32

  /// Makes the span from one offset up to, but not including, another.
  package init(_ start: UInt32, _ end: UInt32) {
    self.start = start
    self.end = end
  }

  /// The smallest span that contains this one and `other`.
  package func union(_ other: Span) -> Span {
    Span(min(start, other.start), max(end, other.end))
  }
}

/// The file of one compilation that a span belongs to: 0 for the plan itself.
///
/// Included files have the next numbers, in the order in which they are first reached.
package struct FileID: Hashable, Sendable {
  /// The number.
  package var index: Int

  /// Makes the identifier with this number.
  package init(_ index: Int) { self.index = index }
}

/// A place in one of the files of a compilation.
package struct Location: Hashable, Sendable {
  /// The file.
  package var file: FileID
  /// The place in this file.
  package var span: Span

  /// Makes the location of `span` in `file`.
  package init(_ file: FileID, _ span: Span) {
    self.file = file
    self.span = span
  }
}
