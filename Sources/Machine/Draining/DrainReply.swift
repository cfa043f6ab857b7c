/// What a drain script wants next.
enum DrainReply: Hashable {
  /// It is over after this many seconds.
  case done(after: Int)
  /// It is to be asked again after this many seconds, at least one.
  case askAgain(after: Int)

  /// The longest pause that is taken, a year; what is longer is a mistake.
  static let longest = 366 * 86_400

  /// Reads what a drain script wrote to its standard output.
  ///
  /// As BOSH's agent does with Go's `Atoi`: blanks around it trimmed, one decimal number of at least
  /// one digit with at most one sign before it; seconds.
  ///
  /// - Parameter output: all of it.
  /// - Throws: what is wrong with it, as the end of a sentence; the output itself is quoted in it,
  ///   control characters made harmless, the end of a long one left out.
  init(_ output: [UInt8]) throws(PlainFailure) {
    let text = Self.trimmed(output)
    if text.isEmpty {
      throw PlainFailure(words: "printed nothing, and not how many seconds to wait")
    }
    let isNegative = text.first == UInt8(ascii: "-")
    let hasSign = isNegative || text.first == UInt8(ascii: "+")
    let digits = hasSign ? text.dropFirst() : text
    guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw PlainFailure(words: "printed \(Self.shown(text)), and not how many seconds to wait")
    }
    let number = digits.reduce(0) { min($0 * 10 + Int($1 - 0x30), Self.longest + 1) }
    if number > Self.longest {
      throw PlainFailure(
        words: "printed \(Self.shown(text)), and no drain is waited for longer than a year"
      )
    }
    self = isNegative && number > 0 ? .askAgain(after: number) : .done(after: number)
  }

  /// Without the blanks around it that Go's `TrimSpace` takes away, as far as they are one byte long.
  static func trimmed(_ output: [UInt8]) -> ArraySlice<UInt8> {
    let isBlank: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
    let front = output.drop(while: isBlank)
    return front.prefix(front.count - front.reversed().prefix(while: isBlank).count)
  }

  private static let mostShown = 60

  private static func shown(_ text: ArraySlice<UInt8>) -> String {
    let part = String(decoding: text.prefix(mostShown), as: UTF8.self)
    return text.count <= mostShown
      ? quoted(part) : "\(quoted(part))… (\(text.count) bytes)"
  }
}
