/// A half-open range of UTF-8 offsets in one source file.
package struct Span: Hashable, Sendable {
  /// Offset of the first byte.
  package var start: UInt32
  /// Offset just past the last byte; never less than `start`.
  package var end: UInt32

  /// Makes the span from one offset up to, not including, another.
  package init(_ start: UInt32, _ end: UInt32) {
    self.start = start
    self.end = end
  }

  /// The smallest span that holds this one and `other`.
  package func union(_ other: Span) -> Span {
    Span(min(start, other.start), max(end, other.end))
  }
}

/// Which of the files of one compilation a span belongs to: the plan itself is 0, each included
/// file has the next number in the order in which it is first reached.
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
  /// Where in it.
  package var span: Span

  /// Makes the location of `span` in `file`.
  package init(_ file: FileID, _ span: Span) {
    self.file = file
    self.span = span
  }
}
