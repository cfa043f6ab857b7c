/// Gathers text and hands it on in large pieces.
package struct TextOutput: ~Copyable {
  private var bytes: [UInt8] = []
  private let write: ([UInt8]) -> Void
  private static let enough = 1 << 16

  /// Makes an output that hands its bytes to `write`.
  package init(write: @escaping ([UInt8]) -> Void) { self.write = write }

  /// Adds text as it is.
  package mutating func put(_ text: String) {
    bytes.append(contentsOf: text.utf8)
    if bytes.count >= Self.enough { flush() }
  }

  /// Adds a line.
  package mutating func line(_ text: String = "") {
    put(text)
    put("\n")
  }

  /// Adds words, made safe for a terminal and broken into lines of at most 80 columns.
  package mutating func paragraph(_ words: String, indent: Int = 0) {
    for text in wrapped(safeForTerminal(words), width: 80 - indent) {
      blanks(indent)
      line(text)
    }
  }

  /// Adds blanks.
  package mutating func blanks(_ count: Int) {
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: max(0, count)))
  }

  /// Hands on what it has gathered.
  package mutating func flush() {
    if bytes.isEmpty { return }
    write(bytes)
    bytes.removeAll(keepingCapacity: true)
  }

  deinit { if !bytes.isEmpty { write(bytes) } }
}

/// `1 step`, `2 steps`.
package func counted(_ count: Int, _ one: String, _ many: String? = nil) -> String {
  count == 1 ? "1 \(one)" : "\(count) \(many ?? one + "s")"
}
