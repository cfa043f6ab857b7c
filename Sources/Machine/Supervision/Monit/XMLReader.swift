import Words

/// A part of an XML document.
enum XMLPart: Hashable {
  case begin(String, [String: String])
  case end(String)
  case text(String)
}

/// What is wrong with a document.
struct XMLError: Error, Hashable {
  /// Offset in bytes.
  var offset: Int
  /// As the end of a sentence.
  var what: String
}

/// Reads XML as programs write it for programs: elements, attributes, text, CDATA, comments.
///
/// The declaration may say ISO-8859-1. Monit's does, but it writes names as the bytes of its
/// control file: valid UTF-8 is read as UTF-8. It understands XML's five entities and numeric
/// references. It refuses a document type, and with it everything that could make a small document
/// large. Nesting is bounded.
struct XMLReader {
  private let bytes: [UInt8]
  private var position = 0
  private var isLatin = false
  private var open: [String] = []
  /// The end that an empty element `<a/>` still owes.
  private var pendingEnd: String?

  private static let deepest = 64

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    let declaration = bytes.prefix(200).prefix { $0 != UInt8(ascii: ">") }
    let text = String(decoding: declaration, as: UTF8.self).lowercased()
    isLatin = text.hasPrefix("<?xml") && text.contains("iso-8859-1")
  }

  /// The next part; nil at the end.
  ///
  /// - Returns: the part; text is never empty, and a stretch of text may come in several parts.
  /// - Throws: an error if it is not well formed.
  mutating func next() throws(XMLError) -> XMLPart? {
    if let name = pendingEnd {
      pendingEnd = nil
      return try close(name)
    }
    while position < bytes.count {
      guard bytes[position] == UInt8(ascii: "<") else {
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "<") { position += 1 }
        if open.isEmpty { continue }
        return .text(try decode(bytes[start..<position]))
      }
      if skip("<![CDATA[") {
        let content = try take(until: "]]>")
        if content.isEmpty { continue }
        return .text(plain(content))
      }
      if skip("<!--") {
        _ = try take(until: "-->")
      } else if skip("<?") {
        _ = try take(until: "?>")
      } else if skip("<!") {
        throw error("has a document type, which is refused")
      } else if skip("</") {
        let name = plain(try take(until: ">"))
        return try close(name.split(separator: " ").first.map(String.init) ?? "")
      } else {
        position += 1
        return try begin()
      }
    }
    if let last = open.last { throw error("ends inside <\(last)>") }
    return nil
  }

  private func error(_ what: String) -> XMLError { XMLError(offset: position, what: what) }

  private mutating func skip(_ text: StaticString) -> Bool {
    let matches = text.withUTF8Buffer { bytes[position...].starts(with: $0) }
    if matches { position += text.utf8CodeUnitCount }
    return matches
  }

  private mutating func take(until text: String) throws(XMLError) -> ArraySlice<UInt8> {
    let end = Array(text.utf8)
    let start = position
    while position + end.count <= bytes.count {
      if bytes[position...].starts(with: end) {
        defer { position += end.count }
        return bytes[start..<position]
      }
      position += 1
    }
    throw error("ends before \(text)")
  }

  private mutating func close(_ name: String) throws(XMLError) -> XMLPart {
    guard open.popLast() == name else { throw error("has </\(name)> out of place") }
    return .end(name)
  }

  private mutating func begin() throws(XMLError) -> XMLPart {
    let name = takeName()
    if name.isEmpty { throw error("has '<' without a name") }
    var attributes: [String: String] = [:]
    while true {
      skipBlanks()
      guard position < bytes.count else { throw error("ends inside <\(name)>") }
      if skip("/>") {
        pendingEnd = name
        break
      }
      if skip(">") { break }
      let attribute = takeName()
      skipBlanks()
      guard !attribute.isEmpty, skip("=") else { throw error("has a bad attribute in <\(name)>") }
      skipBlanks()
      let quote: String
      if skip("\"") {
        quote = "\""
      } else if skip("'") {
        quote = "'"
      } else {
        throw error("has an attribute without quotes in <\(name)>")
      }
      attributes[attribute] = try decode(try take(until: quote))
    }
    if open.count == Self.deepest { throw error("is nested too deeply") }
    open.append(name)
    return .begin(name, attributes)
  }

  private mutating func takeName() -> String {
    let start = position
    while position < bytes.count {
      switch bytes[position] {
      case 0...0x20, UInt8(ascii: "="), UInt8(ascii: ">"), UInt8(ascii: "/"), UInt8(ascii: "<"),
        UInt8(ascii: "\""), UInt8(ascii: "'"):
        return plain(bytes[start..<position])
      default: position += 1
      }
    }
    return plain(bytes[start..<position])
  }

  private mutating func skipBlanks() {
    while position < bytes.count, bytes[position] <= 0x20 { position += 1 }
  }

  private func plain(_ part: ArraySlice<UInt8>) -> String {
    if !isLatin { return String(decoding: part, as: UTF8.self) }
    if let text = String(validating: part, as: UTF8.self) { return text }
    var text = ""
    for byte in part { text.unicodeScalars.append(Unicode.Scalar(byte)) }
    return text
  }

  private func decode(_ part: ArraySlice<UInt8>) throws(XMLError) -> String {
    guard part.contains(UInt8(ascii: "&")) else { return plain(part) }
    var text = ""
    var rest = part
    while let start = rest.firstIndex(of: UInt8(ascii: "&")) {
      text += plain(rest[..<start])
      guard let end = rest[start...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else {
        throw error("has '&' without ';'")
      }
      let name = plain(rest[(start + 1)..<end])
      text.unicodeScalars.append(try entity(name))
      rest = rest[(end + 1)...]
    }
    return text + plain(rest)
  }

  private func entity(_ name: String) throws(XMLError) -> Unicode.Scalar {
    switch name {
    case "amp": return "&"
    case "lt": return "<"
    case "gt": return ">"
    case "quot": return "\""
    case "apos": return "'"
    default:
      let number =
        name.hasPrefix("#x")
        ? UInt32(name.dropFirst(2), radix: 16)
        : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
      guard let scalar = number.flatMap(Unicode.Scalar.init) else {
        throw error("has the entity \(quoted(name)), which it does not declare")
      }
      return scalar
    }
  }
}
