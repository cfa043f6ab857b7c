import Words

/// Puts records into the form that they have in a journal.
///
/// A record is one line of text: eight lower-case hex digits, a space, the payload, a line feed. The
/// digits are a CRC-32C of the digits' value in the record before, as four bytes, highest first (0
/// before the first record), and of the payload. So each checksum is one of everything before it,
/// and a record that is missing, doubled or in another place is found as well as a changed one.
package struct JournalFramer: Hashable, Sendable {
  /// The checksum of the last record; 0 before the first.
  private(set) var last: UInt32

  /// Begins a journal.
  package init() { last = 0 }

  /// Goes on after a record with this checksum.
  init(last: UInt32) { self.last = last }

  /// Appends a record, whose payload is appended by `write`.
  ///
  /// - Parameters:
  ///   - buffer: what is in it stays; it must be in the order of the calls that the records of one
  ///     framer are written in.
  ///   - write: appends the payload to the buffer and does nothing else with it; a line feed in the
  ///     payload is a mistake of the caller.
  package mutating func append(
    to buffer: inout [UInt8],
    _ write: (inout [UInt8]) -> Void
  ) {
    let start = buffer.count
    for _ in 0..<JournalFormat.headerLength { buffer.append(UInt8(ascii: " ")) }
    write(&buffer)
    let payload = start + JournalFormat.headerLength
    last = buffer.withUnsafeBytes { bytes in
      let payload = UnsafeRawBufferPointer(rebasing: bytes[payload...])
      precondition(!payload.contains(JournalFormat.lineFeed), "a payload is a single line")
      return JournalFormat.checksum(of: payload, after: last)
    }
    for digit in 0..<8 {
      let value = Int(last >> (28 - 4 * UInt32(digit)) & 0xF)
      buffer[start + digit] = UInt8(value < 10 ? 0x30 + value : 0x61 - 10 + value)
    }
    buffer.append(JournalFormat.lineFeed)
  }

  /// Appends a record.
  ///
  /// - Parameters:
  ///   - payload: without a line feed.
  ///   - buffer: as for `append(to:_:)`.
  package mutating func append(_ payload: some Sequence<UInt8>, to buffer: inout [UInt8]) {
    append(to: &buffer) { $0.append(contentsOf: payload) }
  }
}

/// What writing and reading a journal agree on.
enum JournalFormat {
  /// Eight digits and a space.
  static let headerLength = 9
  static let lineFeed = UInt8(ascii: "\n")

  /// The state of the checksum with the previous one taken in.
  @inline(__always)
  static func state(after last: UInt32, _ tables: CRC32C.Tables) -> UInt32 {
    tables.step(CRC32C.start, last.byteSwapped)
  }

  /// A record's checksum.
  static func checksum(of payload: UnsafeRawBufferPointer, after last: UInt32) -> UInt32 {
    CRC32C.withTables { ~$0.step(state(after: last, $0), payload) }
  }
}
