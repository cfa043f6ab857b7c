// Steps: an action, its label, its clauses.
extension TreeParser {
  mutating func parseStatement() -> Statement {
    if token.word == .parallel || token.word == .sequence { return .group(parseGroup()) }
    return .step(parseStep())
  }

  private mutating func parseStep() -> Step {
    let start = token.span.start
    let indent = indent
    let documentation = documentation()
    let action = parseAction()
    let releaseJobs = action.isOfReleaseJobs ? parseReleaseJobs(of: action) : []
    let actionSpan = Span(start, previousEnd)
    var label = parseLabel()
    var clauses: [Clause] = []
    if token.kind == .leftBrace {
      parseStepClauses(&clauses, indent: indent)
      if token.word == .as {
        unexpected("'as' and the label come before the step's braces")
        label = parseLabel() ?? label
      }
    }
    return Step(
      documentation: documentation,
      action: action,
      releaseJobs: releaseJobs,
      label: label,
      clauses: clauses,
      span: Span(start, previousEnd),
      actionSpan: actionSpan
    )
  }

  /// Reads `for NAMES` if it is there; names without `for` are reported, and count.
  private mutating func parseReleaseJobs(of action: ActionSyntax) -> [Name] {
    if token.word == .for {
      advance()
      return expectNames("the names of release jobs after 'for'")
    }
    let isName =
      token.kind == .string || token.kind == .name && token.word == nil && !isNearStatement()
    guard isName, !beginsLine else { return [] }
    report(
      .unexpectedToken,
      at: token.span,
      "'\(shown(token.span))' is not allowed directly after '\(action.word)'",
      notes: [
        Diagnostic.Note(
          "name release jobs in the head of the phase: 'phase NAME for \(shown(token.span))'"
        ),
        Diagnostic.Note("or, in a phase per instance, '\(action.word) for \(shown(token.span))'"),
      ]
        + (action.hasUnits
          ? [
            Diagnostic.Note("for a systemd unit, write '\(action.word) unit \(shown(token.span))'")
          ]
          : [])
    )
    return expectNames("the names of release jobs after 'for'")
  }

  /// Whether the current name is probably a misspelt beginning of a statement.
  private func isNearStatement() -> Bool {
    let words = Word.allCases.lazy.filter { Context.phase.accepts($0) || $0 == .as || $0 == .for }
    return nearMiss(text(token.span), among: words.map(\.rawValue)) != nil
      || Context.phase.foreign(text(token.span)) != nil
  }

  private mutating func parseStepClauses(_ clauses: inout [Clause], indent: UInt32) {
    let brace = OpenBrace(span: token.span, indent: indent, line: line)
    advance()
    while true {
      if let word = token.word, word.role == .clause {
        if let clause = parseClause() { clauses.append(clause) }
      } else if token.kind == .rightBrace {
        close(brace)
        return
      } else if stray(.step, brace) {
        return
      }
    }
  }

  private mutating func parseAction() -> ActionSyntax {
    let word = token.word
    advance()
    switch word {
    case .script: return .script(expectName("the script's name after 'script'"))
    case .run: return .run(expectCommand("run"))
    case .wait: return .wait(parseProbe())
    case .start: return parseUnits(after: "start").map { .startUnits($0) } ?? .start
    case .stop: return parseUnits(after: "stop").map { .stopUnits($0) } ?? .stop
    case .unmonitor: return .unmonitor
    default:
      guard token.kind == .leftBracket else { return .drain([]) }
      return .drain(
        parseArguments(
          "a drain script has at least two arguments, such as "
            + "[\"job_shutdown\", \"hash_unchanged\"]"
        ).0
      )
    }
  }

  private mutating func parseProbe() -> ProbeSyntax {
    let expected = "'tcp', 'file' or 'command' after 'wait'"
    switch token.word {
    case .tcp:
      advance()
      return .tcp(expectString("HOST:PORT in quotes after 'tcp'"))
    case .file:
      advance()
      return .file(expectString("a path in quotes after 'file'"))
    case .command:
      advance()
      return .command(expectCommand("wait command"))
    default:
      if token.kind == .name, !beginsLine {
        let found = text(token.span)
        if Self.requests.contains(found.lowercased()) { return probeByRequest(found) }
        let near =
          Self.probes[found.lowercased()] ?? nearMiss(found, among: ["tcp", "file", "command"])
        unexpected(
          "expected \(expected), found '\(shown(token.span))'",
          fixIt: near.map {
            Diagnostic.FixIt.write($0, at: token.span)
          }
        )
        advance()
        if near == "tcp" { return .tcp(expectString("HOST:PORT in quotes")) }
        if near == "file" { return .file(expectString("a path in quotes")) }
      } else {
        report(
          .unexpectedToken,
          at: beginsLine ? gap : token.span,
          "expected \(expected), found \(describeToken())"
        )
      }
      if token.kind == .string || token.kind == .leftBracket {
        return .command(expectCommand("wait command"))
      }
      if !beginsLine && isValueLike { return .tcp(unquoted(expected)) }
      return .command(.shell(StringLiteral([], gap)))
    }
  }

  /// Words of other tools that wait for the answer to a request.
  private static let requests: Set<String> = ["http", "https", "url", "get", "curl"]

  /// Words of other tools, and the probes that they mean.
  private static let probes = [
    "port": "tcp", "socket": "tcp", "host": "tcp", "path": "file", "exists": "file",
    "run": "command",
    "cmd": "command", "exec": "command", "script": "command", "shell": "command",
  ]

