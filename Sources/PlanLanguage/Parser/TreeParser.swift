/// The parser's state: one token of look-ahead, and what is known about the mistakes so far.
///
/// This is a recursive descent. Each construct has an extension in a file of its own. The parser
/// never goes back in the text, so its time is linear in the length of the text.
struct TreeParser {
  let file: FileID
  var lexer: Lexer
  /// The token to read next.
  private(set) var token = Token(.endOfFile, 0, 0)
  /// Whether only blanks come before it on its line.
  private(set) var beginsLine = false
  /// The indentation of its line, in bytes.
  private(set) var indent: UInt32 = 0
  /// Where its line begins, which also identifies the line.
  private(set) var line: UInt32 = 0
  /// The comment block directly above it.
  private(set) var comment: Span?
  /// Where the token before it ends.
  private(set) var previousEnd: UInt32 = 0

  var diagnostics: [Diagnostic] = []
  /// How many blocks and parentheses are open.
  var depth = 0
  /// The token at which the last mistake was found: a mistake is reported once.
  var mistakeStart: UInt32?
  /// The line of the last mistake: unknown words after it on this line belong to it.
  var mistakeLine: UInt32?
  /// How many closing braces are probably part of an open string.
  var swallowedBraces = 0
  /// The token before which blocks end without a report, because a missing brace was reported.
  var unwindingAt: UInt32?
  /// The first closing brace that does not fit the indentation, and its opening brace.
  var suspect: (opening: Span, closing: Span)?
  /// Whether nesting beyond the limit was reported.
  var hasReportedDepth = false
  /// Whether arguments between brackets are being read.
  var isInList = false
  /// The handler or test for which something after it was reported.
  var reportedHandler: UInt32?
  /// Where the last string without a closing quote ends.
  var openStringEnd: UInt32?
  /// Whether braces that are not closed are no longer reported.
  var forgivesOpenEnd = false
  /// Whether characters that belong to no token are skipped without a report.
  var isQuiet = false
  /// Whether the file has bytes that are not UTF-8, which was reported and explains odd characters.
  var isDamaged = false

  init(_ bytes: UnsafeBufferPointer<UInt8>, file: FileID) {
    self.file = file
    lexer = Lexer(bytes)
  }

  /// Moves to the next token.
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
        // An empty line separates a comment from what follows.
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
      // It ends on another line than it begins. The line on which it ends counts.
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

  /// An empty span directly after the last token, where something is missing.
  var gap: Span { Span(previousEnd, previousEnd) }

  /// Turns the current token into the word that was meant.
  mutating func take(asWord word: Word) {
    token.kind = .name
    token.word = word
  }

  /// Reports a mistake, unless one was reported at the same token.
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
    add(code, at: span, message, notes: notes, fixIt: fixIt)
  }

  /// Reports the current token where another one is expected.
  mutating func unexpected(_ message: String, fixIt: Diagnostic.FixIt? = nil) {
    report(.unexpectedToken, at: token.span, message, fixIt: fixIt)
  }

  /// Adds a diagnostic.
  mutating func add(
    _ code: DiagnosticCode,
    at span: Span,
    _ message: String,
    notes: [Diagnostic.Note] = [],
    fixIt: Diagnostic.FixIt? = nil
  ) {
    add(Diagnostic(code, at: Location(file, span), message, notes: notes, fixIt: fixIt))
  }

  /// Adds a diagnostic; at the limit, the rest of the text is not read.
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
