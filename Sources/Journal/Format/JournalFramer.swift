import Words

/// Formats records for a journal.
///
/// A record is one line of text: eight lowercase hex digits, a space, the payload, a line feed. The
/// digits are a CRC-32C of the previous record's checksum, as four bytes, highest first (0 before
/// the first record), and of the payload. So each checksum covers everything before it. A record
/// that is missing, repeated or out of place is found, and so is a changed one.
package struct JournalFramer: Hashable, Sendable {
  /// The checksum of the last record; 0 before the first.
  private(set) var last: UInt32

  /// Begins a journal.
  package init() { last = 0 }

  /// Continues after a record with this checksum.
  init(last: UInt32) { self.last = last }

  /// Appends a record whose payload `write` appends.
  ///
  /// - Parameters:
  ///   - buffer: its contents stay. The records of one framer must be written in the order of these
  ///     calls.
  ///   - write: appends the payload to the buffer and does nothing else with it. The payload must
  ///     not contain a line feed.
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

/// The format that writing and reading a journal share.
enum JournalFormat {
  /// Eight digits and a space.
  static let headerLength = 9
  static let lineFeed = UInt8(ascii: "\n")

  /// The state of the checksum after the previous checksum.
  @inline(__always)
  static func state(after last: UInt32, _ tables: CRC32C.Tables) -> UInt32 {
    tables.step(CRC32C.start, last.byteSwapped)
  }

  /// A record's checksum.
  static func checksum(of payload: UnsafeRawBufferPointer, after last: UInt32) -> UInt32 {
    CRC32C.withTables { ~$0.step(state(after: last, $0), payload) }
  }
}
