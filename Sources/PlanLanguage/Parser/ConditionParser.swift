// Conditions, which follow `when`.
extension TreeParser {
  mutating func parseCondition() -> Condition {
    let start = token.span.start
    let first = parseConjunction()
    guard isOr else { return first }
    var parts = [first]
    while isOr {
      advance()
      parts.append(parseConjunction())
    }
    return .or(parts, Span(start, previousEnd))
  }

  private mutating func parseConjunction() -> Condition {
    let start = token.span.start
    let first = parseTest()
    guard isAnd else { return first }
    var parts = [first]
    while isAnd {
      advance()
      parts.append(parseTest())
    }
    return .and(parts, Span(start, previousEnd))
  }

  /// Whether `or` follows, also as `||`, which is reported.
  private var isOr: Bool {
    mutating get { isOperator(.or, .orOr) }
  }

  private var isAnd: Bool {
    mutating get { isOperator(.and, .andAnd) }
  }

  private mutating func isOperator(_ word: Word, _ foreign: Token.Kind) -> Bool {
    if token.word == word { return true }
    guard token.kind == foreign else { return false }
    foreignOperator(word)
    return true
  }

  private mutating func foreignOperator(_ word: Word) {
    unexpected(
      "'\(shown(token.span))' is written '\(word.rawValue)' in a plan",
      fixIt: Diagnostic.FixIt(
        "write '\(word.rawValue)'",
        replacing: token.span,
        with: word == .not ? "not " : word.rawValue
      )
    )
  }

  private mutating func parseTest() -> Condition {
    let start = token.span.start
    if token.word == .not || token.kind == .bang {
      if token.kind == .bang { foreignOperator(.not) }
      guard depth < Parser.nestingLimit else { return conditionTooDeep() }
      advance()
      depth += 1
      let inner = parseTest()
      depth -= 1
      return .not(inner, Span(start, previousEnd))
    }
    if token.kind == .leftParen {
      guard depth < Parser.nestingLimit else { return conditionTooDeep() }
      let opening = token.span
      advance()
      depth += 1
      let inner = parseCondition()
      depth -= 1
      if token.kind == .rightParen {
        advance()
      } else {
        report(
          .unexpectedToken,
          at: gap,
          "expected ')' in a condition, found \(describeToken())",
          notes: [note("this '(' is not closed", at: opening)],
          fixIt: .write(")", at: gap)
        )
      }
      return inner
    }
    if token.word == .exists {
      advance()
      let path = expectString("a path in quotes after 'exists'")
      return .exists(path, Span(start, previousEnd))
    }
    if token.word == .known {
      advance()
      let fact = expectFact()
      return .known(fact, Span(start, previousEnd))
    }
    return parseComparison()
  }

  /// Reads the fact after `known`.
  private mutating func expectFact() -> Name {
    let span = token.span
    if token.kind == .name, isFact(span) {
      advance()
      return Name(text(span), span)
    }
    let isWord =
      token.kind == .name && !beginsLine && token.word != .or && token.word != .and
      && (token.word?.role ?? .ordinary) == .ordinary
    report(
      .unexpectedToken,
      at: isWord ? span : gap,
      "expected a fact after 'known', a name with a dot such as director.version,"
        + " found \(describeToken())"
    )
    if isWord { advance() }
    return Name("", gap)
  }

  /// Whether a name contains a dot.
  private func isFact(_ span: Span) -> Bool { (span.start..<span.end).contains { at($0) == 0x2E } }

  /// Skips the rest of a condition that is nested too deeply.
  private mutating func conditionTooDeep() -> Condition {
    tooDeep()
    isQuiet = true
    defer { isQuiet = false }
    loop: while true {
      switch token.kind {
      case .name where beginsLine && (token.word?.role ?? .ordinary) != .ordinary: break loop
      case .leftBrace, .rightBrace, .endOfFile: break loop
      default: advance()
      }
    }
    // The parentheses around it are skipped, too, so it is not reported that they are not closed.
    mistakeStart = token.span.start
    if token.kind == .endOfFile { forgivesOpenEnd = true }
    return .compare(.param(Name("", gap)), .equal, .param(Name("", gap)), gap)
  }

  private mutating func parseComparison() -> Condition {
    let start = token.span.start
    // A word that begins a line is an operand only if a comparison follows.
    let left = parseOperand("a condition", isMissing: beginsNextStatement && !peekIsComparison)
    guard let comparison = parseComparator() else {
      let missing = Condition.Operand.param(Name("", gap))
      return .compare(left, .equal, missing, Span(start, max(start, previousEnd)))
    }
    let right = parseOperand("something to compare with", isMissing: nameIsMissing)
    return .compare(left, comparison, right, Span(start, max(start, previousEnd)))
  }

  private mutating func parseComparator() -> Condition.Comparison? {
    let comparison: Condition.Comparison
    switch token.kind {
    case .equalEqual: comparison = .equal
    case .notEqual: comparison = .notEqual
    case .less: comparison = .less
    case .lessOrEqual: comparison = .lessOrEqual
    case .greater: comparison = .greater
    case .greaterOrEqual: comparison = .greaterOrEqual
    case .equal:
      unexpected(
        "write '==' to compare two values",
        fixIt: .write("==", at: token.span)
      )
      comparison = .equal
    default:
      report(
        .unexpectedToken,
        at: gap,
        "expected a comparison (==, !=, <, <=, >, >=) here, found \(describeToken())"
      )
      return nil
    }
    advance()
    return comparison
  }

  private var peekIsComparison: Bool {
    switch peek().kind {
    case .equal, .equalEqual, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: true
    default: false
    }
  }

  private mutating func parseOperand(
    _ expected: String,
    isMissing: Bool
  ) -> Condition.Operand {
    let span = token.span
    switch token.kind {
    case .name where token.word != .and && token.word != .or && token.word != .not:
      if token.word == .exists || token.word == .known || isMissing { break }
      let name = Name(text(span), span)
      advance()
      return isFact(span) ? .fact(name) : .param(name)
    case .param:
      return .param(takeParam())
    case .string, .blockString, .quoted, .int, .version:
      return .literal(expectValue())
    case .duration, .percent, .badNumber:
      report(
        .unexpectedToken,
        at: span,
        "'\(shown(span))' cannot be compared; a condition compares strings, whole numbers,"
          + " versions, params and facts"
      )
      advance()
      return .param(Name("", gap))
    default: break
    }
    report(
      .unexpectedToken,
      at: beginsLine || token.kind == .endOfFile ? gap : span,
      "expected \(expected): a param, a fact such as vm.host, a string, a number or a version,"
        + " found \(describeToken())"
    )
    return .param(Name("", gap))
  }
}
