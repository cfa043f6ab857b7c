// A file, and what is directly in its plan.
extension TreeParser {
  /// Reads the whole file; nil if nothing in it could be a plan.
  mutating func parseFile() -> PlanDecl? {
    guard checkText() else { return nil }
    advance()
    if token.kind == .endOfFile {
      add(
        .emptyFile,
        at: Span(0, 0),
        "the file contains no plan; a plan begins with plan NAME {"
      )
      return nil
    }
    if token.word != .plan && !findPlan() { return nil }
    return parsePlan()
  }

  /// Whether the bytes are text; reports it if they are not.
  private mutating func checkText() -> Bool {
    let bytes = lexer.bytes
    if bytes.count >= 2 && (bytes[0], bytes[1]) == (0xFF, 0xFE)
      || bytes.count >= 2 && (bytes[0], bytes[1]) == (0xFE, 0xFF)
    {
      add(
        .invalidUTF8,
        at: Span(0, 2),
        "the file is UTF-16, but a plan must be UTF-8; save it as UTF-8"
      )
      return false
    }
    let check = TextCheck(bytes)
    if let zero = check.firstZero {
      let place = UInt32(zero)
      add(
        .invalidUTF8,
        at: Span(place, place + 1),
        "this is not a text file: it has a zero byte at offset \(zero)"
      )
      return false
    }
    if let invalid = check.firstInvalid {
      isDamaged = true
      let place = UInt32(invalid)
      let byte = String(bytes[invalid], radix: 16, uppercase: true)
      var notes: [Diagnostic.Note] = []
      let more = check.invalidCount - 1
      if more > 0 {
        notes.append(
          Diagnostic.Note(more == 1 ? "1 more byte is not" : "\(more) more bytes are not")
        )
      }
      add(
        .invalidUTF8,
        at: Span(place, place + 1),
        "the byte 0x\(byte) at offset \(invalid) is not UTF-8; save the file as UTF-8",
        notes: notes
      )
      // A few stray bytes come from an older encoding. Many mean that the file is not text.
      if check.invalidCount > 16 && check.invalidCount > bytes.count / 16 { return false }
    }
    return true
  }

  /// Handles a file that does not begin with `plan`; false if there is nothing to continue with.
  private mutating func findPlan() -> Bool {
    let found = shown(token.span)
    if token.kind == .name, let word = token.word, Context.plan.accepts(word) {
      unexpected("expected 'plan NAME {' before '\(found)'; everything must be inside a plan")
      return true
    }
    if token.kind == .name, nearMiss(text(token.span), among: [Word.plan.rawValue]) != nil {
      unexpected(
        "expected 'plan', found '\(found)'",
        fixIt: .write("plan", at: token.span)
      )
      take(asWord: .plan)
      return true
    }
    // Unexpected characters before it belong to the same mistake.
    diagnostics.removeAll { $0.code == .unexpectedCharacter }
    mistakeStart = nil
    report(
      .unexpectedToken,
      at: token.span,
      "expected 'plan NAME {' at the beginning of the file, found \(describeToken())",
      notes: at(token.span.end) == 0x3A
        ? [Diagnostic.Note("this looks like YAML; plans have a language of their own")] : []
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
      plan.name = expectBareName("the plan's name after 'plan'")
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
          itemAfterTest(last)
        } else if let last = plan.handlers.last {
          itemAfter(last)
        }
        if let item = parseItem() { plan.items.append(item) }
      case .handler:
        if let last = plan.tests.last { itemAfterTest(last) }
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
        "'\(text(token.span))' comes after an item; the plan's clauses come first, and a phase's"
          + " clauses go in its own braces",
        notes: [note("the plan's clauses belong directly after this '{'", at: brace.span)]
      )
    }
    if let clause = parseClause() { plan.clauses.append(clause) }
  }

  /// Reports an item or statement after a handler.
  mutating func itemAfter(_ handler: Handler) {
    report(after: handler.keywordSpan, "handler", rule: "handlers come last")
  }

  /// Reports something after a test that belongs before it.
  private mutating func itemAfterTest(_ test: TestDecl) {
    report(after: test.keywordSpan, "test", rule: "tests come last of all")
  }

  private mutating func report(after keyword: Span, _ what: String, rule: String) {
    // Everything after one handler or test is one mistake.
    if reportedHandler == keyword.start { return }
    reportedHandler = keyword.start
    report(
      .afterHandler,
      at: token.span,
      "'\(text(token.span))' comes after a \(what); \(rule)",
      notes: [note("the \(what) is here", at: keyword)]
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

  /// Handles text after the plan's closing brace.
  private mutating func parseTextAfter(_ plan: inout PlanDecl) {
    let end = Span(max(plan.span.end, 1) - 1, plan.span.end)
    if token.word == .plan && beginsLine {
      report(
        .textAfterPlan,
        at: token.span,
        "a second plan begins here; a file can contain only one",
        notes: [note("the first one ends here", at: end)]
      )
      isQuiet = true
      while token.kind != .endOfFile { advance() }
      isQuiet = false
      return
    }
    if token.kind == .rightBrace {
      var fix = Diagnostic.FixIt.remove(token.span)
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
      "\(describeToken()) comes after the end of the plan",
      notes: [note("the plan ends here", at: end)]
    )
    guard let word = token.word, Context.plan.accepts(word) else {
      skip()
      return
    }
    // Probably an extra brace closed the plan, so what follows is read as items of the plan.
    parsePlanBody(&plan, OpenBrace(span: end, isMissing: true, indent: 0, line: line))
  }
}
