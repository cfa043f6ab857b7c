import System
import Words

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
    let text = GoWhitespace.trimmed(output[...])
    if text.isEmpty {
      throw PlainFailure(words: "printed nothing, and not how many seconds to wait")
    }
    let isNegative = text.first == UInt8(ascii: "-")
    let digits = isNegative || text.first == UInt8(ascii: "+") ? text.dropFirst() : text
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

  private static let mostShown = 60

  private static func shown(_ text: ArraySlice<UInt8>) -> String {
    let part = String(decoding: text.prefix(mostShown), as: UTF8.self)
    return text.count <= mostShown
      ? quoted(part) : "\(quoted(part))… (\(text.count) bytes)"
  }
}

extension DrainReply {
  /// What the beginning of an output tells, when there may be more to come.
  enum Beginning: Hashable {
    /// Nothing of a number yet, but for a sign.
    case nothing
    /// A number, which more digits would change.
    case digits
    /// A number and a blank behind it: what could come makes it a mistake, and no other number.
    case wholeNumber
    /// No number, whatever may follow.
    case mistake
  }

  /// Judges the beginning of an output.
  static func beginning(_ output: [UInt8]) -> Beginning {
    // A blank of several bytes of which only the first are there is no mistake yet.
    let read = GoWhitespace.withoutBegunBlank(output[...])
    let text = GoWhitespace.trimmed(read)
    if text.isEmpty || text.elementsEqual("+".utf8) || text.elementsEqual("-".utf8) {
      // A sign and then a blank never becomes a number.
      return text.isEmpty || text.endIndex == output.endIndex ? .nothing : .mistake
    }
    guard (try? DrainReply(Array(text))) != nil else { return .mistake }
    return text.endIndex == output.endIndex ? .digits : .wholeNumber
  }
}

extension DrainReply {
  /// The number, for people.
  var words: String {
    switch self {
    case .done(let seconds): "its number \(seconds)"
    case .askAgain(let seconds): "its number -\(seconds)"
    }
  }
}
