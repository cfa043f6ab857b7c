/// Writes one JSON document, piece by piece, and hands it on in large pieces; commas are put in by
/// itself.
///
/// A document is an object whose first field is `version`, a number that changes when a reader of the
/// document would have to. Durations are numbers of seconds, moments are seconds since 1970. What is
/// not printable is escaped, so that a document is also safe to look at in a terminal.
package struct JSONWriter: ~Copyable {
  private var bytes: [UInt8] = []
  private var needsComma = false
  private let write: ([UInt8]) -> Void
  private static let enough = 1 << 16

  /// Makes a writer that hands its bytes to `write`.
  package init(write: @escaping ([UInt8]) -> Void) { self.write = write }

  /// Writes an object; `body` writes its fields.
  package mutating func object(_ body: (inout JSONWriter) -> Void) {
    open(UInt8(ascii: "{"))
    body(&self)
    close(UInt8(ascii: "}"))
  }

  /// Writes an array; `body` writes its elements.
  package mutating func array(_ body: (inout JSONWriter) -> Void) {
    open(UInt8(ascii: "["))
    body(&self)
    close(UInt8(ascii: "]"))
  }

  /// Writes the name of a field, whose value comes next.
  package mutating func name(_ name: StaticString) {
    separate()
    needsComma = false
    bytes.append(UInt8(ascii: "\""))
    name.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
  }

  /// Writes a text.
  package mutating func value(_ text: String) {
    separate()
    var text = text
    let isPlain = text.withUTF8 {
      $0.allSatisfy { (0x20..<0x7F).contains($0) && $0 != 0x22 && $0 != 0x5C }
    }
    if isPlain {
      bytes.append(UInt8(ascii: "\""))
      bytes.append(contentsOf: text.utf8)
      bytes.append(UInt8(ascii: "\""))
    } else {
      bytes.append(contentsOf: jsonString(text).utf8)
    }
    handOn()
  }

  /// Writes a whole number.
  package mutating func value(_ number: some BinaryInteger) {
    separate()
    bytes.append(contentsOf: String(number).utf8)
  }

  /// Writes true or false.
  package mutating func value(_ flag: Bool) {
    separate()
    bytes.append(contentsOf: (flag ? "true" : "false").utf8)
  }

  /// Writes seconds, with as many decimals as they need, nine at the most.
  package mutating func value(_ duration: Duration) {
    separate()
    bytes.append(contentsOf: duration.decimalSeconds.utf8)
  }

  /// Writes null.
  package mutating func null() {
    separate()
    bytes.append(contentsOf: "null".utf8)
  }

  /// Writes a field that is a text; null where there is none.
  package mutating func field(_ name: StaticString, _ text: String?) {
    self.name(name)
    if let text { value(text) } else { null() }
  }

  /// Writes a field that is a whole number; null where there is none.
  package mutating func field(_ name: StaticString, _ number: Int?) {
    self.name(name)
    if let number { value(number) } else { null() }
  }

  /// Writes a field that is true or false; null where that is not known.
  package mutating func field(_ name: StaticString, _ flag: Bool?) {
    self.name(name)
    if let flag { value(flag) } else { null() }
  }

  /// Writes a field that is a duration; null where there is none.
  package mutating func field(_ name: StaticString, _ duration: Duration?) {
    self.name(name)
    if let duration { value(duration) } else { null() }
  }

  /// Writes a field that is a list of texts.
  package mutating func field(_ name: StaticString, _ texts: some Sequence<String>) {
    self.name(name)
    array { for text in texts { $0.value(text) } }
  }

  /// Writes a value that is JSON already.
  ///
  /// For what is said very often and made once.
  package mutating func raw(_ json: [UInt8]) {
    separate()
    bytes.append(contentsOf: json)
    handOn()
  }

  /// Ends a line, where a reader of lines is to find something at the beginning of the next.
  ///
  /// Stands between two pieces, before the comma that the second may need.
  package mutating func lineBreak() { bytes.append(UInt8(ascii: "\n")) }

  /// Ends the document and hands on what there is.
  package mutating func finish() {
    bytes.append(UInt8(ascii: "\n"))
    write(bytes)
    bytes.removeAll()
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  private mutating func open(_ bracket: UInt8) {
    separate()
    needsComma = false
    bytes.append(bracket)
  }

  private mutating func close(_ bracket: UInt8) {
    bytes.append(bracket)
    needsComma = true
    handOn()
  }

  private mutating func handOn() {
    if bytes.count < Self.enough { return }
    write(bytes)
    bytes.removeAll(keepingCapacity: true)
  }
}