  /// Reads `wait http "URL"`, which is a command in this language.
  private mutating func probeByRequest(_ found: String) -> ProbeSyntax {
    let word = token.span
    let next = peek()
    let isString = next.kind == .string && !next.isUnterminated
    report(
      .unexpectedToken,
      at: word,
      "there is no 'wait \(found)'; use a command: wait command \"curl -fsS http://…\"",
      fixIt: isString
        ? Diagnostic.FixIt(
          "write 'command [\"curl\", \"-fsS\", \"…\"]'",
          replacing: Span(word.start, next.span.end),
          with: "command [\"curl\", \"-fsS\", \(text(next.span))]"
        ) : nil
    )
    advance()
    guard token.kind == .string, !beginsLine else {
      return .command(.shell(StringLiteral([], gap)))
    }
    let literal = parseString()
    return .command(.arguments([literal], literal.span))
  }

  /// Reads a string for the shell, or a list of arguments.
  private mutating func expectCommand(_ what: String) -> CommandSyntax {
    guard token.kind == .leftBracket else {
      // Usually there is a string, and no message has to be built.
      if token.kind == .string { return .shell(parseString()) }
      return .shell(expectString("a command in quotes, or arguments in [ ], after '\(what)'"))
    }
    let (arguments, span) = parseArguments(
      "a command has at least one argument, the program to run"
    )
    return .arguments(arguments, span)
  }

  /// Reads strings between brackets; `empty` is the message if there are none.
  private mutating func parseArguments(_ empty: String) -> ([StringLiteral], Span) {
    let start = token.span.start
    advance()
    var arguments: [StringLiteral] = []
    isInList = true
    defer { isInList = false }
    if token.kind == .rightBracket {
      report(.emptyRun, at: Span(start, token.span.end), empty)
    } else {
      arguments.append(expectString("an argument in quotes"))
      while token.kind == .comma {
        advance()
        if token.kind == .rightBracket {
          report(
            .unexpectedToken,
            at: Span(previousEnd - 1, previousEnd),
            "unexpected ',' after the last argument",
            fixIt: .remove(Span(previousEnd - 1, previousEnd))
          )
          break
        }
        arguments.append(expectString("an argument in quotes"))
      }
    }
    closeList()
    return (arguments, Span(start, previousEnd))
  }

  /// Reads the `]` of a list of arguments.
  private mutating func closeList() {
    if token.kind == .rightBracket {
      advance()
      return
    }
    // Two strings without a comma between them are one mistake, and the list continues.
    while token.kind == .string {
      report(
        .unexpectedToken,
        at: gap,
        "',' is missing between two arguments",
        fixIt: .write(",", at: gap)
      )
      _ = expectString("an argument in quotes")
      if token.kind == .comma { advance() }
    }
    if token.kind == .rightBracket {
      advance()
      return
    }
    // The `]` is part of a string that is not closed.
    if openStringEnd == previousEnd { return }
    report(
      .unexpectedToken,
      at: gap,
      "expected ',' or ']' in a list of arguments, found \(describeToken())",
      fixIt: .write("]", at: gap)
    )
  }

  /// Reads clauses after a statement: usually they belong to it, and its braces are missing.
  mutating func parseLateClauses(_ block: inout Block, _ brace: OpenBrace) {
    let first = token
    let isSameRun = block.handlers.isEmpty
    var step: Step?
    if isSameRun, case .step(let last)? = block.statements.last { step = last }
    let wordText = text(first.span)
    // The clauses may add diagnostics after this one, so its index is kept.
    let index = diagnostics.count
    report(
      .clauseAfterStatement,
      at: first.span,
      "'\(wordText)' comes after a statement; clauses come first in a block",
      notes: [note("the clauses of this block belong directly after this '{'", at: brace.span)]
    )
    let isReported = diagnostics.count > index
    var late: [Clause] = []
    while let word = token.word, word.role == .clause {
      if let clause = parseClause() { late.append(clause) }
    }
    guard let step, late.allSatisfy(\.canBelongToStep), isReported, let last = late.last else {
      block.clauses += late
      return
    }
    diagnostics[index].message =
      "'\(wordText)' comes after a statement; clauses come first in a block,"
      + " and a step's clauses go in its own braces"
    diagnostics[index].fixIt = bracing(step, first.span.start, last.span.end)
    // The clauses are read as they were meant, so nothing else is reported about them.
    var mended = step
    mended.clauses += late
    mended.span = Span(step.span.start, last.span.end)
    block.statements[block.statements.count - 1] = .step(mended)
  }

  /// The edit that moves clauses after a step into its braces.
  private func bracing(_ step: Step, _ start: UInt32, _ end: UInt32) -> Diagnostic.FixIt {
    let clauses = text(Span(start, end))
    let stepEnd = step.span.end
    let gapText = text(Span(stepEnd, start))
    let isBlank = gapText.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    let between = isBlank ? " " : gapText
    if stepEnd > step.actionSpan.end && at(stepEnd - 1) == 0x7D {
      return Diagnostic.FixIt(
        "put it into the step's braces",
        replacing: Span(stepEnd - 1, end),
        with: "\(isBlank ? "" : gapText)\(clauses) }"
      )
    }
    return Diagnostic.FixIt(
      "write '{ \(clauses.utf8.count <= 40 && !clauses.utf8.contains(0x0A) ? clauses : "…") }' after the step",
      replacing: Span(stepEnd, end),
      with: between == " " ? " { \(clauses) }" : " {\(between)\(clauses) }"
    )
  }
}

extension Clause {
  /// Whether any step can have it.
  fileprivate var canBelongToStep: Bool {
    switch kind {
    case .defaults, .limit: false
    default: true
    }
  }
}
