@testable import Machine
@testable import System
import Testing

/// What a drain script printed, read as Go's `Atoi` would.
@Suite struct DrainReplyTests {
  @Test(
    "BOSH 6.5: the reply is one signed decimal, blanks around it",
    arguments: [
      ("0", DrainReply.done(after: 0)), ("10\n", .done(after: 10)),
      (" \t\r\n7\n\n", .done(after: 7)),
      // Unicode's blanks, as Go trims them.
      ("\u{A0}\u{2003}7\u{2028}\u{3000}\u{85}\n", .done(after: 7)),
      ("\u{B}\u{C}7", .done(after: 7)),
      ("+5", .done(after: 5)), ("007", .done(after: 7)), ("-0", .done(after: 0)),
      ("-1\n", .askAgain(after: 1)), ("-010", .askAgain(after: 10)),
      ("31622400", .done(after: 31_622_400)), ("00000000000000000000000000000003", .done(after: 3)),
    ]
  )
  func reads(_ text: String, _ reply: DrainReply) throws {
    #expect(try DrainReply(Array(text.utf8)) == reply)
  }

  @Test(
    "BOSH 6.5: anything else is an error that shows it",
    arguments: [
      ("", "printed nothing instead of the number of seconds to wait"),
      (" \n", "printed nothing instead of the number of seconds to wait"),
      ("\u{2003}\u{85}", "printed nothing instead of the number of seconds to wait"),
      // No blank for Go, and none in Unicode.
      ("7\u{200B}", "printed '7\u{200B}' instead of the number of seconds to wait"),
      ("5.0", "printed '5.0' instead of the number of seconds to wait"),
      ("1\n2\n", "printed '1\\n2' instead of the number of seconds to wait"),
      ("+-1", "printed '+-1' instead of the number of seconds to wait"),
      ("-", "printed '-' instead of the number of seconds to wait"),
      ("0x10", "printed '0x10' instead of the number of seconds to wait"),
      ("1_000", "printed '1_000' instead of the number of seconds to wait"),
      ("٣", "printed '٣' instead of the number of seconds to wait"),
      ("1 2", "printed '1 2' instead of the number of seconds to wait"),
      ("31622401", "printed '31622401'; a drain may take a year at most"),
      (
        "-99999999999999999999999999",
        "printed '-99999999999999999999999999'; a drain may take a year at most"
      ),
    ]
  )
  func refuses(_ text: String, _ words: String) {
    #expect(throws: PlainFailure(words: words)) { try DrainReply(Array(text.utf8)) }
  }

  @Test func showsGarbageSafelyAndNotAllOfIt() throws {
    let bytes: [UInt8] = [0x1B, 0x5B, 0x32, 0x4A, 0, 0xFF] + Array(repeating: 0x61, count: 1000)
    let failure = #expect(throws: PlainFailure.self) { try DrainReply(bytes) }
    let words = try #require(failure).words
    #expect(words.utf8.count < 200 && words.contains("(1006 bytes)"))
    #expect(words.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
  }

  @Test("An incomplete blank is not a blank")
  func halfBlanks() {
    for bytes: [UInt8] in [[0x37, 0x85], [0xA0, 0x37], [0x37, 0xC2], [0x37, 0xE2, 0x80]] {
      #expect(throws: PlainFailure.self) { try DrainReply(bytes) }
    }
  }

  @Test(
    "What the beginning of an output says about the rest",
    arguments: [
      ([], DrainReply.Beginning.nothing), (Array("\n ".utf8), .nothing),
      (Array("-".utf8), .nothing),
      (Array("1".utf8), .digits), (Array(" -12".utf8), .digits), (Array("12\n".utf8), .wholeNumber),
      (Array("12\u{2003}".utf8), .wholeNumber), (Array("- ".utf8), .mistake),
      (Array("1 2".utf8), .mistake), (Array("x".utf8), .mistake),
      (Array("99999999".utf8), .mistake),
      // The first bytes of a blank, which may become whole.
      ([0x37, 0xE2, 0x80], .wholeNumber), ([0xE2], .nothing), ([0x37, 0xFF], .mistake),
    ]
  )
  func beginnings(_ bytes: [UInt8], _ beginning: DrainReply.Beginning) {
    #expect(DrainReply.beginning(bytes) == beginning)
  }

  @Test func aNumberOfAnyLengthDoesNotOverflow() {
    #expect(throws: PlainFailure.self) { try DrainReply(Array(repeating: 0x39, count: 65536)) }
  }
}
