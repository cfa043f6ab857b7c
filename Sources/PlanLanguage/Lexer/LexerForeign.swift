// Characters outside ASCII instead of a token.
extension Lexer {
  enum ForeignKind { case letter, space, quote }

  /// What the character at `offset`, where a byte of 0x80 or above is, was probably meant to be.
  func foreign(at offset: Int) -> (kind: ForeignKind, length: Int) {
    let length = scalarLength(in: bytes, at: offset) ?? 1
    guard let scalar = scalar(in: bytes, at: offset) else { return (.letter, 1) }
    switch scalar.value {
    case 0xA0, 0x85, 0x1680, 0x2000...0x200F, 0x2028...0x202F, 0x205F...0x206F, 0x3000, 0xFEFF:
      return (.space, length)
    case 0x2018...0x201F, 0xAB, 0xBB, 0x2039, 0x203A: return (.quote, length)
    default: return (.letter, length)
    }
  }

  /// Scans a piece that begins with a character outside ASCII.
  mutating func scanForeign(from start: Int) -> Token {
    if start == 0 && at(0) == 0xEF && at(1) == 0xBB && at(2) == 0xBF {
      // Columns are counted from the byte after it.
      beginLine(at: 3)
      return finish(.byteOrderMark, from: 0, to: 3)
    }
    let found = foreign(at: start)
    switch found.kind {
    case .quote: return scanQuoted(from: start, openingLength: found.length)
    case .letter: return scanForeignName(from: start, at: start)
    case .space:
      var end = start + found.length
      while end < bytes.count && bytes[end] >= 0x80 {
        let next = foreign(at: end)
        guard next.kind == .space else { break }
        end += next.length
      }
      return finish(.foreignSpace, from: start, to: end)
    }
  }

  /// Scans a name with letters that are allowed only in quotes.
  mutating func scanForeignName(from start: Int, at middle: Int) -> Token {
    var end = middle
    while end < bytes.count {
      if bytes[end].continuesName {
        end += 1
      } else if bytes[end] >= 0x80 {
        let found = foreign(at: end)
        guard found.kind == .letter else { break }
        end += found.length
      } else {
        break
      }
    }
    return finish(.foreignName, from: start, to: end)
  }
}
