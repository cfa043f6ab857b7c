import Testing

@testable import Machine

/// What a drain script printed, read as Go's `Atoi` would.
@Suite struct DrainReplyTests {
  @Test(
    "BOSH 6.5: the reply is one signed decimal, blanks around it",
    arguments: [
      ("0", DrainReply.done(after: 0)), ("10\n", .done(after: 10)),
      (" \t\r\n7\n\n", .done(after: 7)),
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
      ("", "printed nothing, and not how many seconds to wait"),
      (" \n", "printed nothing, and not how many seconds to wait"),
      ("5.0", "printed '5.0', and not how many seconds to wait"),
      ("1\n2\n", "printed '1\\n2', and not how many seconds to wait"),
      ("+-1", "printed '+-1', and not how many seconds to wait"),
      ("-", "printed '-', and not how many seconds to wait"),
      ("0x10", "printed '0x10', and not how many seconds to wait"),
      ("1_000", "printed '1_000', and not how many seconds to wait"),
      ("٣", "printed '٣', and not how many seconds to wait"),
      ("1 2", "printed '1 2', and not how many seconds to wait"),
      ("31622401", "printed '31622401', and no drain is waited for longer than a year"),
      (
        "-99999999999999999999999999",
        "printed '-99999999999999999999999999', and no drain is waited for longer than a year"
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

  @Test func aNumberOfAnyLengthOverflowsNothing() {
    #expect(throws: PlainFailure.self) { try DrainReply(Array(repeating: 0x39, count: 65536)) }
  }
}
