@testable import Journal
import Testing
@testable import Words

/// The format of a journal: what is written can be read, and nothing else.
@Suite struct JournalFramingTests {
  private struct Found: Equatable {
    var payloads: [String] = []
    var offsets: [Int] = []
    var scan = JournalScan(records: 0, end: 0, ending: .whole, framer: JournalFramer())
  }

  private static let payloads = [
    "lockstep journal 1", "", "started 0 1", "ended 0 1 exited 0", "ended 0 1 exited 0",
    "a text of more than eight bytes, ä€𝄞 in it", "@@@", "12345678", "1234567", "last one",
  ]

  private static func journal(_ payloads: [String] = payloads) -> [UInt8] {
    var framer = JournalFramer()
    var bytes: [UInt8] = []
    for payload in payloads { framer.append(payload.utf8, to: &bytes) }
    return bytes
  }

  /// Each record's line with its line feed.
  private static func lines() -> [[UInt8]] {
    journal().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
      .map { Array($0) + [UInt8(ascii: "\n")] }
  }

  private static func read(_ bytes: [UInt8]) -> Found {
    var found = Found()
    found.scan = bytes.withUnsafeBytes { bytes in
      JournalScan.scan(bytes) { payload, offset in
        found.payloads.append(String(decoding: payload, as: UTF8.self))
        found.offsets.append(offset)
      }
    }
    return found
  }

  /// Where each record begins, and where the last ends.
  private static func offsets() -> [Int] {
    lines().reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
  }

  /// Expects that the first `records` records are read, and that the journal ends like this after
  /// them.
  private static func expect(
    _ bytes: [UInt8],
    _ records: Int,
    _ ending: JournalScan.Ending,
    _ comment: Comment? = nil,
    at place: SourceLocation = #_sourceLocation
  ) {
    let found = read(bytes)
    #expect(found.payloads == Array(payloads.prefix(records)), comment, sourceLocation: place)
    #expect(found.scan.records == records, comment, sourceLocation: place)
    #expect(found.scan.end == offsets()[records], comment, sourceLocation: place)
    #expect(found.scan.ending == ending, comment, sourceLocation: place)
  }

  /// The check value of CRC-32C, and a vector of RFC 3720, B.4.
  @Test func checksums() {
    let digits = Array("123456789".utf8)
    #expect(digits.withUnsafeBytes { CRC32C.checksum($0) } == 0xE306_9283)
    let zeros = [UInt8](repeating: 0, count: 32)
    #expect(zeros.withUnsafeBytes { CRC32C.checksum($0) } == 0x8A91_36AA)
    let rising = [UInt8](0..<32)
    #expect(rising.withUnsafeBytes { CRC32C.checksum($0) } == 0x46DD_794E)
  }

