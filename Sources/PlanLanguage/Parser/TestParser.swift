// Tests of a plan.
extension TreeParser {
  mutating func parsePlanTest() -> TestDecl {
    let indent = indent
    var test = TestDecl(
      documentation: documentation(),
      name: Name("", gap),
      statements: [],
      keywordSpan: token.span,
      span: token.span
    )
    advance()
    test.name = expectQuoted("the test's name in quotes after 'test'")
    if let brace = open(.test, indent: indent, after: "the test's name") {
      parseTestBody(&test, brace)
    }
    test.span = Span(test.keywordSpan.start, previousEnd)
    return test
  }

  private mutating func parseTestBody(_ test: inout TestDecl, _ brace: OpenBrace) {
    while true {
      let start = token.span.start
      let kind: TestStatement.Kind?
      switch token.word {
      case .releaseJobs:
        advance()
        kind = .releaseJobs(expectNames("the names of release jobs after 'release-jobs'"))
      case .with: kind = parseSetting()
      case .when: kind = parseMadeUp()
      case .expect: kind = parseExpectation()
      default:
        if token.kind == .rightBrace {
          close(brace)
          return
        }
        if stray(.test, brace) { return }
        continue
      }
      if let kind {
        test.statements.append(TestStatement(kind: kind, span: Span(start, previousEnd)))
      }
    }
  }

  private mutating func parseSetting() -> TestStatement.Kind? {
    advance()
    let name = expectBareName("the name of a param or fact after 'with'")
    guard token.kind == .equal || token.kind == .equalEqual else {
      report(
        .unexpectedToken,
        at: gap,
        "expected '=' and a value after the name, found \(describeToken())"
      )
      if !beginsLine && isValueLike { advance() }
      return nil
    }
    if token.kind == .equalEqual {
      unexpected(
        "a test sets a value with '=', and does not compare",
        fixIt: .write("=", at: token.span)
      )
    }
    advance()
    let value = expectValue()
    return value.isMissing || name.isMissing ? nil : .setting(name, value)
  }

  /// Reads what follows `when`.
  private mutating func parseMadeUp() -> TestStatement.Kind? {
    advance()
    if token.word == .cancelled {
      advance()
      guard expect(.at, "and a time after 'cancelled'") else { return nil }
      return expectLength("at").map { .cancelled($0) }
    }
    let name = expectQuoted("a step's name in quotes, or 'cancelled', after 'when'")
    if token.word == .skipped {
      advance()
      return name.isMissing ? nil : .skipped(name)
    }
    guard let fate = parseFate() else { return nil }
    var attempts: [TestStatement.Whole] = []
    // On a line of its own, `on` may begin a handler after a missing brace.
    if token.word == .on, !(beginsLine && peek().word == .failure) {
      advance()
      guard expect(.attempt, "and its number after 'on'") else { return nil }
      while true {
        guard let number = expectWhole("the number of an attempt") else { return nil }
        attempts.append(number)
        guard token.kind == .comma else { break }
        advance()
      }
    }
    return name.isMissing ? nil : .step(name, fate, attempts: attempts)
  }

  private mutating func parseFate() -> TestFate? {
    switch token.word {
    case .fails:
      advance()
      return .fails
    case .dies:
      advance()
      return .dies
    case .hangs:
      advance()
      return .hangs
    case .exits:
      advance()
      return expectWhole("an exit status after 'exits'").map { .exits($0) }
    case .takes:
      advance()
      return expectLength("takes").map { .takes($0) }
    default:
      misplaced(
        "'fails', 'exits', 'dies', 'hangs', 'takes' or 'skipped' after the step",
        [.fails, .exits, .dies, .hangs, .takes, .skipped]
      )
      return nil
    }
  }

