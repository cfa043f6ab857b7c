/// A command that connects its standard input and output to a shell on a host, such as
/// `docker exec -i {host}`.
///
/// No shell reads it. It is split into words as a shell would do it, and each placeholder stays
/// inside its word, whatever its value is.
package struct CarrierCommand: Hashable, Sendable {
  /// Why a text is no command.
  package struct Mistake: Error, Hashable, Sendable {
    /// The bytes of the text that are wrong.
    package var range: Range<Int>
    /// What is wrong, for people.
    package var message: String
    /// What was probably meant in their place.
    package var meant: String?
  }

  /// The command as it was given.
  package let text: String
  private let words: [PlaceholderText]

  /// Reads a command.
  ///
  /// - Throws: what is wrong with it, and where.
  package init(_ text: String) throws(Mistake) {
    self.text = text
    var words: [PlaceholderText] = []
    for word in try Self.split(text) {
      do throws(PlaceholderText.Mistake) {
        words.append(try PlaceholderText(word.text))
      } catch {
        // In a word with quotes its places are not those of the text.
        let range =
          word.text.utf8.count == word.range.count
          ? (word.range.lowerBound + error.range.lowerBound)..<(word.range.lowerBound
            + error.range.upperBound) : word.range
        throw Mistake(range: range, message: error.message, meant: error.meant)
      }
    }
    if words.isEmpty {
      throw Mistake(range: 0..<text.utf8.count, message: "the command is empty", meant: nil)
    }
    self.words = words
  }

  /// The placeholders that occur in it.
  package var placeholders: Set<Placeholder> {
    words.reduce(into: []) { $0.formUnion($1.placeholders) }
  }

  /// The program and its arguments, with the values of the placeholders.
  ///
  /// A placeholder without a value is empty.
  package func arguments(for host: ResolvedHost) -> [String] {
    let parts = host.instance.split(separator: "/", maxSplits: 1)
    return words.map { word in
      word.filled { placeholder in
        switch placeholder {
        case .instance: host.boshName ?? host.instance
        case .job: String(parts.first ?? "")
        case .index: parts.count > 1 ? String(parts[1]) : ""
        case .host: host.address
        case .user: host.user ?? ""
        case .port: host.port.map { "\($0)" } ?? ""
        }
      }
    }
  }

  /// The words of a text, as a shell would split it.
  ///
  /// - Throws: what is wrong with its quotes.
  package static func words(of text: String) throws(Mistake) -> [String] {
    try split(text).map(\.text)
  }

  private static func split(_ text: String) throws(Mistake) -> [(text: String, range: Range<Int>)] {
    let bytes = Array(text.utf8)
    var words: [(text: String, range: Range<Int>)] = []
    var offset = 0
    while offset < bytes.count {
      if isBlank(bytes[offset]) {
        offset += 1
        continue
      }
      let start = offset
      var word: [UInt8] = []
      while offset < bytes.count, !isBlank(bytes[offset]) {
        let byte = bytes[offset]
        switch byte {
        case UInt8(ascii: "'"), UInt8(ascii: "\""):
          let quote = offset
          offset += 1
          while offset < bytes.count, bytes[offset] != byte {
            if byte == UInt8(ascii: "\""), bytes[offset] == UInt8(ascii: "\\"),
              offset + 1 < bytes.count, "\\\"".utf8.contains(bytes[offset + 1])
            {
              offset += 1
            }
            word.append(bytes[offset])
            offset += 1
          }
          if offset == bytes.count {
            throw Mistake(
              range: quote..<bytes.count,
              message: "a quote in the command is not closed",
              meant: nil
            )
          }
          offset += 1
        case UInt8(ascii: "\\") where offset + 1 < bytes.count:
          word.append(bytes[offset + 1])
          offset += 2
        default:
          word.append(byte)
          offset += 1
        }
      }
      words.append((String(decoding: word, as: UTF8.self), start..<offset))
    }
    return words
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n")
  }
}
