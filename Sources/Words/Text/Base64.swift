/// Bytes as text of letters, digits, `+` and `/` (RFC 4648, with padding).
package enum Base64 {
  private static let letters = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
  )
  private static let padding = UInt8(ascii: "=")

  /// The value of each byte as a letter; 64 for a byte that is none.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 64, count: 256)
    for (value, letter) in letters.enumerated() { values[Int(letter)] = UInt8(value) }
    return values
  }()

  /// The text for some bytes.
  package static func text(_ bytes: [UInt8]) -> String {
    let count = (bytes.count + 2) / 3 * 4
    return String(unsafeUninitializedCapacity: count) { text in
      letters.withUnsafeBufferPointer { letters in
        var place = 0
        var index = 0
        while index < bytes.count {
          let rest = bytes.count - index
          let word =
            UInt32(bytes[index]) << 16 | (rest > 1 ? UInt32(bytes[index + 1]) << 8 : 0)
            | (rest > 2 ? UInt32(bytes[index + 2]) : 0)
          text[place] = letters[Int(word >> 18)]
          text[place + 1] = letters[Int(word >> 12 & 63)]
          text[place + 2] = rest > 1 ? letters[Int(word >> 6 & 63)] : padding
          text[place + 3] = rest > 2 ? letters[Int(word & 63)] : padding
          place += 4
          index += 3
        }
        return place
      }
    }
  }

  /// The bytes for a text.
  ///
  /// - Parameter text: exactly as ``text(_:)`` writes it.
  /// - Returns: the bytes; nil if the text is not one that ``text(_:)`` writes.
  package static func bytes(_ text: String) -> [UInt8]? {
    var text = text
    return text.withUTF8 { letters in
      values.withUnsafeBufferPointer { bytes(letters, $0) }
    }
  }

  private static func bytes(
    _ letters: UnsafeBufferPointer<UInt8>,
    _ values: UnsafeBufferPointer<UInt8>
  ) -> [UInt8]? {
    if !letters.count.isMultiple(of: 4) { return nil }
    var padded = 0
    while padded < 2, padded < letters.count, letters[letters.count - 1 - padded] == padding {
      padded += 1
    }
    var result: [UInt8] = []
    result.reserveCapacity(letters.count / 4 * 3)
    var index = 0
    while index < letters.count {
      let isLast = index + 4 == letters.count
      let count = isLast ? 4 - padded : 4
      var word: UInt32 = 0
      for offset in 0..<4 {
        let value = offset < count ? values[Int(letters[index + offset])] : 0
        if value == 64 { return nil }
        word = word << 6 | UInt32(value)
      }
      result.append(UInt8(word >> 16))
      if count > 2 { result.append(UInt8(word >> 8 & 255)) }
      if count > 3 { result.append(UInt8(word & 255)) }
      // The bits that padding leaves over are 0.
      if count == 3, word & 255 != 0 { return nil }
      if count == 2, word & 65_535 != 0 { return nil }
      index += 4
    }
    return result
  }
}