  /// Computed here bit by bit, so that the format cannot change unnoticed.
  @Test func form() {
    var last: UInt32 = 0
    for (line, payload) in zip(Self.lines(), Self.payloads) {
      var state = UInt32.max
      let before = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: last >> $0) }
      for byte in before + Array(payload.utf8) {
        state ^= UInt32(byte)
        for _ in 0..<8 { state = state & 1 == 0 ? state >> 1 : state >> 1 ^ 0x82F6_3B78 }
      }
      last = ~state
      let digits = String(last, radix: 16)
      let zeros = String(repeating: "0", count: 8 - digits.count)
      #expect(String(decoding: line, as: UTF8.self) == "\(zeros)\(digits) \(payload)\n")
    }
  }

  @Test func writtenRecordsAreReadBack() {
    Self.expect(Self.journal(), Self.payloads.count, .whole)
    #expect(Self.read(Self.journal()).offsets == Self.offsets().dropLast())
    Self.expect([], 0, .whole)
  }

  @Test func everyCut() {
    let bytes = Self.journal()
    let offsets = Self.offsets()
    for length in 0...bytes.count {
      let records = offsets.filter { $0 <= length }.count - 1
      let ending = offsets[records] == length ? JournalScan.Ending.whole : .torn
      Self.expect(Array(bytes[..<length]), records, ending, "cut at \(length)")
    }
  }

  @Test func everyCutWithNULsBehind() {
    let bytes = Self.journal()
    let offsets = Self.offsets()
    for length in 0...bytes.count {
      let records = offsets.filter { $0 <= length }.count - 1
      for count in [1, 7, 600] {
        let nuls = [UInt8](repeating: 0, count: count)
        Self.expect(bytes[..<length] + nuls, records, .torn, "cut at \(length), \(count) NULs")
      }
    }
  }

  @Test func everyCutCanBeContinued() {
    let bytes = Self.journal()
    for length in 0...bytes.count {
      let scan = Self.read(Array(bytes[..<length])).scan
      var framer = scan.framer
      var whole = Array(bytes[..<scan.end])
      for payload in Self.payloads[scan.records...] { framer.append(payload.utf8, to: &whole) }
      #expect(whole == bytes)
    }
  }

  /// A changed byte is found in its record.
  ///
  /// Only a change of the very last byte looks like an interrupted write.
  @Test func everyChangedByte() {
    let bytes = Self.journal()
    let offsets = Self.offsets()
    for index in bytes.indices {
      let record = offsets.filter { $0 <= index }.count - 1
      let values = (0..<8).map { bytes[index] ^ 1 << $0 } + [0, UInt8(ascii: "\n"), 0xFF]
      for value in values where value != bytes[index] {
        var changed = bytes
        changed[index] = value
        let ending = index == bytes.count - 1 ? JournalScan.Ending.torn : .damaged
        Self.expect(changed, record, ending, "byte \(index) is \(value)")
      }
    }
  }

  @Test func everyInsertedAndRemovedByte() {
    let bytes = Self.journal()
    let offsets = Self.offsets()
    for index in bytes.indices {
      var removed = bytes
      removed.remove(at: index)
      let found = Self.read(removed)
      let record = offsets.filter { $0 <= index }.count - 1
      #expect(found.payloads == Array(Self.payloads.prefix(record)))
      #expect(found.scan.ending == (index == bytes.count - 1 ? .torn : .damaged))
      var inserted = bytes
      inserted.insert(UInt8(ascii: "x"), at: index)
      Self.expect(inserted, record, .damaged)
    }
  }

  @Test func recordsThatAreMissingRepeatedOrMovedAreFound() {
    let lines = Self.lines()
    for index in lines.indices {
      var dropped = lines
      dropped.remove(at: index)
      let isLast = index == lines.count - 1
      Self.expect(Array(dropped.joined()), index, isLast ? .whole : .damaged, "without \(index)")

      var doubled = lines
      doubled.insert(lines[index], at: index)
      Self.expect(Array(doubled.joined()), index + 1, .damaged, "\(index) twice")

      for other in (index + 1)..<max(lines.count, index + 1) {
        var swapped = lines
        swapped.swapAt(index, other)
        Self.expect(Array(swapped.joined()), index, .damaged, "\(index) and \(other) swapped")
      }
    }
  }

  @Test func otherFiles() {
    Self.expect(Array("phase warm { script warm }\n".utf8), 0, .damaged)
    Self.expect([10], 0, .damaged)
    Self.expect([0], 0, .torn)
    Self.expect([UInt8](repeating: 0, count: 4096), 0, .torn)
    // A file system does not leave a NUL before something else.
    Self.expect(Self.journal() + [0, 1], Self.payloads.count, .damaged)
    Self.expect(Self.journal() + [0, 10], Self.payloads.count, .damaged)
    Self.expect(Self.journal() + [10, 0], Self.payloads.count, .damaged)
  }

  @Test func hugeLine() {
    let text = String(repeating: "0123456789", count: 1_000_000)
    var bytes = Self.journal(["one", text, "three"])
    #expect(Self.read(bytes).payloads == ["one", text, "three"])
    bytes[5_000_000] ^= 1
    let found = Self.read(bytes)
    #expect(found.payloads == ["one"])
    #expect(found.scan.ending == .damaged)
  }

  @Test func aFailureEndsTheReading() {
    struct Stop: Error {}
    var count = 0
    #expect(throws: Stop.self) {
      try Self.journal().withUnsafeBytes { bytes in
        try JournalScan.scan(bytes) { _, _ in
          count += 1
          if count == 3 { throw Stop() }
        }
      }
    }
    #expect(count == 3)
  }
}
