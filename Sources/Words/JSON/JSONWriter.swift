/// Writes one JSON document, value by value, sets the commas, and hands it on in large pieces.
///
/// A document is an object whose first field is `version`, a number that changes when programs that
/// read the document have to change. Durations are numbers of seconds, moments are seconds since
/// 1970. What cannot be printed is escaped, so a document is also safe to look at in a terminal.
package struct JSONWriter: ~Copyable {
  private var bytes: [UInt8] = []
  private var needsComma = false
  private let write: (([UInt8]) -> Void)?
  private static let enough = 1 << 16

  /// Makes a writer that hands its bytes to `write`.
  package init(write: @escaping ([UInt8]) -> Void) { self.write = write }

  /// Makes a writer that keeps its bytes.
  private init() { write = nil }

  /// What `body` writes, for ``raw(_:)`` or for a document of its own; no newline at its end.
  package static func bytes(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter()
    body(&writer)
    return writer.bytes
  }

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

  /// Writes the name of a field that comes from outside, whose value comes next.
  package mutating func name(text name: String) {
    value(name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  /// Writes a text.
  package mutating func value(_ text: String) { self.text { $0.put(text) } }

  /// Writes a text; `body` puts its pieces together.
  package mutating func text(_ body: (inout JSONText) -> Void) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    var text = JSONText()
    swap(&text.bytes, &bytes)
    body(&text)
    swap(&text.bytes, &bytes)
    bytes.append(UInt8(ascii: "\""))
    handOn()
  }

  /// Writes a whole number.
  package mutating func value(_ number: some BinaryInteger) {
    separate()
    if let number = Int(exactly: number) {
      bytes.append(decimal: number)
    } else {
      bytes.append(contentsOf: String(number).utf8)
    }
  }

  /// Writes true or false.
  package mutating func value(_ flag: Bool) {
    separate()
    bytes.append(contentsOf: (flag ? "true" : "false").utf8)
  }

  /// Writes seconds, with as many decimals as they need, nine at most.
  package mutating func value(_ duration: Duration) {
    separate()
    bytes.append(contentsOf: duration.decimalSeconds.utf8)
  }

  /// Writes null.
  package mutating func null() {
    separate()
    bytes.append(contentsOf: "null".utf8)
  }

  /// Writes a field that is a text; null if there is none.
  package mutating func field(_ name: StaticString, _ text: String?) {
    self.name(name)
    if let text { value(text) } else { null() }
  }

  /// Writes a field that is a whole number; null if there is none.
  package mutating func field(_ name: StaticString, _ number: Int?) {
    self.name(name)
    if let number { value(number) } else { null() }
  }

  /// Writes a field that is true or false; null if that is not known.
  package mutating func field(_ name: StaticString, _ flag: Bool?) {
    self.name(name)
    if let flag { value(flag) } else { null() }
  }

  /// Writes a field that is a duration; null if there is none.
  package mutating func field(_ name: StaticString, _ duration: Duration?) {
    self.name(name)
    if let duration { value(duration) } else { null() }
  }

  /// Writes a field that is a list of texts.
  package mutating func field(_ name: StaticString, _ texts: some Sequence<String>) {
    self.name(name)
    array { for text in texts { $0.value(text) } }
  }

  /// Writes a field that is a list of objects; `write` writes the fields of each.
  package mutating func objects<Elements: Sequence>(
    _ name: StaticString,
    _ elements: Elements,
    _ write: (inout JSONWriter, Elements.Element) -> Void
  ) {
    self.name(name)
    array { json in
      for element in elements { json.object { write(&$0, element) } }
    }
  }

  /// Writes what is JSON already: a value, or some fields of an object.
  ///
  /// For what a document contains many times: make it once, write it often.
  package mutating func raw(_ json: [UInt8]) {
    separate()
    bytes.append(contentsOf: json)
    handOn()
  }

  /// Ends a line before the next value, so that programs that read lines find the value in one
  /// line.
  ///
  /// The comma between the two values begins the next line.
  package mutating func lineBreak() { bytes.append(UInt8(ascii: "\n")) }

  /// Begins a line of its own for the next value, indented by two blanks.
  ///
  /// The comma between the two values ends the line before.
  package mutating func indentedLine() {
    separate()
    needsComma = false
    bytes.append(contentsOf: "\n  ".utf8)
  }

  /// Ends the document and hands on what there is.
  package mutating func finish() {
    bytes.append(UInt8(ascii: "\n"))
    write?(bytes)
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
    guard let write, bytes.count >= Self.enough else { return }
    write(bytes)
    bytes.removeAll(keepingCapacity: true)
  }
}
