/// Splits a monit control file into tokens as monit 5.2.5 does, the version that BOSH ships.
///
/// The longest of several readings counts. The meaning of a word depends on what precedes it:
/// `check process`, `depends on` and `group` are followed by a name, whatever it is, and `start
/// program = "` by the arguments of a program. Nothing is escaped in those.
struct ControlFileLexer {
  enum State {
    case statement, arguments, serviceName, dependencies, groupName, include
  }

  let bytes: [UInt8]
  var position = 0
  var state = State.statement
  var tokens: [ControlFileToken] = []

  /// Splits all of a file.
  ///
  /// - Parameter bytes: its contents.
  /// - Returns: its tokens, the last of which is `end`, and why they end before the file does.
  static func tokens(
    _ bytes: [UInt8]
  ) -> (tokens: [ControlFileToken], failure: ControlFileError?) {
    var lexer = ControlFileLexer(bytes: bytes)
    var failure: ControlFileError?
    do {
      try lexer.run()
    } catch {
      failure = error
    }
    lexer.add(.end, "", at: bytes.count)
    return (lexer.tokens, failure)
  }

  private mutating func run() throws(ControlFileError) {
    if let zero = bytes.firstIndex(of: 0) {
      throw error(zero, "has a NUL byte, so it is not a control file")
    }
    while position < bytes.count { try step() }
    if state == .arguments {
      let opening = tokens.last { $0.isOpening }?.offset ?? bytes.count
      throw error(opening, "has a program in double quotes without an end")
    }
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private func error(_ offset: Int, _ what: String) -> ControlFileError {
    ControlFileError(place: ControlFileLines(bytes).place(offset), what: what)
  }

  mutating func add(
    _ terminal: ControlFileTerminal,
    _ text: String,
    at offset: Int,
    isQuoted: Bool = false
  ) {
    tokens.append(
      ControlFileToken(terminal: terminal, text: text, offset: offset, isQuoted: isQuoted)
    )
  }

  private mutating func step() throws(ControlFileError) {
    switch state {
    case .statement: try statement()
    case .arguments: try argument()
    case .serviceName: try name(.serviceName, acrossLines: true)
    case .groupName: try name(.groupName, acrossLines: false)
    case .dependencies: dependency()
    case .include: include()
    }
  }

  // MARK: Bytes

  func byte(_ index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }

  /// The end of the run of bytes from an offset on that are as asked for.
  func run(_ start: Int, _ isIn: (UInt8) -> Bool) -> Int {
    var end = start
    while end < bytes.count, isIn(bytes[end]) { end += 1 }
    return end
  }

  func text(_ start: Int, _ end: Int) -> String {
    String(decoding: bytes[start..<end], as: UTF8.self)
  }

  /// Whether a text is at an offset, in upper or lower case.
  func has(_ text: StaticString, at start: Int) -> Bool {
    text.withUTF8Buffer { wanted in
      start + wanted.count <= bytes.count
        && wanted.indices.allSatisfy { Self.lowercased(bytes[start + $0]) == wanted[$0] }
    }
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
  }

  static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

  static func isSpaceOrTab(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  /// Blanks, and what has no more meaning than they have.
  private static func isSeparator(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x20, 0x09, 0x0D, UInt8(ascii: ";"), UInt8(ascii: ","), UInt8(ascii: "("),
      UInt8(ascii: ")"):
      true
    default: false
    }
  }

  static func isInWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0...0x21, UInt8(ascii: "@"), UInt8(ascii: ":"), UInt8(ascii: "{"), UInt8(ascii: "}"),
      UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: ";"), UInt8(ascii: "("),
      UInt8(ascii: ")"), UInt8(ascii: ","), UInt8(ascii: "%"):
      false
    default: true
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  // MARK: Statements

  private mutating func statement() throws(ControlFileError) {
    let start = position
    let end = run(start, Self.isSeparator)
    if end > start {
      position = end
      return
    }
    if let end = lineEnd(start) {
      position = end
      return
    }
    switch bytes[start] {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return try quotedText()
    case UInt8(ascii: "%"):
      position += 1
      return add(.keyword("percent"), "%", at: start)
    case UInt8(ascii: "!") where byte(start + 1) == UInt8(ascii: "="):
      position += 2
      return add(.keyword("notequal"), "!=", at: start)
    default: break
    }
    let wordEnd = run(start, Self.isInWord)
    if wordEnd == start {
      position += 1
      return add(.symbol(bytes[start]), text(start, start + 1), at: start)
    }
    if longForm(start, wordEnd) { return }
    position = wordEnd
    word(start, wordEnd)
  }

  /// The end of a comment with its line, or of a line.
  ///
  /// A comment without a line end is not one.
  private func lineEnd(_ start: Int) -> Int? {
    let newline = UInt8(ascii: "\n")
    if bytes[start] == newline { return start + 1 }
    if bytes[start] == UInt8(ascii: "\\"), byte(start + 1) == newline { return start + 2 }
    if bytes[start] != UInt8(ascii: "#") { return nil }
    return bytes[start...].firstIndex(of: newline).map { $0 + 1 }
  }

  private mutating func quotedText() throws(ControlFileError) {
    let start = position
    guard let end = bytes[(start + 1)...].firstIndex(of: bytes[start]) else {
      throw error(start, "has a quote without an end")
    }
    let content = Array(bytes[(start + 1)..<end])
    let isPath = content.first == UInt8(ascii: "/") && !content.contains(UInt8(ascii: "\n"))
    position = end + 1
    add(isPath ? .path : .string, Self.unescaped(content), at: start, isQuoted: true)
  }

