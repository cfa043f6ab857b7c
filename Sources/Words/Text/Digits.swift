extension [UInt8] {
  /// Appends a number in decimal digits.
  @inlinable
  package mutating func append(decimal number: Int) {
    if number < 0 { append(UInt8(ascii: "-")) }
    let start = count
    var rest = number.magnitude
    repeat {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    } while rest > 0
    self[start...].reverse()
  }
}

/// The digits of a number, with zeros before them up to this many.
package func padded(
  _ number: some BinaryInteger,
  to count: Int,
  radix: Int = 10,
  uppercase: Bool = false
) -> String {
  let digits = String(number, radix: radix, uppercase: uppercase)
  return String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
}

extension Unicode.Scalar {
  /// What is written in quotation marks for a character that would break the line or affect a
  /// terminal: `\n`, `\r`, `\t` or `\u{…}`.
  package var escape: String {
    switch self {
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    default: "\\u{\(String(value, radix: 16))}"
    }
  }
}
