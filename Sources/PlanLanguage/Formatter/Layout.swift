/// Writes the pieces of a text again with other blanks between them.
///
/// Each piece is read a fixed number of times, so the time is linear.
struct Layout {
  let bytes: UnsafeBufferPointer<UInt8>
  let pieces: [Token]
  /// The offsets of everything that begins a line of its own, ascending.
  private let lineStarts: [UInt32]
  private(set) var output: [UInt8] = []
  /// How many columns of the current line are written so far.
  private var column = 0
  /// For each group around the current piece, whether it is written on one line.
  private var groups: [Bool] = []
  /// How many of these groups are written on several lines.
  private var depth = 0
  /// How many line ends the author wrote since the last piece.
  private var lineEnds = 0
  /// The last token written.
  private var last: Token?
  /// Whether a comment was written since then, so that the line must end.
  private var mustBreak = false
  /// Whether the current line is too long, so that its lists are broken.
  private var isBroken = false
  /// Whether the current line is a condition.
  private var isCondition = false
  /// For each open parenthesis in a broken condition, whether it stays on one line.
  private var parentheses: [Bool] = []
  /// Whether a list of arguments is open.
  private var isInBrackets = false
  private var nextStart = 0
  private var shapes: Shapes

  init(_ bytes: UnsafeBufferPointer<UInt8>, pieces: [Token], lineStarts: [UInt32]) {
    self.bytes = bytes
    self.pieces = pieces
    self.lineStarts = lineStarts
    shapes = Shapes(bytes, pieces)
    output.reserveCapacity(bytes.count + bytes.count / 8)
  }

  mutating func write() {
    for index in pieces.indices {
      let piece = pieces[index]
      switch piece.kind {
      case .byteOrderMark, .whitespace: break
      case .newline: lineEnds += 1
      case .comment: writeComment(piece, at: index)
      case .endOfFile: break
      default: writeToken(piece, at: index)
      }
    }
    if column > 0 { output.append(0x0A) }
  }

  private var isInline: Bool { groups.last ?? false }

  private mutating func newline(indent: Int) {
    if output.isEmpty { return }
    output.append(0x0A)
    for _ in 0..<indent { output.append(0x20) }
    column = indent
  }

  /// Begins a line, after an empty one if the author left at least one.
  private mutating func beginLine(indent: Int) {
    let isFirst = last?.kind == .leftBrace && !mustBreak
    if lineEnds > 1 && !isFirst && !output.isEmpty { output.append(0x0A) }
    newline(indent: indent)
  }

  private mutating func writeComment(_ piece: Token, at index: Int) {
    if lineEnds == 0 && !output.isEmpty {
      append("  ")
    } else {
      // Between the words of one statement, it is indented like the continuation of the statement.
      let next = shapes.nextToken(index)
      let isBetween = next.kind != .rightBrace && next.kind != .endOfFile && !begins(next)
      beginLine(indent: depth * 2 + (isBetween ? 4 : 0))
    }
    var end = Int(piece.span.end)
    while end > Int(piece.span.start) && (bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09) {
      end -= 1
    }
    append(Int(piece.span.start), end)
    mustBreak = true
    lineEnds = 0
  }

  /// Whether a token is the next one that begins a line of its own.
  private func begins(_ token: Token) -> Bool {
    nextStart < lineStarts.count && lineStarts[nextStart] == token.span.start
  }

  private mutating func writeToken(_ token: Token, at index: Int) {
    let isStart = begins(token)
    if isStart { nextStart += 1 }
    if isStart && !isInline {
      beginLine(indent: depth * 2)
      let width = shapes.headWidth(index, lineStarts, nextStart)
      isBroken = column + width > Formatter.width
      isCondition = token.word == .when
      parentheses.removeAll(keepingCapacity: true)
    } else if token.kind == .rightBrace && !isInline && (last?.kind != .leftBrace || mustBreak) {
      newline(indent: (depth - 1) * 2)
    } else if mustBreak {
      newline(indent: depth * 2 + 4)
    } else if let indent = breakBefore(token) {
      newline(indent: indent)
    } else if let last, Shapes.hasSpace(last, token) {
      append(" ")
    }
    switch token.kind {
    case .leftBrace: openGroup(at: index)
    case .rightBrace:
      if groups.popLast() == false { depth -= 1 }
      append("}")
    case .blockString: appendBlockString(token)
    default: append(Int(token.span.start), Int(token.span.end))
    }
    if isCondition && isBroken {
      if token.kind == .leftParen {
        let fits = column - 1 + shapes.width(index) <= Formatter.width
        parentheses.append(parentheses.last ?? false || fits)
      }
      if token.kind == .rightParen { _ = parentheses.popLast() }
    }
    if token.kind == .leftBracket { isInBrackets = true }
    if token.kind == .rightBracket { isInBrackets = false }
    last = token
    mustBreak = false
    lineEnds = 0
  }

  /// The indentation for a line break before a token; nil if the line is not broken there.
  private func breakBefore(_ token: Token) -> Int? {
    guard isBroken, !isInline, let last else { return nil }
    if isCondition && (token.word == .and || token.word == .or) {
      // What is in parentheses stays together if there is room for it.
      return parentheses.last ?? false ? nil : depth * 2 + 4 + parentheses.count * 2
    }
    if last.kind == .leftBracket { return depth * 2 + 2 }
    if token.kind == .rightBracket { return depth * 2 }
    if last.kind == .comma { return depth * 2 + (isInBrackets ? 2 : 4) }
    return nil
  }

  private mutating func openGroup(at index: Int) {
    let isOneLine =
      isInline || (shapes.isOneLine(index) && column + shapes.width(index) <= Formatter.width)
    groups.append(isOneLine)
    if !isOneLine { depth += 1 }
    append("{")
    // The text in braces is not part of the line that was too long.
    isBroken = false
  }

  private mutating func append(_ text: StaticString) {
    for index in 0..<text.utf8CodeUnitCount { output.append(text.utf8Start[index]) }
    column += text.utf8CodeUnitCount
  }

  private mutating func append(_ start: Int, _ end: Int) {
    output.append(contentsOf: bytes[start..<end])
    column += columns(bytes, start, end)
  }

  /// Writes a string of several lines, with new indentation for its text and closing quotes.
  private mutating func appendBlockString(_ token: Token) {
    let indent = depth * 2 + 2
    let end = Int(token.span.end)
    var closing = end - 3
    while bytes[closing - 1] != 0x0A { closing -= 1 }
    let stripped = end - 3 - closing
    append("\"\"\"")
    var offset = Int(token.span.start) + 3
    while bytes[offset] != 0x0A { offset += 1 }
    offset += 1
    while offset < closing {
      var lineEnd = offset
      while bytes[lineEnd] != 0x0A { lineEnd += 1 }
      let next = lineEnd + 1
      if lineEnd > offset && bytes[lineEnd - 1] == 0x0D { lineEnd -= 1 }
      output.append(0x0A)
      let text = min(offset + stripped, lineEnd)
      if text < lineEnd {
        for _ in 0..<indent { output.append(0x20) }
        output.append(contentsOf: bytes[text..<lineEnd])
      }
      offset = next
    }
    newline(indent: indent)
    append("\"\"\"")
  }
}

/// How many columns a text takes; the bytes after the first in a scalar take none.
func columns(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Int {
  var count = 0
  for index in start..<end where bytes[index] & 0xC0 != 0x80 { count += 1 }
  return count
}
