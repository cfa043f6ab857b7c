import Words

/// The result of reading the bytes of a journal.
package struct JournalScan: Hashable, Sendable {
  /// How the bytes end.
  package enum Ending: Hashable, Sendable {
    /// With a record.
    case whole
    /// With an incomplete record, or with NULs that the file system left in its place: from `end`
    /// on there is no line feed, and only NULs after the first NUL. The journal may be cut off
    /// there, because no record is announced before it is on disk.
    case torn
    /// There is a line at `end` that is not the record that belongs there, and an interrupted write
    /// does not leave such a line. Nothing after it can be trusted.
    case damaged
  }

  /// The number of records before `end`.
  package var records: Int
  /// The end of the last valid record, in bytes.
  ///
  /// This is where a torn or damaged part begins.
  package var end: Int
  /// What is at `end`.
  package var ending: Ending
  /// The framer to continue with at `end`.
  package var framer: JournalFramer

  /// Reads a journal as far as it is valid.
  ///
  /// The time is linear in the number of bytes. It allocates no memory.
  ///
  /// - Parameters:
  ///   - bytes: the whole journal.
  ///   - body: called with the payload of each valid record and the offset of its line. The payload
  ///     is valid during the call only.
  /// - Returns: the result.
  /// - Throws: what `body` throws, immediately.
  package static func scan<Failure: Error>(
    _ bytes: UnsafeRawBufferPointer,
    _ body: (_ payload: UnsafeRawBufferPointer, _ offset: Int) throws(Failure) -> Void
  ) throws(Failure) -> JournalScan {
    try CRC32C.withTables { (tables) throws(Failure) -> JournalScan in
      var scan = JournalScan(records: 0, end: 0, ending: .whole, framer: JournalFramer())
      while scan.end < bytes.count {
        guard let line = Line(bytes, at: scan.end, after: scan.framer.last, tables) else {
          scan.ending = isTorn(bytes[scan.end...]) ? .torn : .damaged
          break
        }
        try body(UnsafeRawBufferPointer(rebasing: bytes[line.payload]), scan.end)
        scan.framer = JournalFramer(last: line.checksum)
        scan.end = line.payload.upperBound + 1
        scan.records += 1
      }
      return scan
    }
  }

  /// Whether an interrupted write can leave these bytes after the last valid record.
  private static func isTorn(_ rest: Slice<UnsafeRawBufferPointer>) -> Bool {
    guard let stop = rest.firstIndex(where: { $0 == 0 || $0 == JournalFormat.lineFeed }) else {
      return true
    }
    return rest[stop...].allSatisfy { $0 == 0 }
  }

  /// A valid record.
  private struct Line {
    var checksum: UInt32
    var payload: Range<Int>

    /// Reads the record at an offset; nil if there is no valid one.
    @inline(__always)
    init?(
      _ bytes: UnsafeRawBufferPointer,
      at offset: Int,
      after last: UInt32,
      _ tables: CRC32C.Tables
    ) {
      let start = offset + JournalFormat.headerLength
      guard start < bytes.count, bytes[start - 1] == UInt8(ascii: " ") else { return nil }
      checksum = 0
      for byte in bytes[offset..<(offset + 8)] {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): checksum = checksum << 4 | UInt32(byte - 0x30)
        case UInt8(ascii: "a")...UInt8(ascii: "f"):
          checksum = checksum << 4 | UInt32(byte - 0x61 + 10)
        default: return nil
        }
      }
      var state = JournalFormat.state(after: last, tables)
      var index = start
      // Reads eight bytes at once until the word that contains the line feed.
      while bytes.count - index >= 8 {
        let word = UInt64(
          littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        )
        if Self.hasLineFeed(word) { break }
        state = tables.step(state, word)
        index += 8
      }
      while true {
        guard index < bytes.count else { return nil }
        let byte = bytes[index]
        if byte == JournalFormat.lineFeed { break }
        state = tables.step(state, byte)
        index += 1
      }
      guard ~state == checksum else { return nil }
      payload = start..<index
    }

    /// Whether one of the eight bytes is a line feed: subtracting 1 from a zero byte borrows.
    @inline(__always)
    private static func hasLineFeed(_ word: UInt64) -> Bool {
      let zeroWhereLineFeed = word ^ 0x0A0A_0A0A_0A0A_0A0A
      return (zeroWhereLineFeed &- 0x0101_0101_0101_0101) & ~zeroWhereLineFeed
        & 0x8080_8080_8080_8080 != 0
    }
  }
}
