import Words

/// One line of a source file as a terminal can show it, with a part marked.
struct Excerpt {
  /// The visible part of the line.
  var text = ""
  /// How many columns come before the mark.
  var markStart = 0
  /// How many columns the mark takes, at least 1.
  var markWidth = 1

  /// The largest number of columns shown.
  static let width = 68
  /// How many columns are kept before the mark when a line is cut.
  private static let lead = 28

  /// Takes the line that begins at `lineStart`, and marks the part of `span` on this line.
  ///
  /// In a long line, only the text near the mark is read.
  init(of source: SourceFile, lineStart: Int, span: Span) {
    let bytes = source.bytes
    let start = min(max(Int(span.start), lineStart), bytes.count)
    var first = lineStart
    // A scalar has at most 4 bytes, so no byte further left can be shown.
    if start - lineStart > Self.width * 4 {
      first = start - Self.width * 4
      while first < start && bytes[first] & 0xC0 == 0x80 { first += 1 }
    }
    var cells: [(text: String, width: Int, offset: Int)] = []
    var isCutLeft = first > lineStart
    var column = 0
    var markEnd: Int?
    var markColumn = 0
    bytes.withUnsafeBufferPointer { bytes in
      var offset = first
      var budget = Self.width * 2
      while offset < bytes.count && bytes[offset] != 0x0A {
        if offset >= start { budget -= 1 }
        if budget < 0 { break }
        if bytes[offset] == 0x0D && offset + 1 < bytes.count && bytes[offset + 1] == 0x0A { break }
        let (shown, width, length) = Self.cell(bytes, offset)
        cells.append((shown, width, offset))
        offset += length
      }
      cells.append(("", 0, offset))
    }
    // The mark's columns.
    for cell in cells {
      if cell.offset <= start { markColumn = column }
      if cell.offset >= Int(span.end) && markEnd == nil { markEnd = column }
      column += cell.width
    }
    let lastColumn = column
    markWidth = max(1, (markEnd ?? lastColumn) - markColumn)
    // The window.
    var windowStart = 0
    if markColumn + min(markWidth, Self.width / 2) > Self.width || isCutLeft {
      windowStart = max(0, markColumn - Self.lead)
      isCutLeft = isCutLeft || windowStart > 0
    }
    render(cells, from: windowStart, isCutLeft: isCutLeft, markColumn: markColumn)
  }

  private mutating func render(
    _ cells: [(text: String, width: Int, offset: Int)],
    from windowStart: Int,
    isCutLeft: Bool,
    markColumn: Int
  ) {
    text = isCutLeft ? "…" : ""
    var used = isCutLeft ? 1 : 0
    markStart = used
    var column = 0
    for cell in cells {
      if column >= windowStart {
        if used + cell.width > Self.width {
          text += "…"
          used += 1
          break
        }
        if column == markColumn { markStart = used }
        text += cell.text
        used += cell.width
      }
      column += cell.width
    }
    markWidth = max(1, min(markWidth, used - markStart))
    while text.hasSuffix(" ") { text.removeLast() }
  }

  /// What is shown for the character at an offset, how many columns it takes, and how many bytes.
  private static func cell(
    _ bytes: UnsafeBufferPointer<UInt8>,
    _ offset: Int
  ) -> (String, Int, Int) {
    let byte = bytes[offset]
    guard let length = scalarLength(in: bytes, at: offset),
      let value = scalar(in: bytes, at: offset)
    else {
      let hex = String(byte, radix: 16, uppercase: true)
      return ("<\(hex)>", hex.utf8.count + 2, 1)
    }
    if byte == 0x09 { return ("  ", 2, 1) }
    let shown = safeForTerminal(value)
    let width = shown.unicodeScalars.reduce(0) { $0 + displayWidth($1) }
    return (shown, width, length)
  }
}
