/// The result of a first, fast check whether the bytes of a file are text.
package struct TextCheck {
  /// The place of the first byte that is not part of valid UTF-8.
  package var firstInvalid: Int?
  /// How many such bytes there are.
  package var invalidCount = 0
  /// The place of the first zero byte, which no text contains.
  package var firstZero: Int?

  /// Reads every byte once.
  package init(_ bytes: UnsafeBufferPointer<UInt8>) {
    let raw = UnsafeRawBufferPointer(bytes)
    let count = raw.count
    var offset = 0
    while offset < count {
      // Usually there are eight bytes of ASCII without a zero byte. They are skipped at once.
      if offset + 8 <= count {
        let word = raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        let zeros = (word &- 0x0101_0101_0101_0101) & ~word
        if (word | zeros) & 0x8080_8080_8080_8080 == 0 {
          offset += 8
          continue
        }
      }
      let byte = raw[offset]
      if byte == 0 {
        if firstZero == nil { firstZero = offset }
        offset += 1
      } else if byte < 0x80 {
        offset += 1
      } else if let length = scalarLength(in: bytes, at: offset) {
        offset += length
      } else {
        if firstInvalid == nil { firstInvalid = offset }
        invalidCount += 1
        offset += 1
      }
    }
  }
}

/// The length of the UTF-8 encoded scalar that begins at `offset`; nil if none does.
func scalarLength(in bytes: UnsafeBufferPointer<UInt8>, at offset: Int) -> Int? {
  let lead = bytes[offset]
  func continues(_ index: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
    offset + index < bytes.count && range.contains(bytes[offset + index])
  }
  switch lead {
  case 0x00...0x7F: return 1
  case 0xC2...0xDF: return continues(1) ? 2 : nil
  case 0xE0: return continues(1, 0xA0...0xBF) && continues(2) ? 3 : nil
  case 0xED: return continues(1, 0x80...0x9F) && continues(2) ? 3 : nil
  case 0xE1...0xEF: return continues(1) && continues(2) ? 3 : nil
  case 0xF0: return continues(1, 0x90...0xBF) && continues(2) && continues(3) ? 4 : nil
  case 0xF1...0xF3: return continues(1) && continues(2) && continues(3) ? 4 : nil
  case 0xF4: return continues(1, 0x80...0x8F) && continues(2) && continues(3) ? 4 : nil
  default: return nil
  }
}

/// The Unicode scalar encoded at `offset`; nil if there is no valid one.
func scalar(in bytes: UnsafeBufferPointer<UInt8>, at offset: Int) -> Unicode.Scalar? {
  guard let length = scalarLength(in: bytes, at: offset) else { return nil }
  let lead = UInt32(bytes[offset])
  var value: UInt32
  switch length {
  case 1: value = lead
  case 2: value = lead & 0x1F
  case 3: value = lead & 0x0F
  default: value = lead & 0x07
  }
  for index in 1..<max(length, 1) { value = value << 6 | UInt32(bytes[offset + index] & 0x3F) }
  return Unicode.Scalar(value)
}
