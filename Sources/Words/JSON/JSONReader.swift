/// Reads a JSON document, strictly as RFC 8259 defines it.
///
/// It accepts no comments, no extra commas, no control characters in strings, no half of a
/// surrogate pair and no bytes that are not UTF-8. It also refuses a name that appears twice in one
/// object, because programs do not agree on which of them counts. Reading takes linear time, and
/// nesting is limited to ``deepest``.
package struct JSONReader {
  /// How deep lists and objects may be nested.
  static let deepest = 100

  private let bytes: [UInt8]
  private var index = 0
  private var depth = 0

  /// Reads a whole document.
  ///
  /// - Throws: the first position where the text is not JSON.
  package static func read(_ bytes: [UInt8]) throws(JSONFailure) -> JSONValue {
    var reader = JSONReader(bytes: bytes)
    reader.skipBlanks()
    if reader.next == nil { throw reader.failure("is empty") }
    let value = try reader.value()
    reader.skipBlanks()
    if reader.next != nil { throw reader.failure("has \(reader.found) after its end") }
    return value
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func skipBlanks() {
    while let byte = next, byte <= 0x20, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { index += 1 }
  }

  private func failure(_ what: String, at place: Int? = nil) -> JSONFailure {
    let before = bytes.prefix(place ?? index)
    let line = before.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
    let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    return JSONFailure(line: line, column: before.count - start + 1, what: what)
  }

  /// What is at this place, for people.
  private var found: String {
    guard let byte = next else { return "its end" }
    if (0x21..<0x7F).contains(byte) { return "'\(Character(Unicode.Scalar(byte)))'" }
    return "the byte 0x\(String(byte, radix: 16))"
  }

  private mutating func value() throws(JSONFailure) -> JSONValue {
    switch next {
    case UInt8(ascii: "{"):
      try enter()
      defer { depth -= 1 }
      return .object(try object())
    case UInt8(ascii: "["):
      try enter()
      defer { depth -= 1 }
      return .array(try array())
    case UInt8(ascii: "\""): return .string(try string())
    case let byte? where byte == UInt8(ascii: "-") || Self.isDigit(byte):
      return .number(try number())
    default:
      if take("null") { return .null }
      if take("true") { return .bool(true) }
      if take("false") { return .bool(false) }
      throw failure("has \(found) where a value should be")
    }
  }

  private mutating func take(_ word: StaticString) -> Bool {
    let length = word.utf8CodeUnitCount
    guard bytes.count - index >= length else { return false }
    for offset in 0..<length where bytes[index + offset] != word.utf8Start[offset] { return false }
    index += length
    return true
  }

  private mutating func enter() throws(JSONFailure) {
    if depth == Self.deepest { throw failure("is nested more than \(Self.deepest) deep") }
    depth += 1
    index += 1
  }

  /// Skips what is between two elements or after the last.
  ///
  /// - Returns: whether another element follows.
  private mutating func goesOn(until end: UInt8) throws(JSONFailure) -> Bool {
    skipBlanks()
    if next == end {
      index += 1
      return false
    }
    guard next == UInt8(ascii: ",") else {
      throw failure("has \(found) where ',' or '\(Character(Unicode.Scalar(end)))' should be")
    }
    index += 1
    skipBlanks()
    return true
  }

  private mutating func array() throws(JSONFailure) -> [JSONValue] {
    var elements: [JSONValue] = []
    skipBlanks()
    if next == UInt8(ascii: "]") {
      index += 1
      return elements
    }
    repeat { elements.append(try value()) } while try goesOn(until: UInt8(ascii: "]"))
    return elements
  }

  private mutating func object() throws(JSONFailure) -> JSONObject {
    var fields = JSONObject()
    var names = SeenNames()
    skipBlanks()
    if next == UInt8(ascii: "}") {
      index += 1
      return fields
    }
    repeat {
      let place = index
      guard next == UInt8(ascii: "\"") else {
        throw failure("has \(found) where the name of a field should be")
      }
      let name = try string()
      skipBlanks()
      guard next == UInt8(ascii: ":") else { throw failure("has \(found) where ':' should be") }
      index += 1
      skipBlanks()
      let value = try value()
      if !names.insert(name, after: fields) {
        throw failure("has the name \(quoted(name)) a second time", at: place)
      }
      fields.all.append(JSONField(name: name, value: value))
    } while try goesOn(until: UInt8(ascii: "}"))
    return fields
  }

  private mutating func number() throws(JSONFailure) -> String {
    let start = index
    if next == UInt8(ascii: "-") { index += 1 }
    let whole = index
    try digits()
    if bytes[whole] == UInt8(ascii: "0"), index - whole > 1 {
      throw failure("has a number with a leading 0", at: start)
    }
    if next == UInt8(ascii: ".") {
      index += 1
      try digits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      index += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { index += 1 }
      try digits()
    }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private mutating func digits() throws(JSONFailure) {
    let start = index
    while let byte = next, Self.isDigit(byte) { index += 1 }
    if index == start { throw failure("has \(found) where a digit should be") }
  }

  private mutating func string() throws(JSONFailure) -> String {
    let start = index
    index += 1
    // Most strings have no escapes.
    let (quote, backslash) = (UInt8(ascii: "\""), UInt8(ascii: "\\"))
    let first = bytes[index...].firstIndex { $0 < 0x20 || $0 == quote || $0 == backslash }
    let end = first ?? bytes.endIndex
    if end < bytes.endIndex, bytes[end] == quote,
      let string = String(validating: bytes[index..<end], as: UTF8.self)
    {
      index = end + 1
      return string
    }
    var text = Array(bytes[index..<end])
    index = end
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else {
          throw failure("has a string that is not UTF-8", at: start)
        }
        index += 1
        return string
      case UInt8(ascii: "\\"):
        let place = index
        index += 1
        guard let scalar = try escape() else {
          throw failure("has an unknown escape in a string", at: place)
        }
        text.append(contentsOf: String(Character(scalar)).utf8)
      case 0..<0x20: throw failure("has a control character in a string")
      default:
        text.append(byte)
        index += 1
      }
    }
    throw failure("has a string without an end", at: start)
  }

  /// The character of an escape, without its backslash; nil if it is not an escape.
  private mutating func escape() throws(JSONFailure) -> Unicode.Scalar? {
    guard let byte = next else { return nil }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      guard let first = fourDigits() else { return nil }
      guard (0xD800..<0xDC00).contains(first) else { return Unicode.Scalar(first) }
      guard take("\\u"), let second = fourDigits(), (0xDC00..<0xE000).contains(second) else {
        return nil
      }
      return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    default: return nil
    }
  }

  private mutating func fourDigits() -> UInt32? {
    guard bytes.count - index >= 4 else { return nil }
    var value: UInt32 = 0
    for byte in bytes[index..<index + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        return nil
      }
      value = value << 4 | UInt32(digit)
    }
    index += 4
    return value
  }
}

/// The names of an object's fields: a set if there are many.
private struct SeenNames {
  /// So many names are faster compared than hashed.
  private static let few = 8
  private var names: Set<String> = []

  /// Adds a name.
  ///
  /// - Parameters:
  ///   - name: the name.
  ///   - fields: all that came before.
  /// - Returns: whether it is new.
  mutating func insert(_ name: String, after fields: JSONObject) -> Bool {
    let count = fields.all.count
    if count < Self.few { return !fields.all.contains { $0.name == name } }
    if count == Self.few { names = Set(fields.all.map(\.name)) }
    return names.insert(name).inserted
  }
}
