// A file, and what stands directly in its plan.
extension TreeParser {
  /// The whole file; nil where nothing in it could be taken for a plan.
  mutating func parseFile() -> PlanDecl? {
    guard checkText() else { return nil }
    advance()
    if token.kind == .endOfFile {
      add(
        Diagnostic(
          .emptyFile,
          at: Location(file, Span(0, 0)),
          "the file holds no plan; one begins with plan NAME {"
        )
      )
      return nil
    }
    if token.word != .plan && !findPlan() { return nil }
    return parsePlan()
  }

  /// Whether the bytes are text; tells of it where they are not.
  private mutating func checkText() -> Bool {
    let bytes = lexer.bytes
    if bytes.count >= 2 && (bytes[0], bytes[1]) == (0xFF, 0xFE)
      || bytes.count >= 2 && (bytes[0], bytes[1]) == (0xFE, 0xFF)
    {
      add(
        Diagnostic(
          .invalidUTF8,
          at: Location(file, Span(0, 2)),
          "the file is UTF-16, and a plan is UTF-8; save it as that"
        )
      )
      return false
    }
    let check = TextCheck(bytes)
    if let zero = check.firstZero {
      let place = UInt32(zero)
      add(
        Diagnostic(
          .invalidUTF8,
          at: Location(file, Span(place, place + 1)),
          "this is not a text file: it has a zero byte at offset \(zero)"
        )
      )
      return false
    }
    if let invalid = check.firstInvalid {
      isDamaged = true
      let place = UInt32(invalid)
      let byte = String(bytes[invalid], radix: 16, uppercase: true)
      var notes: [Diagnostic.Note] = []
      if check.invalidCount > 1 {
        notes.append(Diagnostic.Note("\(check.invalidCount - 1) more bytes of the file are not"))
      }
      add(
        Diagnostic(
          .invalidUTF8,
          at: Location(file, Span(place, place + 1)),
          "the byte 0x\(byte) at offset \(invalid) is not UTF-8; save the file as that",
          notes: notes
        )
      )
      // A stray byte of an older encoding, or no text at all.
      if check.invalidCount > 16 && check.invalidCount > bytes.count / 16 { return false }
    }
    return true
  }

  /// Deals with a file that does not begin with `plan`; false where there is nothing to go on with.
  private mutating func findPlan() -> Bool {
    let found = shown(token.span)
    if token.kind == .name, let word = token.word, Context.plan.accepts(word) {
      report(
        .unexpectedToken,
        at: token.span,
        "expected 'plan NAME {' before '\(found)'; everything stands in a plan"
      )
      return true
    }
    if token.kind == .name, nearMiss(text(token.span), among: [Word.plan.rawValue]) != nil {
      report(
        .unexpectedToken,
        at: token.span,
        "expected 'plan', found '\(found)'",
        fixIt: Diagnostic.FixIt("write 'plan'", replacing: token.span, with: "plan")
      )
      take(asWord: .plan)
      return true
    }
    // Odd characters before it belong to the same mistake.
    diagnostics.removeAll { $0.code == .unexpectedCharacter }
    mistakeStart = nil
    report(
      .unexpectedToken,
      at: token.span,
      "expected 'plan NAME {' at the beginning of the file, found \(describeToken())",
      notes: at(token.span.end) == 0x3A
        ? [Diagnostic.Note("this looks like YAML; a plan is written in a language of its own")] : []
    )
    isQuiet = true
    while token.kind != .endOfFile && !(token.word == .plan && beginsLine) { advance() }
    isQuiet = false
    return token.kind != .endOfFile
  }

  private mutating func parsePlan() -> PlanDecl {
    let start = token.span.start
    let indent = indent
    var plan = PlanDecl(
      documentation: documentation(),
      name: Name("", gap),
      clauses: [],
      items: [],
      handlers: [],
      span: token.span
    )
    if token.word == .plan {
      advance()
      plan.name = expectBareName("the plan's name behind 'plan'")
      if let brace = open(.plan, indent: indent, after: "the plan's name") {
        parsePlanBody(&plan, brace)
      }
    } else {
      plan.documentation = nil
      parsePlanBody(&plan, OpenBrace(span: gap, isMissing: true, indent: 0, line: line))
    }
    plan.span = Span(start, previousEnd)
    while token.kind != .endOfFile { parseTextAfter(&plan) }
    return plan
  }