  private mutating func word(_ start: Int, _ end: Int) {
    let word = text(start, end)
    let plain = word.lowercased()
    if ControlFileWords.noise.contains(plain) { return }
    if let keyword = ControlFileWords.keywords[plain] {
      return add(.keyword(keyword), word, at: start)
    }
    let digits = run(start, Self.isDigit)
    if digits == end { return add(.number, word, at: start) }
    if digits > start, byte(digits) == UInt8(ascii: "."), digits + 1 < end,
      run(digits + 1, Self.isDigit) == end
    {
      return add(.real, word, at: start)
    }
    add(bytes[start] == UInt8(ascii: "/") ? .path : .string, word, at: start)
  }

  // MARK: Arguments and names

  private mutating func argument() throws(ControlFileError) {
    let start = position
    if Self.isBlank(bytes[start]) || bytes[start] == UInt8(ascii: "\n") {
      position += 1
      return
    }
    if bytes[start] == UInt8(ascii: "\"") {
      position += 1
      state = .statement
      return
    }
    let wordEnd = run(start) {
      !Self.isSpaceOrTab($0) && $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\"")
    }
    if bytes[start] == UInt8(ascii: "'") {
      let close = bytes[(start + 1)...].firstIndex(of: UInt8(ascii: "'"))
      if let close, close + 1 >= wordEnd {
        position = close + 1
        let content = Self.unescaped(Array(bytes[(start + 1)..<close]))
        return add(.string, content, at: start, isQuoted: true)
      }
      if wordEnd == start + 1 { throw error(start, "has a quote without an end") }
    }
    position = wordEnd
    add(.string, text(start, wordEnd), at: start, isQuoted: true)
  }

  private mutating func name(
    _ terminal: ControlFileTerminal,
    acrossLines: Bool
  ) throws(ControlFileError) {
    let start = position
    let first = bytes[start]
    if terminal == .serviceName, Self.isBlank(first) || first == UInt8(ascii: "\n") {
      position += 1
      return
    }
    let isQuoted = first == UInt8(ascii: "\"") || first == UInt8(ascii: "'")
    let from = isQuoted ? start + 1 : start
    let end = run(from, Self.isInWord)
    state = .statement
    if isQuoted {
      guard end > from, byte(end) == first else {
        throw error(
          start,
          "has a name in quotes with a blank or a sign in it that no name may have"
        )
      }
      position = end + 1
      return add(terminal, Self.unescaped(Array(bytes[from..<end])), at: start, isQuoted: true)
    }
    if end == start {
      position += 1
      return add(.symbol(first), text(start, start + 1), at: start)
    }
    position = end
    add(terminal, text(start, end), at: start)
  }

  /// A name after `depends on`, or the end of the list: what follows blanks without a comma.
  private mutating func dependency() {
    let start = position
    let newline = UInt8(ascii: "\n")
    let separators = run(start, Self.isSeparator)
    var best = separators
    if byte(separators) == newline { best = run(separators + 1, Self.isSeparator) }
    let blanks = run(start) { Self.isBlank($0) || $0 == newline }
    var listEnd = 0
    if blanks > start {
      if blanks < bytes.count, bytes[blanks] != UInt8(ascii: ",") {
        listEnd = blanks + 1
      } else if blanks > start + 1 {
        listEnd = blanks
      }
    }
    if listEnd > best {
      position = listEnd - 1
      state = .statement
    } else if best > start {
      position = best
    } else {
      let end = run(start, Self.isInWord)
      position = max(end, start + 1)
      let terminal = end > start ? ControlFileTerminal.serviceName : .symbol(bytes[start])
      add(terminal, text(start, position), at: start)
    }
  }

  /// Reads over the name of another control file.
  private mutating func include() {
    let start = position
    let newline = UInt8(ascii: "\n")
    position = run(start) { Self.isSpaceOrTab($0) }
    if position > start { return }
    position = start + 1
    let first = bytes[start]
    if Self.isBlank(first) || first == newline { return }
    state = .statement
    let end = run(start + 1) { $0 != first && $0 != newline }
    if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'"), byte(end) == first {
      position = end + 1
    } else {
      position = run(start) { !Self.isBlank($0) && $0 != newline }
    }
  }

  /// What monit makes of backslashes in a quoted text outside a program's double quotes.
  private static func unescaped(_ content: [UInt8]) -> String {
    var result: [UInt8] = []
    var rest = content[...]
    while let first = rest.popFirst() {
      guard first == UInt8(ascii: "\\"), let next = rest.first else {
        result.append(first)
        continue
      }
      let replacements: [UInt8: UInt8] = [
        UInt8(ascii: "n"): 0x0A, UInt8(ascii: "t"): 0x09, UInt8(ascii: "r"): 0x0D,
        UInt8(ascii: " "): 0x20, UInt8(ascii: "\\"): UInt8(ascii: "\\"),
      ]
      if let replacement = replacements[next] {
        rest = rest.dropFirst()
        result.append(replacement)
      } else {
        result.append(first)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}

extension ControlFileToken {
  /// Whether it is the word and the quote that begin a program's arguments.
  fileprivate var isOpening: Bool {
    if case .keyword = terminal { isQuoted } else { false }
  }
}
