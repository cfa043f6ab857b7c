/// CRC-32C: the Castagnoli polynomial reflected, all ones before and after, as in RFC 3720, B.4.
///
/// Detects every change of up to four adjacent bytes. Handles eight bytes at a time, with a table
/// for each of their positions ("slicing by 8"): 8 KiB of tables, made at first use.
package struct CRC32C {
  /// The polynomial with its lowest power in the highest bit.
  private static let polynomial: UInt32 = 0x82F6_3B78

  /// Eight tables of 256 entries in a row: the n-th is for a byte with n bytes after it.
  private static let table: [UInt32] = {
    var table = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var remainder = UInt32(byte)
      for _ in 0..<8 {
        remainder = remainder & 1 == 0 ? remainder >> 1 : remainder >> 1 ^ polynomial
      }
      table[byte] = remainder
    }
    for index in 256..<table.count {
      let shorter = table[index - 256]
      table[index] = shorter >> 8 ^ table[Int(shorter & 0xFF)]
    }
    return table
  }()

  /// Lends the tables to a calculation.
  package static func withTables<Result, Failure: Error>(
    _ body: (Tables) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try table.withUnsafeBufferPointer { (buffer) throws(Failure) -> Result in
      guard let base = buffer.baseAddress else { preconditionFailure("the tables are not empty") }
      return try body(Tables(base: base))
    }
  }

  /// The tables, while they are lent.
  package struct Tables {
    fileprivate let base: UnsafePointer<UInt32>

    /// Adds one byte.
    @inline(__always)
    package func step(_ state: UInt32, _ byte: UInt8) -> UInt32 {
      base[Int(UInt8(truncatingIfNeeded: state) ^ byte)] ^ state >> 8
    }

    /// Adds four bytes, the first of them lowest in the word.
    @inline(__always)
    package func step(_ state: UInt32, _ word: UInt32) -> UInt32 {
      let mixed = state ^ word
      return base[768 + Int(mixed & 0xFF)] ^ base[512 + Int(mixed >> 8 & 0xFF)]
        ^ base[256 + Int(mixed >> 16 & 0xFF)] ^ base[Int(mixed >> 24)]
    }

    /// Adds eight bytes, the first of them lowest in the word.
    @inline(__always)
    package func step(_ state: UInt32, _ word: UInt64) -> UInt32 {
      let mixed = state ^ UInt32(truncatingIfNeeded: word)
      let behind = UInt32(truncatingIfNeeded: word >> 32)
      let front =
        base[1792 + Int(mixed & 0xFF)] ^ base[1536 + Int(mixed >> 8 & 0xFF)]
        ^ base[1280 + Int(mixed >> 16 & 0xFF)] ^ base[1024 + Int(mixed >> 24)]
      let back =
        base[768 + Int(behind & 0xFF)] ^ base[512 + Int(behind >> 8 & 0xFF)]
        ^ base[256 + Int(behind >> 16 & 0xFF)] ^ base[Int(behind >> 24)]
      return front ^ back
    }

    /// Adds bytes.
    package func step(_ state: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
      var state = state
      var index = 0
      while bytes.count - index >= 8 {
        let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        state = step(state, UInt64(littleEndian: word))
        index += 8
      }
      while index < bytes.count {
        state = step(state, bytes[index])
        index += 1
      }
      return state
    }
  }

  /// The state before the first byte; the checksum is the complement of the state after the last.
  package static let start = UInt32.max

  /// The checksum of some bytes.
  static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    withTables { ~$0.step(start, bytes) }
  }
}
