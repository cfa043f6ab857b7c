import PlanLanguage

/// Changes a plan by tokens, so that the result usually is a plan.
///
/// It changes blanks and comments between tokens, replaces a token, or removes, doubles, moves or adds
/// a statement. After a random change of bytes, a text seldom reaches the formatter or the compiler.
struct TokenMutator {
  private var state: UInt64
  private let bytes: [UInt8]
  private let pieces: [Token]

  /// - Parameters:
  ///   - bytes: the text to change.
  ///   - seed: equal seeds make equal changes.
  init(_ bytes: [UInt8], seed: UInt64) {
    self.bytes = bytes
    state = seed
    pieces = tokens(of: SourceFile(id: FileID(0), name: "fuzz.plan", bytes: bytes))
  }

  /// The text with one change.
  mutating func changed() -> [UInt8] {
    let index = below(pieces.count)
    let start = Int(pieces[index].span.start)
    switch below(8) {
    case 0, 1: return changingBlanks(at: index)
    case 2: return replacing(wordOrValue(for: pieces[index]), at: index..<index + 1)
    case 3: return replacing([], at: unit(from: index))
    case 4:
      let unit = unit(from: index)
      return inserting(text(unit), at: Int(pieces[unit.upperBound - 1].span.end))
    case 5: return inserting(text(unit(from: below(pieces.count))), at: start)
    default: return inserting(Array(one(of: Self.snippets).utf8), at: start)
    }
  }

  /// A number from 0 up to, but not including, `limit`, which is above 0.
  private mutating func below(_ limit: Int) -> Int {
    // SplitMix64.
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return Int((value ^ value >> 31) % UInt64(limit))
  }

  private mutating func one(of texts: [String]) -> String { texts[below(texts.count)] }

  private mutating func changingBlanks(at index: Int) -> [UInt8] {
    let blanks = Array(one(of: Self.blanks).utf8)
    return pieces[index].kind.isTrivia
      ? replacing(blanks, at: index..<index + 1)
      : replacing(blanks, at: index..<index)
  }

  private mutating func wordOrValue(for token: Token) -> [UInt8] {
    switch token.kind {
    case .name where below(2) == 0: Array(one(of: Self.words).utf8)
    case .name: text(below(pieces.count))
    default: Array(one(of: Self.values).utf8)
    }
  }

  /// The range from a piece to the end of its line, with everything in the braces after it.
  private func unit(from index: Int) -> Range<Int> {
    var end = index
    var depth = 0
    while end < pieces.count {
      switch pieces[end].kind {
      case .leftBrace: depth += 1
      case .rightBrace:
        depth -= 1
        if depth <= 0 { return index..<(depth < 0 ? max(end, index + 1) : end + 1) }
      case .newline where depth == 0 && end > index: return index..<end
      default: break
      }
      end += 1
    }
    return index..<end
  }

  private func text(_ index: Int) -> [UInt8] { text(index..<index + 1) }

  private func text(_ range: Range<Int>) -> [UInt8] {
    let start = Int(pieces[range.lowerBound].span.start)
    return Array(bytes[start..<Int(pieces[range.upperBound - 1].span.end)])
  }

  /// The text with other bytes instead of some pieces; for an empty range, before its place.
  private func replacing(_ text: [UInt8], at range: Range<Int>) -> [UInt8] {
    let start = Int(pieces[range.lowerBound].span.start)
    let end = range.isEmpty ? start : Int(pieces[range.upperBound - 1].span.end)
    return bytes[..<start] + text + bytes[end...]
  }

  /// The text with more text at an offset, separated from its neighbours by blanks.
  private mutating func inserting(_ text: [UInt8], at offset: Int) -> [UInt8] {
    let blank: UInt8 = below(2) == 0 ? 0x20 : 0x0A
    return bytes[..<offset] + [blank] + text + [blank] + bytes[offset...]
  }

  private static let blanks = [
    "", " ", "\n", "\n\n", "\n\n\n", "\r\n", "\t", "  \n", "# c\n", " # c\n", "\n# c \n\n",
    "\n\t# c\n",
  ]
  private static let words = Word.allCases.map(\.rawValue) + ["a", "b", "b-c", "a.b", "_", "other"]
  private static let values = [
    "0", "1", "2", "255", "25%", "1.2", "5s", "1h30m", "\\(a)", "\"\"", "\"x\"", "\"\\(a)\\n\"",
    "\"\"\"\n  x\n    y\n  \"\"\"", "\"\"\"\n\"\"\"", "[\"x\", \"\\(a)\"]", "[]", "==", "!=", "<=",
    "=",
    "..", ",", "(", ")", "{", "}", "[", "]",
  ]
  private static let snippets = [
    "phase b { script c }", "phase d per instance for a in b {\n}", "barrier across instance",
    "barrier x across deployment", "include \"other.plan\"", "include other", "param a = 1",
    "param b secret", "param c = \"x\"",
    "deployment-job a { release-jobs b, c instances 2 after d }",
    "rollout {\n canaries 1\n max-in-flight 25%\n phase r { drain }\n}",
    "parallel { limit 2 start }",
    "sequence { stop }", "on failure { run \"x\" }", "finally { run [\"x\"] }", "script a as b",
    "run \"x\" { timeout 5m }", "wait tcp \"a:1\"", "wait command \"x\" { every 1s timeout 1m }",
    "default { timeout 1m grace 5s }", "env A = \"b\"", "limit 2", "idempotent", "optional",
    "retry 2 backoff 1s..5s only exit 1, signal, timeout", "timeout \\(a)", "settle 1s", "strict",
    "strict \"true\"",
    "when known a.b and exists \"/x\" and not instance == \"0\"",
    "when (deployment == \\(a) or \\(a) < 2)",
    "run \"\"\"\n  x \\(a)\n\n  y\n  \"\"\"", "unmonitor",
  ]
}
