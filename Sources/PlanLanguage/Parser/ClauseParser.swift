// Clauses.
extension TreeParser {
  /// Reads a clause that begins with the current token; nil if the token is not a word.
  mutating func parseClause() -> Clause? {
    let start = token.span.start
    guard let word = token.word else { return nil }
    let indent = indent
    advance()
    let kind: Clause.Kind
    switch word {
    case .defaults: kind = .defaults(parseDefaults(indent: indent))
    case .retry: kind = .retry(parseRetry())
    case .timeout: kind = .timeout(expectDuration("timeout"))
    case .grace: kind = .grace(expectDuration("grace"))
    case .settle: kind = .settle(expectDuration("settle"))
    case .every: kind = .every(expectDuration("every"))
    case .strict: kind = .strict(parseSwitch())
    case .env: kind = parseEnv()
    case .limit: kind = .limit(expectAmount("a number or a percentage after 'limit'"))
    case .when: kind = .when(parseCondition())
    case .idempotent: kind = .idempotent
    case .optional: kind = .optional
    default: preconditionFailure("'\(word)' begins no clause")
    }
    return Clause(kind, Span(start, previousEnd))
  }

  private mutating func parseDefaults(indent: UInt32) -> [Clause] {
    var clauses: [Clause] = []
    guard let brace = open(.defaults, indent: indent, after: "'default'") else { return clauses }
    while true {
      if let word = token.word, word.isTuning {
        if let clause = parseClause() { clauses.append(clause) }
      } else if let word = token.word, word.role == .clause,
        !(beginsLine && self.indent <= indent)
      {
        parseMisplacedDefault(word)
      } else if token.kind == .rightBrace {
        close(brace)
        return clauses
      } else if stray(.defaults, brace) {
        return clauses
      }
    }
  }

  /// Reads and drops a clause that is not allowed in `default`.
  private mutating func parseMisplacedDefault(_ word: Word) {
    if word == .defaults {
      report(.misplacedClause, at: token.span, "'default' is not allowed in 'default'")
      advance()
      if token.kind == .leftBrace { skipBraces() }
      return
    }
    report(
      .misplacedClause,
      at: token.span,
      "'\(word.rawValue)' is not allowed in 'default', which can contain \(Context.defaults.contents)"
    )
    _ = parseClause()
  }

  /// Reads the optional text after a clause; nil if there is none.
  private mutating func parseSwitch() -> StringLiteral? {
    switch token.kind {
    case .string, .blockString, .quoted: expectString("a string")
    default: nil
    }
  }

  private mutating func parseEnv() -> Clause.Kind {
    let name = expectBareName("a variable's name after 'env'")
    if token.kind == .equal {
      advance()
    } else {
      report(
        .unexpectedToken,
        at: token.kind == .equalEqual ? token.span : gap,
        "expected '=' and a string after the variable's name, found \(describeToken())",
        fixIt: token.kind == .equalEqual
          ? Diagnostic.FixIt.write("=", at: token.span)
          : token.kind == .string && !beginsLine
            ? Diagnostic.FixIt("write '='", replacing: gap, with: " =") : nil
      )
      if token.kind == .equalEqual {
        advance()
      } else if token.kind != .string && token.kind != .blockString {
        return .env(name, StringLiteral([], gap))
      }
    }
    return .env(name, expectString("a string after '='"))
  }

  private mutating func parseRetry() -> RetryClause {
    var clause = RetryClause(
      count: expectInt("a number of further attempts after 'retry'"),
      backoffLow: nil,
      backoffHigh: nil,
      only: []
    )
    if token.word == .backoff {
      advance()
      clause.backoffLow = expectDuration("backoff")
      if token.kind == .dotDot {
        advance()
        clause.backoffHigh = expectDuration("..")
      }
    }
    if token.word == .only {
      advance()
      if let reason = parseReason() { clause.only.append(reason) }
      while token.kind == .comma {
        advance()
        if let reason = parseReason() { clause.only.append(reason) }
      }
    }
    while token.word == .exit || token.word == .signal {
      report(
        .unexpectedToken,
        at: gap,
        "',' is missing between two reasons",
        fixIt: .write(",", at: gap)
      )
      if let reason = parseReason() { clause.only.append(reason) }
      if token.kind == .comma { advance() }
    }
    if token.word == .backoff {
      report(.unexpectedToken, at: token.span, "'backoff' comes before 'only'")
      advance()
      clause.backoffLow = clause.backoffLow ?? expectDuration("backoff")
      if token.kind == .dotDot {
        advance()
        clause.backoffHigh = clause.backoffHigh ?? expectDuration("..")
      }
    }
    return clause
  }

  private mutating func parseReason() -> RetryClause.Reason? {
    switch token.word {
    case .signal:
      advance()
      return .signal
    case .timeout:
      advance()
      return .timeout
    case .exit:
      advance()
      guard token.kind == .int else {
        report(
          .unexpectedToken,
          at: beginsLine ? gap : token.span,
          "expected an exit status from 1 to 255 after 'exit', found \(describeToken())"
        )
        if !beginsLine && isValueLike { advance() }
        return nil
      }
      let span = token.span
      let status = intValue(span)
      advance()
      guard let status else { return nil }
      if !(1...255).contains(status) {
        add(
          Diagnostic(
            .valueOutOfRange,
            at: Location(file, span),
            "a retry can be for an exit status from 1 to 255, not \(shown(span))"
          )
        )
        return nil
      }
      return .exit(status)
    default:
      let isName = token.kind == .name && !beginsLine
      let near =
        isName
        ? nearMiss(text(token.span), among: ["exit", "signal", "timeout"]) : nil
      report(
        .unexpectedToken,
        at: isName || (!beginsLine && isValueLike) ? token.span : gap,
        "expected 'exit', 'signal' or 'timeout' after 'only', found \(describeToken())",
        fixIt: near.map {
          Diagnostic.FixIt.write($0, at: token.span)
        }
      )
      if isName, let near, let word = Word(rawValue: near) {
        take(asWord: word)
        return parseReason()
      }
      if (isName && token.word == nil) || (!beginsLine && isValueLike) { advance() }
      return nil
    }
  }
}
