/// Text on its way out: gathered, and handed on in large pieces.
package struct TextOutput: ~Copyable {
  private var bytes: [UInt8] = []
  private let write: ([UInt8]) -> Void
  private static let enough = 1 << 16

  /// Makes an output that hands its bytes to `write`.
  package init(write: @escaping ([UInt8]) -> Void) { self.write = write }

  /// Takes text; nothing in it is changed.
  package mutating func put(_ text: String) {
    bytes.append(contentsOf: text.utf8)
    if bytes.count >= Self.enough { flush() }
  }

  /// Takes a line.
  package mutating func line(_ text: String = "") {
    put(text)
    put("\n")
  }

  /// Takes blanks.
  package mutating func blanks(_ count: Int) {
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: max(0, count)))
  }

  /// Hands on what there is.
  package mutating func flush() {
    if bytes.isEmpty { return }
    write(bytes)
    bytes.removeAll(keepingCapacity: true)
  }

  deinit { if !bytes.isEmpty { write(bytes) } }
}

/// Breaks words into lines of at most `width` columns; a word that is wider has a line of its own.
func wrapped(_ words: String, width: Int) -> [String] {
  var lines: [String] = []
  var current = ""
  var used = 0
  for word in words.split(separator: " ") {
    let length = word.unicodeScalars.count
    if used > 0, used + 1 + length > width {
      lines.append(current)
      current = ""
      used = 0
    }
    if used > 0 {
      current += " "
      used += 1
    }
    current += word
    used += length
  }
  if !current.isEmpty { lines.append(current) }
  return lines
}

/// Text cut in the middle to at most `width` columns.
func shortened(_ text: String, to width: Int) -> String {
  let scalars = Array(text.unicodeScalars)
  if scalars.count <= width { return text }
  let kept = max(0, width - 3)
  let head = kept / 2
  var result = String.UnicodeScalarView()
  result.append(contentsOf: scalars[..<head])
  result.append(contentsOf: "...".unicodeScalars)
  result.append(contentsOf: scalars[(scalars.count - (kept - head))...])
  return String(result)
}

/// `1 step`, `2 steps`.
package func counted(_ count: Int, _ one: String, _ many: String? = nil) -> String {
  count == 1 ? "1 \(one)" : "\(count) \(many ?? one + "s")"
}
