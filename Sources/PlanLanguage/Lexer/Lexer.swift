/// Cuts text into pieces, one after another; joined, they are the text again, byte for byte.
struct Lexer {
  let bytes: UnsafeBufferPointer<UInt8>
  /// Where the next piece begins.
  private(set) var offset: Int
  /// Where the line of `offset` begins.
  private(set) var lineStart: Int

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    offset = 0
    lineStart = 0
  }

  /// The next piece; at the end and from then on, an `endOfFile` without length.
  @inline(__always)
  mutating func scan() -> Token {
    let start = offset
    guard start < bytes.count else { return Token(.endOfFile, start, start) }
    let byte = bytes[start]
    if byte == 0x20 || byte == 0x09 {
      var end = start + 1
      while end < bytes.count && (bytes[end] == 0x20 || bytes[end] == 0x09) { end += 1 }
      offset = end
      return Token(.whitespace, start, end)
    }
    if byte.beginsName { return scanName(from: start) }
    return scanOther(byte, from: start)
  }

  private mutating func scanOther(_ byte: UInt8, from start: Int) -> Token {
    switch byte {
    case 0x0A:
      offset = start + 1
      lineStart = offset
      return Token(.newline, start, offset)
    case 0x0D:
      offset = start + (at(start + 1) == 0x0A ? 2 : 1)
      lineStart = offset
      // A carriage return alone also ends a line here, so that what follows is still read.
      return Token(offset == start + 2 ? .newline : .unexpected, start, offset)
    case 0x23: return scanComment(from: start)
    case 0x22: return scanString(from: start)
    case 0x30...0x39: return scanNumber(from: start)
    case 0x5C: return scanParam(from: start)
    case 0x7B: return one(.leftBrace, start)
    case 0x7D: return one(.rightBrace, start)
    case 0x5B: return one(.leftBracket, start)
    case 0x5D: return one(.rightBracket, start)
    case 0x28: return one(.leftParen, start)
    case 0x29: return one(.rightParen, start)
    case 0x2C: return one(.comma, start)
    case 0x3D: return oneOrTwo(.equal, 0x3D, .equalEqual, start)
    case 0x3C: return oneOrTwo(.less, 0x3D, .lessOrEqual, start)
    case 0x3E: return oneOrTwo(.greater, 0x3D, .greaterOrEqual, start)
    case 0x21: return oneOrTwo(.bang, 0x3D, .notEqual, start)
    case 0x26: return oneOrTwo(.unexpected, 0x26, .andAnd, start)
    case 0x7C: return oneOrTwo(.unexpected, 0x7C, .orOr, start)
    case 0x2E: return oneOrTwo(.unexpected, 0x2E, .dotDot, start)
    case 0x2F where at(start + 1) == 0x2F:
      var token = scanComment(from: start)
      token.kind = .slashComment
      return token
    case 0x2D where at(start + 1).isDigit: return scanNumber(from: start)
    case 0x27: return scanQuoted(from: start, openingLength: 1)
    case 0x80...: return scanForeign(from: start)
    default: return scanUnexpected(from: start)
    }
  }

  /// The byte at an offset; past the end, 0, which no text contains.
  @inline(__always)
  func at(_ index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }

  /// Skips the rest.
  mutating func skipToEnd() { offset = bytes.count }

  /// Makes the piece from `start` to `end`, and moves to its end.
  @inline(__always)
  mutating func finish(_ kind: Token.Kind, from start: Int, to end: Int) -> Token {
    offset = end
    return Token(kind, start, end)
  }

  /// Records that a line begins at `start`, inside a piece that contains a line end.
  mutating func beginLine(at start: Int) { lineStart = start }

  private mutating func one(_ kind: Token.Kind, _ start: Int) -> Token {
    finish(kind, from: start, to: start + 1)
  }

  private mutating func oneOrTwo(
    _ short: Token.Kind,
    _ second: UInt8,
    _ long: Token.Kind,
    _ start: Int
  ) -> Token {
    at(start + 1) == second
      ? finish(long, from: start, to: start + 2) : finish(short, from: start, to: start + 1)
  }

  @inline(__always)
  private mutating func scanName(from start: Int) -> Token {
    let end = endOfName(from: start)
    offset = end
    // With a letter outside ASCII directly after it, the author meant both as one name.
    if end < bytes.count && bytes[end] >= 0x80 && foreign(at: end).kind == .letter {
      return scanForeignName(from: start, at: end)
    }
    let count = end - start
    let word =
      count <= 14
      ? Word(UnsafeBufferPointer(rebasing: bytes[start..<end])) : nil
    return Token(.name, start, end, word: word)
  }

  /// The end of the name whose first byte is at `start`.
  @inline(__always)
  func endOfName(from start: Int) -> Int {
    var end = start + 1
    while end < bytes.count {
      let byte = bytes[end]
      if byte.continuesName {
        end += 1
      } else if byte == 0x2E && at(end + 1).continuesName {
        end += 2
      } else {
        break
      }
    }
    return end
  }

  private mutating func scanComment(from start: Int) -> Token {
    var end = start + 1
    while end < bytes.count && bytes[end] != 0x0A && bytes[end] != 0x0D { end += 1 }
    return finish(.comment, from: start, to: end)
  }

  /// Scans `\(name)`.
  private mutating func scanParam(from start: Int) -> Token {
    guard at(start + 1) == 0x28 else { return scanUnexpected(from: start) }
    if at(start + 2).beginsName {
      let end = endOfName(from: start + 2)
      if at(end) == 0x29 { return finish(.param, from: start, to: end + 1) }
    }
    var end = start + 2
    while end < bytes.count && bytes[end] != 0x29 && bytes[end] != 0x0A && bytes[end] != 0x7D
      && bytes[end] != 0x0D
    {
      end += 1
    }
    return finish(.badParam, from: start, to: at(end) == 0x29 ? end + 1 : end)
  }

  /// Scans a run of characters that have no meaning in the language.
  private mutating func scanUnexpected(from start: Int) -> Token {
    var end = start + 1
    while end < bytes.count {
      let byte = bytes[end]
      let isOne =
        byte.isForbiddenControl || byte == 0x24 || byte == 0x25 || byte == 0x2A || byte == 0x2B
        || byte == 0x2D || byte == 0x2F || byte == 0x3A || byte == 0x3B || byte == 0x3F
        || byte == 0x40 || byte == 0x5E || byte == 0x60 || byte == 0x7E
      guard isOne else { break }
      end += 1
    }
    return finish(.unexpected, from: start, to: end)
  }
}
