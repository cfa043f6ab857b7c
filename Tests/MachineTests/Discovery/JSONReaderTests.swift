import Testing
@testable import Words

/// What is JSON, and what the reader says of what is not.
@Suite struct JSONReaderTests {
  private func read(_ text: String) throws(JSONFailure) -> JSONValue {
    try JSONReader.read(Array(text.utf8))
  }

  @Test func readsEveryKindOfValue() throws {
    #expect(
      try read(
        " {\"a\" : [null,true,false,-0.5e+10,\"\"] ,\n\"b\":{}, \"c\":[ ], \"\\u00e9\\n\":\"\\\"\"}\t"
      )
        == .object([
          "a": .array([.null, .bool(true), .bool(false), .number("-0.5e+10"), .string("")]),
          "b": .object([:]), "c": .array([]), "é\n": .string("\""),
        ])
    )
    #expect(try read("\"\\ud83d\\ude00 \\/ ü\"") == .string("😀 / ü"))
    #expect(try read("0") == .number("0"))
  }

  struct Mistake: CustomTestStringConvertible, Sendable {
    var text: String
    var line: Int
    var column: Int
    var what: String
    var testDescription: String { text.debugDescription }
    init(_ text: String, _ line: Int, _ column: Int, _ what: String) {
      self.text = text
      self.line = line
      self.column = column
      self.what = what
    }
  }

  @Test(arguments: [
    Mistake("", 1, 1, "is empty"),
    Mistake(" \n ", 2, 2, "is empty"),
    Mistake("{} {}", 1, 4, "has '{' after its end"),
    Mistake("[1,]", 1, 4, "has ']' where a value should be"),
    Mistake("{\"a\":1,}", 1, 8, "has '}' where the name of a field should be"),
    Mistake("{\n  a: 1}", 2, 3, "has 'a' where the name of a field should be"),
    Mistake("{\"a\" 1}", 1, 6, "has '1' where ':' should be"),
    Mistake("[1 2]", 1, 4, "has '2' where ',' or ']' should be"),
    Mistake("{\"a\":1", 1, 7, "has its end where ',' or '}' should be"),
    Mistake("{\"a\":1,\n \"a\":2}", 2, 2, "has the name 'a' a second time"),
    Mistake("01", 1, 1, "has a number with a leading 0"),
    Mistake("-", 1, 2, "has its end where a digit should be"),
    Mistake("1.", 1, 3, "has its end where a digit should be"),
    Mistake("1e", 1, 3, "has its end where a digit should be"),
    Mistake("+1", 1, 1, "has '+' where a value should be"),
    Mistake("NaN", 1, 1, "has 'N' where a value should be"),
    Mistake("nul", 1, 1, "has 'n' where a value should be"),
    Mistake("'a'", 1, 1, "has ''' where a value should be"),
    Mistake("// x\n1", 1, 1, "has '/' where a value should be"),
    Mistake("\u{FEFF}1", 1, 1, "has the byte 0xef where a value should be"),
    Mistake("\u{1B}[31m", 1, 1, "has the byte 0x1b where a value should be"),
    Mistake("\"a", 1, 1, "has a string without an end"),
    Mistake("\"a\nb\"", 1, 3, "has a control character in a string"),
    Mistake("\"\\x\"", 1, 2, "has an unknown escape in a string"),
    Mistake("\"\\u12g4\"", 1, 2, "has an unknown escape in a string"),
    Mistake("\"\\ud800\"", 1, 2, "has an unknown escape in a string"),
    Mistake("\"\\udc00\"", 1, 2, "has an unknown escape in a string"),
    Mistake("\"\\ud800\\u0041\"", 1, 2, "has an unknown escape in a string"),
  ])
  func saysWhatIsWrongAndWhere(_ mistake: Mistake) {
    #expect(
      throws: JSONFailure(line: mistake.line, column: mistake.column, what: mistake.what)
    ) { try read(mistake.text) }
  }

  @Test func bytesThatAreNoUTF8() {
    #expect(throws: JSONFailure(line: 1, column: 2, what: "has a string that is not UTF-8")) {
      try JSONReader.read([0x5B, 0x22, 0xFF, 0x22, 0x5D])
    }
  }

  @Test func nestingIsLimited() throws {
    let deep = String(repeating: "[", count: 100)
    #expect(throws: Never.self) { try read(deep + String(repeating: "]", count: 100)) }
    let what = "is nested more than 100 deep"
    #expect(throws: JSONFailure(line: 1, column: 101, what: what)) {
      try read(String(repeating: "[", count: 1_000_000))
    }
  }

  /// Whatever is missing from a document, it is read or refused, and nothing else happens.
  @Test func everyPrefixAndEveryGap() throws {
    let bytes = Array("{\"a\":[1,-2.5e3,\"\\u00e9\\ud83d\\ude00\",null],\"b\":{\"c\":true}}".utf8)
    for length in bytes.indices {
      #expect(throws: JSONFailure.self) { try JSONReader.read(Array(bytes[..<length])) }
      var gap = bytes
      gap.remove(at: length)
      _ = try? JSONReader.read(gap)
    }
  }
}
