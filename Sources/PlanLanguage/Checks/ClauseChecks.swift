// Clauses: their places, duplicates, and values.
extension TreeChecker {
  mutating func check(_ clauses: [Clause], in place: Placement.Place) {
    if clauses.isEmpty { return }
    checkTwice(clauses, place.name)
    for clause in clauses where !isFull {
      if !Placement.allows(clause.kind, in: place) { misplaced(clause, place, clauses) }
      checkValue(clause)
      if case .defaults(let inner) = clause.kind {
        checkTwice(inner, "'default'")
        for clause in inner { checkValue(clause) }
      }
    }
  }

  private mutating func checkTwice(_ clauses: [Clause], _ place: @autoclosure () -> String) {
    if clauses.count < 2 { return }
    var first = [Span?](repeating: nil, count: Clause.Kind.count)
    var variables: [String: Span] = [:]
    for clause in clauses where !isFull {
      if case .env(let name, _) = clause.kind {
        if name.isMissing { continue }
        if let earlier = variables[name.text] {
          twice("'env \(name.text)'", at: clause.span, first: earlier, place())
        } else {
          variables[name.text] = clause.span
        }
      } else if let earlier = first[clause.kind.index] {
        twice("'\(clause.kind.word)'", at: clause.span, first: earlier, place())
      } else {
        first[clause.kind.index] = clause.span
      }
    }
  }

  private mutating func misplaced(
    _ clause: Clause,
    _ place: Placement.Place,
    _ all: [Clause]
  ) {
    let kind = clause.kind
    let word = kind.word
    // A misspelt word that was read as this one can be shorter.
    let wordEnd = clause.span.start + UInt32(word.utf8.count)
    let keyword = Span(clause.span.start, min(wordEnd, clause.span.end))
    if case .idempotent = kind, place.isStep {
      report(
        .misplacedClause,
        at: keyword,
        "'\(place.rawValue)' is always idempotent; only a 'run' needs this word",
        fixIt: .remove(clause.span)
      )
      return
    }
    var fix: Diagnostic.FixIt?
    // A second 'default' would be the next mistake.
    if !place.isStep, !all.contains(where: { if case .defaults = $0.kind { true } else { false } })
    {
      switch kind {
      case .grace, .settle, .every, .retry, .strict:
        let written = text(clause.span)
        fix = Diagnostic.FixIt(
          "write 'default { \(shown(written)) }', for every step inside that can take it",
          replacing: clause.span,
          with: "default { \(written) }"
        )
      case .defaults, .timeout, .env, .limit, .when, .idempotent, .optional: break
      }
    }
    report(
      .misplacedClause,
      at: keyword,
      "'\(word)' is not allowed in \(place.name); write it \(Placement.places(of: kind))",
      fixIt: fix
    )
  }

  private func text(_ span: Span) -> String { source.text(span) }

  /// The text, or `…` if it does not fit into a message.
  private func shown(_ text: String) -> String {
    text.utf8.count <= 40 && !text.utf8.contains(0x0A) ? text : "…"
  }

  private mutating func checkValue(_ clause: Clause) {
    switch clause.kind {
    case .timeout(.literal(.zero, let span)):
      report(.valueOutOfRange, at: span, "a timeout must be longer than 0")
    case .every(.literal(.zero, let span)):
      report(.valueOutOfRange, at: span, "the pause of 'every' must be longer than 0")
    case .limit(.count(0, let span)), .limit(.percent(0, let span)):
      report(.valueOutOfRange, at: span, "a limit must be at least 1, or nothing would ever start")
    case .limit(.percent(let percent, let span)) where percent > 100:
      report(.valueOutOfRange, at: span, "a percentage is at most 100%, not \(percent)%")
    case .retry(let retry):
      if case .literal(let low, let lowSpan)? = retry.backoffLow,
        case .literal(let high, let highSpan)? = retry.backoffHigh, high < low
      {
        let bounds = (source.text(lowSpan), source.text(highSpan))
        report(
          .valueOutOfRange,
          at: lowSpan.union(highSpan),
          "the second bound of a backoff cannot be less than the first",
          fixIt: Diagnostic.FixIt(
            "write '\(bounds.1)..\(bounds.0)'",
            replacing: lowSpan.union(highSpan),
            with: "\(bounds.1)..\(bounds.0)"
          )
        )
      }
    case .env(let name, _):
      checkVariable(name)
    case .timeout, .every, .limit, .defaults, .grace, .settle, .strict, .when, .idempotent,
      .optional:
      break
    }
  }

  /// Reports a variable's name that a shell, and so a BOSH script, could not read.
  private mutating func checkVariable(_ name: Name) {
    if name.isMissing || !name.text.utf8.contains(where: { $0 == 0x2D || $0 == 0x2E || $0 == 0x2B })
    {
      return
    }
    let usable = String(
      decoding: name.text.utf8.map { $0 == 0x2D || $0 == 0x2E || $0 == 0x2B ? 0x5F : $0 },
      as: UTF8.self
    )
    report(
      .unusableName,
      at: name.span,
      "'\(name.text)' cannot be the name of a variable; use letters, digits and '_'",
      fixIt: .write(usable, at: name.span)
    )
  }
}

extension Clause.Kind {
  /// The number of kinds.
  fileprivate static var count: Int { 12 }

  /// The kind's index in a table.
  fileprivate var index: Int {
    switch self {
    case .defaults: 0
    case .retry: 1
    case .timeout: 2
    case .grace: 3
    case .settle: 4
    case .every: 5
    case .env: 6
    case .limit: 7
    case .when: 8
    case .idempotent: 9
    case .optional: 10
    case .strict: 11
    }
  }
}
