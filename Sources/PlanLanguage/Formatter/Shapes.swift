/// What a layout must know in advance: where groups end, and how wide pieces are on one line.
struct Shapes {
  private let pieces: [Token]
  /// For each piece, how many columns everything up to its end takes on one line.
  private var ends: [Int] = []
  /// For an opening brace or parenthesis, the index of the closing one; 0 for any other piece.
  ///
  /// The index is negative if the author wrote the group on several lines or with a comment.
  private var closings: [Int32] = []
  /// For each piece, the index of the next token.
  private var next: [UInt32] = []

  init(_ bytes: UnsafeBufferPointer<UInt8>, _ pieces: [Token]) {
    self.pieces = pieces
    ends.reserveCapacity(pieces.count)
    closings = [Int32](repeating: 0, count: pieces.count)
    var total = 0
    var last: Token?
    var open: [(index: Int, lines: Int)] = []
    var parentheses: [Int] = []
    var lines = 0
    for (index, piece) in pieces.enumerated() {
      switch piece.kind {
      case .byteOrderMark, .whitespace, .endOfFile: break
      case .newline, .comment: lines += 1
      default:
        if let last, Self.hasSpace(last, piece) { total += 1 }
        total += Self.width(of: piece, bytes)
        last = piece
      }
      switch piece.kind {
      case .blockString: lines += 1
      case .leftParen: parentheses.append(index)
      case .rightParen:
        if let opening = parentheses.popLast() {
          closings[opening] = Int32(truncatingIfNeeded: index)
        }
      case .leftBrace: open.append((index, lines))
      case .rightBrace:
        if let (opening, linesBefore) = open.popLast() {
          let closing = Int32(truncatingIfNeeded: index)
          closings[opening] = lines == linesBefore ? closing : -closing
        }
      default: break
      }
      ends.append(total)
    }
    next = [UInt32](repeating: 0, count: pieces.count)
    var following = pieces.count - 1
    for index in pieces.indices.reversed() {
      next[index] = UInt32(following)
      if !pieces[index].kind.isTrivia { following = index }
    }
  }

  /// How many columns a token takes on the line where it begins.
  ///
  /// For a string of several lines, only the quotes count. The indentation of the rest must not
  /// decide where the line is broken, because the break decides the indentation.
  private static func width(of token: Token, _ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    token.kind == .blockString ? 3 : columns(bytes, Int(token.span.start), Int(token.span.end))
  }

  /// The first token after a piece.
  func nextToken(_ index: Int) -> Token { pieces[Int(next[index])] }

  /// Whether the author wrote a group on one line and without a comment.
  func isOneLine(_ opening: Int) -> Bool { closings[opening] > 0 }

  /// How many columns a group takes on one line, braces included.
  func width(_ opening: Int) -> Int {
    // A brace that is never closed takes one column.
    closings[opening] == 0 ? 1 : ends[Int(abs(closings[opening]))] - ends[opening] + 1
  }

  /// How many columns a line takes from its first token to its opening brace or its end.
  func headWidth(_ first: Int, _ lineStarts: [UInt32], _ nextStart: Int) -> Int {
    let limit = nextStart < lineStarts.count ? lineStarts[nextStart] : UInt32.max
    var last = first
    var index = Int(next[first])
    while true {
      let token = pieces[index]
      if token.kind == .endOfFile || token.kind == .rightBrace || token.span.start >= limit {
        break
      }
      last = index
      if token.kind == .leftBrace { break }
      index = Int(next[index])
    }
    let firstWidth = Int(pieces[first].span.end - pieces[first].span.start)
    return ends[last] - ends[first] + firstWidth
  }

  /// Whether two tokens on one line have a blank between them.
  static func hasSpace(_ left: Token, _ right: Token) -> Bool {
    switch (left.kind, right.kind) {
    case (.leftBrace, .rightBrace): false
    case (_, .comma), (.leftBracket, _), (_, .rightBracket), (.leftParen, _), (_, .rightParen),
      (.dotDot, _), (_, .dotDot):
      false
    default: true
    }
  }
}