  private mutating func parseExpectation() -> TestStatement.Kind? {
    advance()
    switch token.word {
    case .exit:
      advance()
      return expectWhole("an exit status after 'exit'").map { .exit($0) }
    case .within:
      advance()
      return expectLength("within").map { .within($0) }
    case .attempts:
      advance()
      guard let count = expectWhole("a number after 'attempts'"),
        expect(.of, "and a step after the number")
      else { return nil }
      let name = expectQuoted("a step's name in quotes after 'of'")
      return name.isMissing ? nil : .attempts(count, name)
    default: break
    }
    if let result = token.word.flatMap({ TestResult(rawValue: $0.rawValue) }) {
      advance()
      var names = [expectQuoted("a step's name in quotes after '\(result.rawValue)'")]
      while token.kind == .comma {
        advance()
        names.append(expectQuoted("another step's name in quotes after ','"))
      }
      names.removeAll(where: \.isMissing)
      return names.isEmpty ? nil : .result(result, names)
    }
    guard token.kind == .string || token.kind == .blockString || token.kind == .quoted else {
      let results = TestResult.allCases.compactMap { Word(rawValue: $0.rawValue) }
      misplaced(
        "a step's name in quotes or one of \(TestResult.allCases.map(\.rawValue).joined(separator: ", ")), attempts, exit, within after 'expect'",
        results + [.attempts, .exit, .within]
      )
      return nil
    }
    let first = expectQuoted("a step's name")
    guard expect(.before, "and another step after the first") else { return nil }
    let second = expectQuoted("a step's name in quotes after 'before'")
    return first.isMissing || second.isMissing ? nil : .before(first, second)
  }

  /// Reads a name in quotes.
  private mutating func expectQuoted(_ expected: String) -> Name {
    switch token.kind {
    case .string, .blockString, .quoted: return expectName(expected)
    case .name where !beginsLine:
      let span = token.span
      report(
        .unexpectedToken,
        at: span,
        "expected \(expected), found '\(shown(span))' without quotes",
        fixIt: Diagnostic.FixIt("put it in quotes", replacing: span, with: "\"\(text(span))\"")
      )
      let name = Name(text(span), span)
      advance()
      return name
    default:
      report(
        .unexpectedToken,
        at: beginsLine || token.kind == .rightBrace || token.kind == .leftBrace ? gap : token.span,
        "expected \(expected), found \(describeToken())"
      )
      if !beginsLine && isValueLike { advance() }
      return Name("", gap)
    }
  }

  /// Reads a word that must be here, or reports that it is missing.
  private mutating func expect(_ word: Word, _ more: String) -> Bool {
    if token.word == word {
      advance()
      return true
    }
    misplaced("'\(word.rawValue)' \(more)", [word])
    return false
  }

  /// Reports a token in place of one of a few words, and skips the rest of the line.
  private mutating func misplaced(_ expected: String, _ words: [Word]) {
    let isName = token.kind == .name && !beginsLine
    let near = isName ? nearMiss(text(token.span), among: words.map(\.rawValue)) : nil
    report(
      .unexpectedToken,
      at: isName || (!beginsLine && isValueLike) ? token.span : gap,
      "expected \(expected), found \(describeToken())",
      fixIt: near.map { Diagnostic.FixIt.write($0, at: token.span) }
    )
    if isName || (!beginsLine && isValueLike) { skipRestOfLine() }
  }

  private mutating func expectWhole(_ expected: String) -> TestStatement.Whole? {
    let span = token.span
    if token.kind == .int {
      return take(intValue(span)).map { TestStatement.Whole(number: $0, span: span) }
    }
    report(
      .unexpectedToken,
      at: beginsLine || token.kind == .rightBrace ? gap : span,
      "expected \(expected), found \(describeToken())"
    )
    if !beginsLine && isValueLike { advance() }
    return nil
  }

  private mutating func expectLength(_ word: String) -> Duration? {
    if token.kind == .param {
      unexpected("params are not allowed in a test; write a duration such as 30s after '\(word)'")
      advance()
      return nil
    }
    if case .literal(let duration, _) = expectDuration(word) { return duration }
    return nil
  }
}
