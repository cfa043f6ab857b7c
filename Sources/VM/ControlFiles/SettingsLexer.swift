/// A token of the control file that says how a monit is asked.
enum SettingsToken: Hashable {
  /// A bare word, as written.
  case word(String)
  /// A quoted text without its quotes, and which quotes they were.
  case quoted(String, UInt8)
  /// One of `: @ } % , = !`.
  case symbol(UInt8)
  /// Everything between braces: events, a mail's text, options of TLS. A mail may hold lone quotes.
  case braces
  case end
}

/// What is wrong with such a file.
struct SettingsError: Error, Hashable {
  /// Counted from 1.
  var line: Int
  /// As the end of a sentence that begins with the place.
  var what: String
}

/// Splits a monit control file of any version into tokens.
///
/// The rules are those of monit 5.2 and later (monit(1), *The Monit control file*): blanks, `;`,
/// `(` and `)` only separate, `#` begins a comment anywhere but in a quoted text, nothing is
/// escaped in one, and it may go over several lines.
struct SettingsLexer {
  private let bytes: [UInt8]
  private var position = 0
  /// The line of the token that was read last.
  private(set) var line = 1
  private var nextLine = 1

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The next token; always `end` after the end.
  ///
  /// - Returns: the token.
  /// - Throws: an error if a quoted text has no end.
  mutating func next() throws(SettingsError) -> SettingsToken {
    skipBlanks()
    line = nextLine
    guard position < bytes.count else { return .end }
    let byte = bytes[position]
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      let start = position + 1
      guard let end = bytes[start...].firstIndex(of: byte) else {
        throw SettingsError(line: line, what: "has a quote without an end")
      }
      for byte in bytes[start..<end] where byte == UInt8(ascii: "\n") { nextLine += 1 }
      position = end + 1
      return .quoted(String(decoding: bytes[start..<end], as: UTF8.self), byte)
    case UInt8(ascii: "{"):
      guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "}")) else {
        throw SettingsError(line: line, what: "has a brace without an end")
      }
      for byte in bytes[position..<end] where byte == UInt8(ascii: "\n") { nextLine += 1 }
      position = end + 1
      return .braces
    case UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "}"), UInt8(ascii: "%"),
      UInt8(ascii: ","), UInt8(ascii: "="), UInt8(ascii: "!"):
      position += 1
      return .symbol(byte)
    default:
      let start = position
      while position < bytes.count, Self.isInWord(bytes[position]) { position += 1 }
      return .word(String(decoding: bytes[start..<position], as: UTF8.self))
    }
  }

  private mutating func skipBlanks() {
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\n"):
        nextLine += 1
        position += 1
      case UInt8(ascii: "#"):
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
      case 0...0x20, UInt8(ascii: ";"), UInt8(ascii: "("), UInt8(ascii: ")"), 0x7F: position += 1
      default: return
      }
    }
  }

  private static func isInWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0...0x21, 0x7F, UInt8(ascii: "@"), UInt8(ascii: ":"), UInt8(ascii: "{"),
      UInt8(ascii: "}"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: ";"),
      UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","), UInt8(ascii: "%"):
      false
    default: true
    }
  }
}
