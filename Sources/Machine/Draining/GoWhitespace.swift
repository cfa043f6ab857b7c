import System
import Words

/// The blanks of Go's `strings.TrimSpace`: Unicode's White_Space.
enum GoWhitespace {
  /// Those beyond ASCII, as UTF-8.
  ///
  /// A byte that is not UTF-8 is not a blank.
  private static let others: [[UInt8]] =
    ([0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000] + Array(0x2000...0x200A))
    .compactMap { Unicode.Scalar(UInt32($0)) }.map { Array(String(Character($0)).utf8) }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }

  /// Text without the blanks around it.
  static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var rest = text
    while let first = rest.first {
      if isBlank(first) {
        rest = rest.dropFirst()
      } else if let blank = others.first(where: { rest.starts(with: $0) }) {
        rest = rest.dropFirst(blank.count)
      } else {
        break
      }
    }
    while let last = rest.last {
      if isBlank(last) {
        rest = rest.dropLast()
      } else if let blank = others.first(where: { rest.suffix($0.count).elementsEqual($0) }) {
        rest = rest.dropLast(blank.count)
      } else {
        break
      }
    }
    return rest
  }

  /// The text without an incomplete blank at its end.
  static func withoutBegunBlank(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    for length in 1...2 where text.count >= length {
      let end = text.suffix(length)
      if others.contains(where: { $0.count > length && $0.starts(with: end) }) {
        return text.dropLast(length)
      }
    }
    return text
  }
}
