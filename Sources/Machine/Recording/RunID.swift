import CLinux
import Glibc
import Words

/// The name of a run: the UTC second of its begin and four hex digits, as in
/// `20261121T075512Z-3fa9`.
///
/// IDs sort by time, also as text. A new run's ID is later than that of every existing run, even if
/// both began in the same second or the clock was set back.
package struct RunID: Hashable, Comparable, Sendable {
  /// Seconds since 1970, in UTC.
  let second: Int
  /// Distinguishes runs that began in the same second.
  let number: UInt16

  /// From 1970 on, with a year of four digits, also for the following second.
  private static let years = 1970...9998

  private init(second: Int, number: UInt16) {
    self.second = second
    self.number = number
  }

  /// Reads a name; nil for anything else.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 21, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z"),
      let year = Self.digits(bytes[0..<4]), let month = Self.digits(bytes[4..<6]),
      let day = Self.digits(bytes[6..<8]), let hour = Self.digits(bytes[9..<11]),
      let minute = Self.digits(bytes[11..<13]), let seconds = Self.digits(bytes[13..<15]),
      let number = UInt16(text.suffix(4), radix: 16), Self.years.contains(Int(year))
    else { return nil }
    var parts = tm()
    parts.tm_year = year - 1900
    parts.tm_mon = month - 1
    parts.tm_mday = day
    parts.tm_hour = hour
    parts.tm_min = minute
    parts.tm_sec = seconds
    let second = timegm(&parts)
    // timegm(3) turns June 31 into July 1.
    guard parts.tm_mon == month - 1, parts.tm_mday == day, parts.tm_hour == hour,
      parts.tm_min == minute, parts.tm_sec == seconds, bytes[16] == UInt8(ascii: "-"),
      bytes[17...].allSatisfy(Self.isHexadecimal)
    else { return nil }
    self.init(second: second, number: number)
  }

  /// Whether a byte is a hexadecimal digit in lower case.
  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
  }

  private static func digits(_ bytes: ArraySlice<UInt8>) -> Int32? {
    bytes.reduce(Int32?(0)) { value, byte in
      guard let value, byte >= 0x30, byte <= 0x39 else { return nil }
      return value * 10 + Int32(byte - 0x30)
    }
  }

  /// An ID for a run that begins now.
  ///
  /// - Parameter newest: of those that are there.
  /// - Returns: a later one, which is free unless another process takes it first.
  static func next(after newest: RunID?) -> RunID {
    next(after: newest, second: time(nil))
  }

  /// See `next(after:)`.
  static func next(after newest: RunID?, second: Int) -> RunID {
    guard let newest, newest.second >= second else {
      // From the lower half, to leave room for others in the same second.
      return RunID(second: second, number: .random(in: 0..<0x8000))
    }
    let number = Int(newest.number) + Int.random(in: 1...64)
    guard let number = UInt16(exactly: number) else {
      return RunID(second: newest.second + 1, number: .random(in: 0..<0x8000))
    }
    return RunID(second: newest.second, number: number)
  }

  /// The name.
  package var text: String {
    var second = self.second
    var parts = tm()
    gmtime_r(&second, &parts)
    let date =
      padded(parts.tm_year + 1900, to: 4) + padded(parts.tm_mon + 1, to: 2)
      + padded(parts.tm_mday, to: 2)
    let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded($0, to: 2) }
    return "\(date)T\(clock.joined())Z-" + padded(number, to: 4, radix: 16)
  }

  /// Earlier is less.
  package static func < (left: RunID, right: RunID) -> Bool {
    (left.second, left.number) < (right.second, right.number)
  }
}

extension RunID: CustomStringConvertible {
  /// The name.
  package var description: String { text }
}
