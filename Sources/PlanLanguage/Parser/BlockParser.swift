// Phases, groups, handlers and their blocks.
extension TreeParser {
  mutating func parsePhase() -> PhaseDecl {
    let start = token.span.start
    let indent = indent
    var phase = PhaseDecl(
      documentation: documentation(),
      name: Name("", gap),
      scope: .releaseJob,
      scopeSpan: nil,
      deploymentJobs: [],
      releaseJobs: [],
      block: Block(clauses: [], statements: [], handlers: [], span: gap),
      span: token.span
    )
    advance()
    phase.name = expectBareName("the phase's name after 'phase'")
    parseSubjects(&phase)
    phase.block = parseBlock(.phase, indent: indent, after: "the head of the phase")
    phase.span = Span(start, previousEnd)
    return phase
  }

  /// Reads `[per scope] [in names] [for names] [side-by-side]`, each at most once, in this order.
  private mutating func parseSubjects(_ phase: inout PhaseDecl) {
    var seen: [Word] = []
    while token.kind == .name {
      guard let word = token.word, subjectOrder(word) != nil else {
        guard misspeltSubject() else { return }
        continue
      }
      if seen.contains(word) {
        report(.unexpectedToken, at: token.span, "'\(word.rawValue)' appears twice")
      } else if let order = subjectOrder(word),
        let later = seen.first(where: { subjectOrder($0) ?? 0 > order })
      {
        unexpected(
          "'\(word.rawValue)' comes before '\(later.rawValue)'; the order is per, in, for,"
            + " side-by-side"
        )
      }
      seen.append(word)
      let span = token.span
      advance()
      switch word {
      case .sideBySide: phase.sideBySideSpan = span
      case .per:
        let (scope, span) = expectScope(after: "per")
        phase.scope = scope
        phase.scopeSpan = span
      case .in: phase.deploymentJobs += expectNames("the names of deployment jobs after 'in'")
      default:
        if token.kind == .param {
          phase.releaseJobParam = takeParam()
        } else {
          phase.releaseJobs += expectNames("the names of release jobs after 'for'")
        }
      }
    }
  }

  private func subjectOrder(_ word: Word) -> Int? {
    switch word {
    case .per: 0
    case .in: 1
    case .for: 2
    case .sideBySide: 3
    default: nil
    }
  }

  /// Reads a misspelt word in the head of a phase as the word that was probably meant.
  private mutating func misspeltSubject() -> Bool {
    guard token.word == nil || (token.word == .on && peek().word != .failure), !beginsLine else {
      return false
    }
    let found = text(token.span)
    let near = nearMiss(found, among: ["per", "in", "for", "side-by-side"]).flatMap(
      Word.init(rawValue:)
    )
    guard let meant = near ?? (found == "on" ? .in : nil) else { return false }
    unexpected(
      "expected 'per', 'in', 'for', 'side-by-side' or '{' in the head of a phase, found '\(shown(token.span))'",
      fixIt: .write(meant.rawValue, at: token.span)
    )
    take(asWord: meant)
    return true
  }

  /// Reads `{ clauses statements handlers }`.
  mutating func parseBlock(_ context: Context, indent: UInt32, after what: String) -> Block {
    var block = Block(clauses: [], statements: [], handlers: [], span: gap)
    if token.kind == .leftBrace && depth >= Parser.nestingLimit {
      tooDeep()
      skipBraces()
      return block
    }
    guard let brace = open(context, indent: indent, after: what) else { return block }
    depth += 1
    parseBody(&block, context, brace)
    depth -= 1
    block.span = Span(brace.span.start, previousEnd)
    return block
  }

  private mutating func parseBody(_ block: inout Block, _ context: Context, _ brace: OpenBrace) {
    while true {
      switch token.word?.role ?? .ordinary {
      case .clause:
        if block.statements.isEmpty && block.handlers.isEmpty {
          if let clause = parseClause() { block.clauses.append(clause) }
        } else {
          parseLateClauses(&block, brace)
        }
      case .statement:
        if let last = block.handlers.last { itemAfter(last) }
        block.statements.append(parseStatement())
      case .handler:
        block.handlers.append(parseHandler())
      default:
        if token.kind == .rightBrace {
          close(brace)
          return
        }
        if stray(context, brace) { return }
      }
    }
  }

  /// Reports that something is nested too deeply, once in a file.
  mutating func tooDeep() {
    if !hasReportedDepth {
      report(
        .nestedTooDeep,
        at: token.span,
        "this is nested more than \(Parser.nestingLimit) deep and is not read any further"
      )
    }
    hasReportedDepth = true
  }

  /// Reads `on failure { … }` or `finally { … }`.
  mutating func parseHandler() -> Handler {
    let start = token.span.start
    let indent = indent
    guard token.word == .on else {
      let keyword = token.span
      advance()
      let block = parseBlock(.finally, indent: indent, after: "'finally'")
      return Handler(.finally, keywordSpan: keyword, block: block)
    }
    // One word from another tool was reported already. It counts as both words.
    let isOneWord = text(token.span) != Word.on.rawValue
    advance()
    if isOneWord {
      // `failure` is part of this word.
    } else if token.word == .failure {
      advance()
    } else {
      let isWrongWord = token.kind == .name && !beginsLine
      report(
        .unexpectedToken,
        at: isWrongWord ? token.span : gap,
        "expected 'failure' after 'on', found \(describeToken())",
        fixIt: Diagnostic.FixIt(
          "write 'failure'",
          replacing: isWrongWord ? token.span : gap,
          with: isWrongWord ? "failure" : " failure"
        )
      )
      if isWrongWord { advance() }
    }
    let keyword = Span(start, previousEnd)
    let block = parseBlock(.onFailure, indent: indent, after: "'on failure'")
    return Handler(.onFailure, keywordSpan: keyword, block: block)
  }

  /// Reads `parallel [as NAME] { … }` or `sequence [as NAME] { … }`.
  mutating func parseGroup() -> Group {
    let keyword = token.span
    let indent = indent
    let documentation = documentation()
    let kind: Group.Kind = token.word == .parallel ? .parallel : .sequence
    advance()
    let label = parseLabel()
    let context: Context = kind == .parallel ? .parallel : .sequence
    let block = parseBlock(context, indent: indent, after: context.name)
    return Group(
      documentation: documentation,
      kind: kind,
      label: label,
      block: block,
      span: Span(keyword.start, previousEnd),
      keywordSpan: keyword
    )
  }

  /// Reads `as NAME` if it is there.
  mutating func parseLabel() -> Name? {
    guard token.word == .as else { return nil }
    advance()
    return expectBareName("a label after 'as'")
  }
}
