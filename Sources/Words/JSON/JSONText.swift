/// The inside of a JSON string, put together from pieces.
///
/// Everything that is not printable ASCII is escaped, except letters of other scripts, so the text
/// is also safe to look at in a terminal.
package struct JSONText: ~Copyable {
  var bytes: [UInt8] = []

  init() {}

  /// Adds a text and escapes it.
  package mutating func put(_ text: String) {
    var text = text
    let isPlain = text.withUTF8 {
      $0.allSatisfy { (0x20..<0x7F).contains($0) && $0 != 0x22 && $0 != 0x5C }
    }
    if isPlain {
      bytes.append(contentsOf: text.utf8)
    } else {
      for scalar in text.unicodeScalars { put(scalar) }
    }
  }

  /// Adds one of many texts that were escaped before.
  package mutating func put(_ texts: JSONTexts, _ index: Int) {
    bytes.append(contentsOf: texts.bytes(index))
  }

  private mutating func put(_ scalar: Unicode.Scalar) {
    switch scalar.value {
    case 0x22: bytes.append(contentsOf: "\\\"".utf8)
    case 0x5C: bytes.append(contentsOf: "\\\\".utf8)
    case 0x0A: bytes.append(contentsOf: "\\n".utf8)
    case 0x0D: bytes.append(contentsOf: "\\r".utf8)
    case 0x09: bytes.append(contentsOf: "\\t".utf8)
    case 0x00...0x1F, 0x7F...0x9F, 0xAD, 0x61C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F,
      0xFEFF:
      let hex = String(scalar.value, radix: 16)
      bytes.append(contentsOf: "\\u".utf8)
      bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 4 - hex.utf8.count))
      bytes.append(contentsOf: hex.utf8)
    default: bytes.append(contentsOf: String(Character(scalar)).utf8)
    }
  }
}

/// Texts that a document contains many times: escaped once, in one piece of memory.
package struct JSONTexts {
  private let bytes: [UInt8]
  private var ends: [UInt32] = [0]

  /// Escapes the texts; their indices are their places.
  package init(_ texts: some Sequence<String>) {
    ends.reserveCapacity(texts.underestimatedCount + 1)
    var all = JSONText()
    for text in texts {
      all.put(text)
      ends.append(UInt32(all.bytes.count))
    }
    bytes = all.bytes
  }

  /// Whether the text of an index is empty.
  package func isEmpty(_ index: Int) -> Bool { ends[index] == ends[index + 1] }

  func bytes(_ index: Int) -> ArraySlice<UInt8> { bytes[Int(ends[index])..<Int(ends[index + 1])] }
}
