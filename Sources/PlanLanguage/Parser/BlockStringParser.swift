// Strings of several lines, between `"""` and `"""`.
extension TreeParser {
  /// The pieces of a string of several lines, without its indentation.
  ///
  /// As in Swift, the blanks before the closing quotes are removed from every line.
  mutating func blockSegments(_ token: Token) -> [StringLiteral.Segment] {
    var pieces = SegmentBuilder()
    let start = token.span.start + 3
    let end = token.isUnterminated ? token.span.end : token.span.end - 3
    guard let first = firstLine(from: start, to: end, of: token) else {
      decode(Span(start, end), into: &pieces)
      return pieces.finish()
    }
    let last = lastLine(from: first, to: end)
    let indentation = Span(last, end)
    if !token.isUnterminated && !isBlank(indentation) {
      let quotes = Span(end, end + 3)
      misindented(
        quotes,
        "the closing '\"\"\"' must be on a line of its own",
        [],
        Diagnostic.FixIt(
          "put it there",
          replacing: Span(end, end),
          with: "\n" + text(leadingBlanks(from: last, to: end))
        )
      )
      decodeLines(from: first, to: end, indentation: Span(end, end), into: &pieces)
      return pieces.finish()
    }
    // Without a closing line, there is no indentation to remove.
    let blanks = token.isUnterminated ? Span(end, end) : indentation
    if last > first {
      decodeLines(from: first, to: lineEnd(before: last), indentation: blanks, into: &pieces)
    }
    return pieces.finish()
  }

  /// Where the first line of text begins.
  ///
  /// Text after the opening quotes is reported. The result is nil if no line follows.
  private mutating func firstLine(from start: UInt32, to end: UInt32, of token: Token) -> UInt32? {
    var offset = start
    while offset < end && (at(offset) == 0x20 || at(offset) == 0x09) { offset += 1 }
    if offset < end && at(offset) == 0x0D && at(offset + 1) == 0x0A { offset += 1 }
    if offset < end && at(offset) == 0x0A { return offset + 1 }
    if token.isUnterminated && offset >= end { return nil }
    let last = lastLine(from: start, to: end)
    var fix: Diagnostic.FixIt?
    if last > start && isBlank(Span(last, end)) {
      fix = Diagnostic.FixIt(
        "put it there",
        replacing: Span(start, offset),
        with: "\n" + text(Span(last, end))
      )
    }
    misindented(
      Span(token.span.start, start),
      "the text of a string of several lines begins on the line after '\"\"\"'",
      [],
      fix
    )
    while offset < end && at(offset) != 0x0A { offset += 1 }
    return offset < end ? offset + 1 : nil
  }

  /// Where the line with the closing quotes begins.
  private func lastLine(from first: UInt32, to end: UInt32) -> UInt32 {
    var offset = end
    while offset > first && at(offset - 1) != 0x0A { offset -= 1 }
    return offset
  }

  /// The end of the text of the line before the one that begins at `start`.
  private func lineEnd(before start: UInt32) -> UInt32 {
    let feed = start - 1
    return feed > 0 && at(feed - 1) == 0x0D ? feed - 1 : feed
  }

  /// The blanks that a line begins with.
  private func leadingBlanks(from start: UInt32, to end: UInt32) -> Span {
    var offset = start
    while offset < end && (at(offset) == 0x20 || at(offset) == 0x09) { offset += 1 }
    return Span(start, offset)
  }

  private func isBlank(_ span: Span) -> Bool {
    (span.start..<span.end).allSatisfy { at($0) == 0x20 || at($0) == 0x09 }
  }

  private mutating func decodeLines(
    from start: UInt32,
    to end: UInt32,
    indentation: Span,
    into pieces: inout SegmentBuilder
  ) {
    var isReported = false
    var offset = start
    while true {
      var lineEnd = offset
      while lineEnd < end && at(lineEnd) != 0x0A { lineEnd += 1 }
      let next = lineEnd + 1
      let isLast = lineEnd >= end
      if !isLast && lineEnd > offset && at(lineEnd - 1) == 0x0D { lineEnd -= 1 }
      var textStart = offset
      if isBlank(Span(offset, lineEnd)) {
        // A line of blanks that is shorter than the indentation counts as empty.
        textStart = min(offset + (indentation.end - indentation.start), lineEnd)
      } else {
        let common = commonIndentation(offset, lineEnd, indentation)
        textStart += common
        if common < indentation.end - indentation.start && !isReported {
          isReported = true
          misindented(
            Span(textStart, max(textStart, min(textStart + 1, lineEnd))),
            "this line is indented less than the closing '\"\"\"', or with other blanks",
            [
              note(
                "every line must begin with the blanks before this '\"\"\"'",
                at: indentation
              )
            ],
            Diagnostic.FixIt(
              "indent it like the closing '\"\"\"'",
              replacing: Span(offset, textStart),
              with: text(indentation)
            )
          )
        }
      }
      let isJoined = !isLast && endsWithBackslash(Span(textStart, lineEnd))
      decode(Span(textStart, isJoined ? lineEnd - 1 : lineEnd), into: &pieces)
      if isLast { return }
      if !isJoined { pieces.append("\n") }
      offset = next
    }
  }

  /// Whether the line ends with an unescaped backslash, which joins the next line as in Swift.
  private func endsWithBackslash(_ span: Span) -> Bool {
    var count = 0
    var offset = span.end
    while offset > span.start && at(offset - 1) == 0x5C {
      count += 1
      offset -= 1
    }
    return count % 2 == 1
  }

  /// With how many bytes of the indentation the line begins.
  private func commonIndentation(_ start: UInt32, _ end: UInt32, _ indentation: Span) -> UInt32 {
    var count: UInt32 = 0
    while indentation.start + count < indentation.end && start + count < end
      && at(indentation.start + count) == at(start + count)
    {
      count += 1
    }
    return count
  }

  private mutating func misindented(
    _ span: Span,
    _ message: String,
    _ notes: [Diagnostic.Note] = [],
    _ fixIt: Diagnostic.FixIt? = nil
  ) {
    add(
      Diagnostic(
        .misindentedString,
        at: Location(file, span),
        message,
        notes: notes,
        fixIt: fixIt
      )
    )
  }
}
