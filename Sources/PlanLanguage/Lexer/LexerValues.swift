// Numbers and strings.
extension Lexer {
  /// Scans a number of some kind; the parser checks whether its value fits.
  mutating func scanNumber(from start: Int) -> Token {
    var end = start
    if at(end) == 0x2D { return scanBadNumber(from: start, at: end + 1) }
    end = endOfDigits(from: end)
    switch at(end) {
    case 0x25:
      return at(end + 1).continuesName
        ? scanBadNumber(from: start, at: end + 1) : finish(.percent, from: start, to: end + 1)
    case 0x2E where at(end + 1).isDigit:
      while at(end) == 0x2E && at(end + 1).isDigit { end = endOfDigits(from: end + 1) }
      return at(end).continuesName || at(end) == 0x25
        ? scanBadNumber(from: start, at: end) : finish(.version, from: start, to: end)
    case 0x68, 0x6D, 0x73:
      return scanDuration(from: start, at: end)
    case let next where next.continuesName:
      return scanBadNumber(from: start, at: end)
    default:
      return finish(.int, from: start, to: end)
    }
  }

  private func endOfDigits(from start: Int) -> Int {
    var end = start
    while at(end).isDigit { end += 1 }
    return end
  }

  /// Scans `1h30m` from its first unit on.
  private mutating func scanDuration(from start: Int, at unit: Int) -> Token {
    var end = unit
    while true {
      switch (at(end), at(end + 1)) {
      case (0x6D, 0x73): end += 2
      case (0x68, _), (0x6D, _), (0x73, _): end += 1
      default: return scanBadNumber(from: start, at: end)
      }
      guard at(end).isDigit else { break }
      end = endOfDigits(from: end)
    }
    if at(end).continuesName || (at(end) == 0x2E && at(end + 1).continuesName) {
      return scanBadNumber(from: start, at: end)
    }
    return finish(.duration, from: start, to: end)
  }

  /// Scans everything that the author meant as one number.
  private mutating func scanBadNumber(from start: Int, at middle: Int) -> Token {
    var end = middle
    while at(end).continuesName || (at(end) == 0x2E && at(end + 1).continuesName) { end += 1 }
    if at(end) == 0x25 { end += 1 }
    return finish(.badNumber, from: start, to: end)
  }

  /// Scans a string from its opening quote to its closing quote, or to the end of its line.
  mutating func scanString(from start: Int) -> Token {
    if at(start + 1) == 0x22 && at(start + 2) == 0x22 { return scanBlockString(from: start) }
    var end = start + 1
    var isPlain = true
    while end < bytes.count {
      let byte = bytes[end]
      if byte == 0x22 {
        var token = finish(.string, from: start, to: end + 1)
        token.isPlain = isPlain
        return token
      }
      if byte == 0x5C {
        isPlain = false
        // The byte after a backslash is skipped, unless it ends the line.
        end += at(end + 1) == 0x0A || at(end + 1) == 0x0D ? 1 : 2
      } else if byte == 0x0A || byte == 0x0D {
        break
      } else {
        if byte.isForbiddenControl { isPlain = false }
        end += 1
      }
    }
    var token = finish(.string, from: start, to: min(end, bytes.count))
    token.isUnterminated = true
    return token
  }

  private mutating func scanBlockString(from start: Int) -> Token {
    var end = start + 3
    while end < bytes.count {
      let byte = bytes[end]
      if byte == 0x22 && at(end + 1) == 0x22 && at(end + 2) == 0x22 {
        return finish(.blockString, from: start, to: end + 3)
      }
      if byte == 0x0A { beginLine(at: end + 1) }
      // A quote or backslash after a backslash is skipped. A line end is not: it is counted.
      end += byte == 0x5C && (at(end + 1) == 0x22 || at(end + 1) == 0x5C) ? 2 : 1
    }
    var token = finish(.blockString, from: start, to: min(end, bytes.count))
    token.isUnterminated = true
    return token
  }

  /// Scans text between quotes of another kind, up to the closing quote or the end of the line.
  mutating func scanQuoted(from start: Int, openingLength: Int) -> Token {
    var end = start + openingLength
    while end < bytes.count && bytes[end] != 0x0A && bytes[end] != 0x0D {
      if openingLength == 1 {
        if bytes[end] == 0x27 { return finish(.quoted, from: start, to: end + 1) }
      } else if bytes[end] >= 0x80 {
        let found = foreign(at: end)
        if found.kind == .quote { return finish(.quoted, from: start, to: end + found.length) }
      }
      end += 1
    }
    // If nothing closes it, the rest of the line belongs to it, as for a string of the language.
    var token = finish(.quoted, from: start, to: end)
    token.isUnterminated = true
    return token
  }
}
