import PlanLanguage

/// A word of a line of a hosts file.
struct HostWord {
  /// The word without its quotes.
  var text: String
  /// Where it is in the file, quotes included.
  var span: Span
  /// The bytes of the word before the first `=` that is not in quotes; nil if there is none.
  var keyLength: Int?
  /// Whether the word contains no quotes, so that its bytes are those of the file.
  var isPlain: Bool

  /// Where some bytes of the word are in the file; the whole word if it contains quotes.
  func span(of range: Range<Int>) -> Span {
    if !isPlain { return span }
    return Span(span.start + UInt32(range.lowerBound), span.start + UInt32(range.upperBound))
  }
}

/// What is wrong with a word: the bytes of it, and words for people.
struct HostMistake: Error {
  var code: DiagnosticCode = .unusableHost
  var range: Range<Int>
  var message: String
  var note: String?
  /// What to write in place of the bytes.
  var replacement: String?
}

/// Splits the lines of a hosts file into words.
struct HostWords {
  /// A quote that is not closed, or a character that no line contains.
  struct Mistake: Error {
    var span: Span
    var message: String
    var note: String?
  }

  /// The words of a line up to its comment.
  ///
  /// - Parameters:
  ///   - bytes: the file, which is UTF-8.
  ///   - line: the bytes of the line, without its end.
  /// - Returns: the words; none for an empty line.
  /// - Throws: a quote that is not closed, or a control character.
  static func words(_ bytes: [UInt8], _ line: Range<Int>) throws(Mistake) -> [HostWord] {
    var words: [HostWord] = []
    var offset = line.lowerBound
    while offset < line.upperBound {
      let byte = bytes[offset]
      if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") {
        offset += 1
      } else if byte == UInt8(ascii: "#") {
        break
      } else {
        words.append(try word(bytes, &offset, line.upperBound))
      }
    }
    return words
  }

  private static func word(
    _ bytes: [UInt8],
    _ offset: inout Int,
    _ end: Int
  ) throws(Mistake) -> HostWord {
    let start = offset
    var text: [UInt8] = []
    var keyLength: Int?
    var isPlain = true
    while offset < end {
      let byte = bytes[offset]
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"):
        return HostWord(
          text: String(decoding: text, as: UTF8.self),
          span: Span(UInt32(start), UInt32(offset)),
          keyLength: keyLength,
          isPlain: isPlain
        )
      case UInt8(ascii: "'"), UInt8(ascii: "\""):
        isPlain = false
        try quoted(bytes, &offset, end, &text)
      case 0..<0x20, 0x7F:
        throw Mistake(
          span: Span(UInt32(offset), UInt32(offset + 1)),
          message: "a control character (U+\(hex(byte))) in a line",
          note: byte == 0x0D ? "lines end with a line feed, alone or after a carriage return" : nil
        )
      default:
        if byte == UInt8(ascii: "="), keyLength == nil { keyLength = text.count }
        text.append(byte)
        offset += 1
      }
    }
    return HostWord(
      text: String(decoding: text, as: UTF8.self),
      span: Span(UInt32(start), UInt32(offset)),
      keyLength: keyLength,
      isPlain: isPlain
    )
  }

  /// Takes what is in quotes: in `'` all bytes as they are, in `"` with `\"` and `\\`.
  private static func quoted(
    _ bytes: [UInt8],
    _ offset: inout Int,
    _ end: Int,
    _ text: inout [UInt8]
  ) throws(Mistake) {
    let quote = bytes[offset]
    let start = offset
    offset += 1
    while offset < end, bytes[offset] != quote {
      if quote == UInt8(ascii: "\""), bytes[offset] == UInt8(ascii: "\\"), offset + 1 < end,
        "\\\"".utf8.contains(bytes[offset + 1])
      {
        offset += 1
      }
      text.append(bytes[offset])
      offset += 1
    }
    if offset == end {
      throw Mistake(
        span: Span(UInt32(start), UInt32(end)),
        message: "a quote that is not closed on its line"
      )
    }
    offset += 1
  }

  private static func hex(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return String(repeating: "0", count: 4 - digits.utf8.count) + digits
  }
}
