/// What a helper program writes: a line with a kind and the lengths of its fields in bytes, then
/// the fields without anything between them, over and over; the last one is `end`.
struct Frames {
  /// One message.
  struct Frame {
    var kind: String
    var fields: [ArraySlice<UInt8>]

    /// A field as text; empty if there is none.
    func text(_ index: Int) -> String {
      index < fields.count ? String(decoding: fields[index], as: UTF8.self) : ""
    }
  }

  /// In the order of their coming.
  private(set) var all: [Frame] = []
  /// Whether the last one says so.
  private(set) var isWhole = false

  /// Reads as many as are whole.
  init(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !isWhole, let frame = Self.next(&rest) {
      if frame.kind == "end" { isWhole = true } else { all.append(frame) }
    }
    if !rest.isEmpty { isWhole = false }
  }

  private static func next(_ rest: inout ArraySlice<UInt8>) -> Frame? {
    guard let lineEnd = rest.prefix(200).firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    let words = String(decoding: rest[..<lineEnd], as: UTF8.self).split(separator: " ")
    guard let kind = words.first else { return nil }
    var frame = Frame(kind: String(kind), fields: [])
    var start = lineEnd + 1
    for word in words.dropFirst() {
      guard let length = Int(word), length >= 0, length <= rest.endIndex - start else { return nil }
      frame.fields.append(rest[start..<start + length])
      start += length
    }
    rest = rest[start...]
    return frame
  }
}
