/// The parser's state: one token of look-ahead, and what is known about the mistakes so far.
///
/// A recursive descent; each construct's part is an extension in a file of its own. It never goes
/// back in the text, so its time is linear in it.
struct TreeParser {
  let file: FileID
  var lexer: Lexer
  /// The token to be dealt with next.
  private(set) var token = Token(.endOfFile, 0, 0)
  /// Whether nothing but blanks stands before it on its line.
  private(set) var beginsLine = false
  /// How far its line is indented, in bytes.
  private(set) var indent: UInt32 = 0
  /// Where its line begins; the line's identity.
  private(set) var line: UInt32 = 0
  /// The comment block right above it.
  private(set) var comment: Span?
  /// Where the last token that was dealt with ends.
  private(set) var previousEnd: UInt32 = 0

  var diagnostics: [Diagnostic] = []
  /// How many blocks and parentheses are open.
  var depth = 0
  /// The token that the last mistake was found at: one mistake is told once.
  var mistakeStart: UInt32?
  /// The line of the last mistake: words that make no sense behind it are part of it.
  var mistakeLine: UInt32?
  /// Closing braces that an open string has probably swallowed.
  var swallowedBraces = 0
  /// A missing closing brace was told, and blocks now end silently before this offset's token.
  var unwindingAt: UInt32?
  /// The first place where a closing brace disagrees with the indentation.
  var suspect: (opening: Span, closing: Span)?
  /// Whether nesting past the limit was told.
  var toldOfDepth = false
  /// Whether arguments between brackets are read.
  var isInList = false
  /// The handler that something was told to stand behind.
  var handlerTold: UInt32?
  /// Where the last string without a closing quote ends.
  var openStringEnd: UInt32?
  /// Whether nothing more is said about what the text does not close.
  var forgivesOpenEnd = false
  /// Whether characters that belong to no token are passed without a word.
  var isQuiet = false
  /// The file has bytes that are not UTF-8; that was told, and odd characters come from it.
  var isDamaged = false

  init(_ bytes: UnsafeBufferPointer<UInt8>, file: FileID) {
    self.file = file
    lexer = Lexer(bytes)
  }

  /// Steps to the next token.
  mutating func advance() {
    previousEnd = token.span.end
    var lineIsBlank = lexer.offset == 0
    var block: Span?
    while true {
      let piece = lexer.scan()
      switch piece.kind {
      case .whitespace:
        continue
      case .newline:
        // An empty line parts a comment from what follows.
        if lineIsBlank { block = nil }
        lineIsBlank = true
      case .comment:
        block = lineIsBlank ? block?.union(piece.span) ?? piece.span : nil
        lineIsBlank = false
      case .byteOrderMark:
        continue
      case .foreignName, .foreignSpace, .badNumber, .quoted, .badParam, .slashComment, .andAnd,
        .orOr, .bang, .unexpected:
        guard let usable = usable(piece) else {
          if at(piece.span.start) == 0x0D { lineIsBlank = true }
          continue
        }
        accept(usable, lineIsBlank, block)
        return
      default:
        accept(piece, lineIsBlank, block)
        return
      }
    }
  }

  @inline(__always)
  private mutating func accept(_ piece: Token, _ isFirst: Bool, _ block: Span?) {
    token = piece
    beginsLine = isFirst
    comment = isFirst ? block : nil
    if piece.kind == .blockString {
      // It ends on another line than it begins on, and is judged by the one it ends on.
      line = UInt32(truncatingIfNeeded: lexer.lineStart)
    } else {
      line = UInt32(truncatingIfNeeded: lexer.lineStart)
      if isFirst { indent = piece.span.start - line }
    }
  }

  /// The byte at an offset.
  func at(_ offset: UInt32) -> UInt8 { lexer.at(Int(offset)) }

  /// The text under a span.
  @inline(__always)
  func text(_ span: Span) -> String {
    String(
      decoding: UnsafeBufferPointer(
        rebasing: lexer.bytes[Int(span.start)..<Int(span.end)]
      ),
      as: UTF8.self
    )
  }

  /// An empty span right behind the last token, where something is missing.
  var gap: Span { Span(previousEnd, previousEnd) }

  /// Makes the current name the word that it was meant for.
  mutating func take(asWord word: Word) {
    token.kind = .name
    token.word = word
  }

  /// Tells of a mistake, unless one was told at the same token.
  mutating func report(
    _ code: DiagnosticCode,
    at span: Span,
    _ message: String,
    notes: [Diagnostic.Note] = [],
    fixIt: Diagnostic.FixIt? = nil
  ) {
    guard mistakeStart != token.span.start else { return }
    mistakeStart = token.span.start
    mistakeLine = line
    add(Diagnostic(code, at: Location(file, span), message, notes: notes, fixIt: fixIt))
  }

  /// Keeps a diagnostic; at the limit the rest of the text is not read.
  mutating func add(_ diagnostic: Diagnostic) {
    if diagnostics.count >= Diagnostic.limit { return }
    diagnostics.append(diagnostic)
    if diagnostics.count == Diagnostic.limit {
      forgivesOpenEnd = true
      lexer.skipToEnd()
    }
  }

  /// A note at a place in this file.
  func note(_ message: String, at span: Span) -> Diagnostic.Note {
    Diagnostic.Note(message, at: Location(file, span))
  }

  /// The documentation above the current token.
  func documentation() -> String? {
    guard let comment else { return nil }
    return documentationText(comment)
  }
}
