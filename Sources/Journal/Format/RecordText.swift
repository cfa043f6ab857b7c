import Words

/// Text in a record: in quotation marks, with `\n`, `\r`, `\t`, `\"`, `\\` and `\u{…}` for
/// characters that would break the line or affect a terminal.
package enum RecordText {
  /// The text in quotation marks.
  package static func quoted(_ text: String) -> String {
    if isPlain(text) { return "\"\(text)\"" }
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
        result += scalar.escape
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// Whether a text can be written unchanged, as most can.
  private static func isPlain(_ text: String) -> Bool {
    text.utf8.allSatisfy { byte in
      byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
  }

  /// Reads a text in quotation marks at the beginning of some bytes.
  ///
  /// - Returns: the text and the index after it; nil if there is none.
  package static func read(
    _ bytes: Slice<UnsafeRawBufferPointer>
  ) -> (text: String, end: Int)? {
    guard bytes.first == UInt8(ascii: "\"") else { return nil }
    var result: [UInt8] = []
    var index = bytes.startIndex + 1
    while index < bytes.endIndex {
      let byte = bytes[index]
      index += 1
      if byte == UInt8(ascii: "\"") { return (String(decoding: result, as: UTF8.self), index) }
      guard byte == UInt8(ascii: "\\") else {
        result.append(byte)
        continue
      }
      guard index < bytes.endIndex, let scalar = escape(bytes, &index) else { return nil }
      result += String(Character(scalar)).utf8
    }
    return nil
  }

  private static func escape(
    _ bytes: Slice<UnsafeRawBufferPointer>,
    _ index: inout Int
  ) -> Unicode.Scalar? {
    let letter = bytes[index]
    index += 1
    switch letter {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "u"):
      guard let end = bytes[index...].firstIndex(of: UInt8(ascii: "}")), index < end,
        bytes[index] == UInt8(ascii: "{")
      else { return nil }
      let digits = String(decoding: bytes[(index + 1)..<end], as: UTF8.self)
      index = end + 1
      return UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init)
    default: return nil
    }
  }

  /// The words and texts of a line, separated by spaces.
  ///
  /// A text is in quotation marks.
  ///
  /// - Returns: nil if a text does not end.
  package static func fields(_ line: UnsafeRawBufferPointer) -> [String]? {
    var result: [String] = []
    var index = 0
    while index < line.count {
      if line[index] == UInt8(ascii: "\"") {
        guard let (text, end) = read(line[index...]) else { return nil }
        result.append(text)
        index = end
      } else {
        let end = line[index...].firstIndex(of: UInt8(ascii: " ")) ?? line.count
        result.append(String(decoding: line[index..<end], as: UTF8.self))
        index = end
      }
      if index < line.count, line[index] != UInt8(ascii: " ") { return nil }
      index += 1
    }
    return result
  }
}