  private mutating func parsePlanBody(_ plan: inout PlanDecl, _ brace: OpenBrace) {
    while true {
      switch token.word?.role ?? .ordinary {
      case .clause:
        parsePlanClause(&plan, brace)
      case .item:
        if let last = plan.tests.last {
          behindTest(last)
        } else if let last = plan.handlers.last {
          itemAfter(last)
        }
        if let item = parseItem() { plan.items.append(item) }
      case .handler:
        if let last = plan.tests.last { behindTest(last) }
        plan.handlers.append(parseHandler())
      case .test:
        plan.tests.append(parsePlanTest())
      default:
        if token.kind == .rightBrace {
          close(brace)
          return
        }
        if stray(.plan, brace) { return }
      }
    }
  }

  private mutating func parsePlanClause(_ plan: inout PlanDecl, _ brace: OpenBrace) {
    let isLate = !plan.items.isEmpty || !plan.handlers.isEmpty || !plan.tests.isEmpty
    if isLate {
      report(
        .clauseAfterStatement,
        at: token.span,
        "'\(text(token.span))' stands behind an item; the plan's clauses come first, and those of"
          + " a phase stand in its own braces",
        notes: [note("the plan's clauses belong right behind this '{'", at: brace.span)]
      )
    }
    if let clause = parseClause() { plan.clauses.append(clause) }
  }

  /// Tells of an item or statement behind a handler.
  mutating func itemAfter(_ handler: Handler) {
    // All that stands behind it is one mistake.
    if handlerTold == handler.keywordSpan.start { return }
    handlerTold = handler.keywordSpan.start
    report(
      .afterHandler,
      at: token.span,
      "'\(text(token.span))' stands behind a handler; handlers come last",
      notes: [note("the handler is here", at: handler.keywordSpan)]
    )
  }

  /// Tells of something behind a test that belongs before it.
  private mutating func behindTest(_ test: TestDecl) {
    if handlerTold == test.keywordSpan.start { return }
    handlerTold = test.keywordSpan.start
    report(
      .afterHandler,
      at: token.span,
      "'\(text(token.span))' stands behind a test; tests come last of all",
      notes: [note("the test is here", at: test.keywordSpan)]
    )
  }

  private mutating func parseItem() -> Item? {
    switch token.word {
    case .param: .param(parseParam())
    case .deploymentJob: .deploymentJob(parseDeploymentJob())
    case .include: .include(parseInclude())
    case .phase: .phase(parsePhase())
    case .barrier: .barrier(parseBarrier())
    default: .rollout(parseRollout())
    }
  }

  /// Deals with text behind the plan's closing brace.
  private mutating func parseTextAfter(_ plan: inout PlanDecl) {
    let end = Span(max(plan.span.end, 1) - 1, plan.span.end)
    if token.word == .plan && beginsLine {
      report(
        .textAfterPlan,
        at: token.span,
        "a second plan begins here; a file holds one",
        notes: [note("the first one ends here", at: end)]
      )
      isQuiet = true
      while token.kind != .endOfFile { advance() }
      isQuiet = false
      return
    }
    if token.kind == .rightBrace {
      var fix = Diagnostic.FixIt("leave it out", replacing: token.span, with: "")
      if beginsLine { fix.span.start = previousEnd }
      report(
        .textAfterPlan,
        at: token.span,
        "this '}' closes nothing; the plan has ended",
        notes: [note("the plan ends here", at: end)],
        fixIt: fix
      )
      advance()
      return
    }
    report(
      .textAfterPlan,
      at: token.span,
      "\(describeToken()) stands behind the end of the plan",
      notes: [note("the plan ends here", at: end)]
    )
    guard let word = token.word, Context.plan.accepts(word) else {
      skip()
      return
    }
    // Most likely a brace too many closed the plan; what follows is read as its items.
    parsePlanBody(&plan, OpenBrace(span: end, isMissing: true, indent: 0, line: line))
  }
}
