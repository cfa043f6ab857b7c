/// One piece of a file's text: a token, or the trivia between tokens.
package struct Token: Sendable {
  /// The kind of a piece, which depends only on its characters.
  package enum Kind: UInt8, Sendable {
    // Trivia.
    case byteOrderMark, whitespace, newline, comment
    // Words and values.
    case name, int, version, duration, percent, string, blockString, param
    // Punctuation.
    case leftBrace, rightBrace, leftBracket, rightBracket, leftParen, rightParen, comma, equal
    case dotDot, equalEqual, notEqual, less, lessOrEqual, greater, greaterOrEqual
    // Text that is not a token of the language, kept so that no byte is lost.
    case foreignName, foreignSpace, badNumber, quoted, badParam, slashComment
    case andAnd, orOr, bang, unexpected
    case endOfFile

    /// Whether it has no meaning in the grammar.
    package var isTrivia: Bool { rawValue <= Kind.comment.rawValue }
  }

  package var kind: Kind
  /// The keyword with the spelling of a name; nil for other names and other tokens.
  package var word: Word?
  /// Whether a string has no closing quote.
  package var isUnterminated = false
  /// Whether the text of a string is exactly the text between its quotes.
  package var isPlain = false
  package var span: Span

  init(_ kind: Kind, _ start: Int, _ end: Int, word: Word? = nil) {
    self.kind = kind
    self.word = word
    span = Span(UInt32(truncatingIfNeeded: start), UInt32(truncatingIfNeeded: end))
  }
}
