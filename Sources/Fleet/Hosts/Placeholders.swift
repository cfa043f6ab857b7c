import PlanLanguage

/// What can stand in braces in the name of a host or in the command of a carrier.
package enum Placeholder: String, CaseIterable, Sendable {
  /// The instance, such as `web/0`; where BOSH names it, BOSH's name.
  case instance
  /// The deployment job, such as `web`.
  case job
  /// The index of the instance in its deployment job, such as `0`.
  case index
  /// The name or address of the host.
  case host
  /// The user to log in as.
  case user
  /// The port of the host.
  case port

  /// The placeholder as it is written.
  package var written: String { "{\(rawValue)}" }

  /// Those that have a value before the host is known.
  static let ofInstance: [Placeholder] = [.instance, .job, .index]
}

/// A text with placeholders.
struct PlaceholderText: Hashable, Sendable {
  enum Piece: Hashable, Sendable {
    case text(String)
    case placeholder(Placeholder)
  }

  /// Why a text cannot be read: the bytes that are wrong, and words for people.
  struct Mistake: Error {
    var range: Range<Int>
    var message: String
    /// What was probably meant.
    var meant: String?
  }

  var pieces: [Piece] = []

  /// Reads a text; braces around anything that is not a word are only braces.
  init(_ text: String, allowed: [Placeholder] = Placeholder.allCases) throws(Mistake) {
    let bytes = Array(text.utf8)
    var start = 0
    var offset = 0
    while offset < bytes.count {
      guard bytes[offset] == UInt8(ascii: "{"),
        let end = bytes[offset...].firstIndex(of: UInt8(ascii: "}")), end > offset + 1,
        bytes[(offset + 1)..<end].allSatisfy({ (0x61...0x7A).contains($0) })
      else {
        offset += 1
        continue
      }
      let word = String(decoding: bytes[(offset + 1)..<end], as: UTF8.self)
      guard let placeholder = Placeholder(rawValue: word), allowed.contains(placeholder) else {
        throw Mistake(
          range: offset..<(end + 1),
          message: Placeholder(rawValue: word) == nil
            ? "there is no placeholder '{\(word)}'" : "'{\(word)}' cannot be used here",
          meant: nearMiss(word, among: allowed.map(\.rawValue)).map { "{\($0)}" }
        )
      }
      if start < offset { pieces.append(.text(Self.text(bytes[start..<offset]))) }
      pieces.append(.placeholder(placeholder))
      offset = end + 1
      start = offset
    }
    if start < bytes.count { pieces.append(.text(Self.text(bytes[start...]))) }
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self)
  }

  /// The placeholders that occur.
  var placeholders: Set<Placeholder> {
    var found: Set<Placeholder> = []
    for case .placeholder(let placeholder) in pieces { found.insert(placeholder) }
    return found
  }

  /// The text with the values of its placeholders.
  func filled(_ value: (Placeholder) -> String) -> String {
    var result = ""
    for piece in pieces {
      switch piece {
      case .text(let text): result += text
      case .placeholder(let placeholder): result += value(placeholder)
      }
    }
    return result
  }
}
