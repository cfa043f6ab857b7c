import System
import Words

/// What a drain script wants next.
enum DrainReply: Hashable {
  /// It is over after this many seconds.
  case done(after: Int)
  /// Ask again after this many seconds, at least one.
  case askAgain(after: Int)

  /// The longest pause that is taken, a year; what is longer is a mistake.
  static let longest = 366 * 86_400

  /// Reads what a drain script wrote to its standard output.
  ///
  /// As BOSH's agent does with Go's `Atoi`: blanks around it trimmed, one decimal number of at
  /// least one digit with at most one sign before it; seconds.
  ///
  /// - Parameter output: all of it.
  /// - Throws: what is wrong with it, as the end of a sentence. It quotes the output, with control
  ///   characters made harmless and a long one shortened.
  init(_ output: [UInt8]) throws(PlainFailure) {
    let text = GoWhitespace.trimmed(output[...])
    if text.isEmpty {
      throw PlainFailure(words: "printed nothing instead of the number of seconds to wait")
    }
    let isNegative = text.first == UInt8(ascii: "-")
    let digits = isNegative || text.first == UInt8(ascii: "+") ? text.dropFirst() : text
    guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw PlainFailure(
        words: "printed \(Self.shown(text)) instead of the number of seconds to wait"
      )
    }
    let number = digits.reduce(0) { min($0 * 10 + Int($1 - 0x30), Self.longest + 1) }
    if number > Self.longest {
      throw PlainFailure(
        words: "printed \(Self.shown(text)); a drain may take a year at most"
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
  /// What the beginning of an output means while more may come.
  enum Beginning: Hashable {
    /// No digit yet; at most a sign.
    case nothing
    /// A number, which more digits would change.
    case digits
    /// A number followed by a blank: more output can make it a mistake, but not another number.
    case wholeNumber
    /// Not a number, whatever follows.
    case mistake
  }

  /// Judges the beginning of an output.
  static func beginning(_ output: [UInt8]) -> Beginning {
    // A blank of several bytes that has only partly arrived is not a mistake yet.
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
