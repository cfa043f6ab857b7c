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
        report(
          .unexpectedToken,
          at: token.span,
          "'as' and the label stand before the step's braces"
        )
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

  /// `for NAMES`, where it stands; a name without the word is told, and taken for one.
  private mutating func parseReleaseJobs(of action: ActionSyntax) -> [Name] {
    if token.word == .for {
      advance()
      return expectNames("the names of release jobs behind 'for'")
    }
    let isName =
      token.kind == .string || token.kind == .name && token.word == nil && !isNearStatement()
    guard isName, !beginsLine else { return [] }
    report(
      .unexpectedToken,
      at: token.span,
      "'\(shown(token.span))' cannot stand right behind '\(action.word)'",
      notes: [
        Diagnostic.Note(
          "release jobs are named in the head of the phase, 'phase NAME for \(shown(token.span))'"
        ),
        Diagnostic.Note("or, in a phase per instance, '\(action.word) for \(shown(token.span))'"),
      ]
        + (action.hasUnits
          ? [
            Diagnostic.Note("a systemd unit is named by '\(action.word) unit \(shown(token.span))'")
          ]
          : [])
    )
    return expectNames("the names of release jobs behind 'for'")
  }

  /// Whether the current name was probably meant to begin a statement.
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
    case .script: return .script(expectName("the script's name behind 'script'"))
    case .run: return .run(expectCommand("run"))
    case .wait: return .wait(parseProbe())
    case .start: return parseUnits(behind: "start").map { .startUnits($0) } ?? .start
    case .stop: return parseUnits(behind: "stop").map { .stopUnits($0) } ?? .stop
    case .unmonitor: return .unmonitor
    default:
      guard token.kind == .leftBracket else { return .drain([]) }
      return .drain(
        parseArguments(
          "the arguments of a drain script are two at least, such as "
            + "[\"job_shutdown\", \"hash_unchanged\"]"
        ).0
      )
    }
  }

  private mutating func parseProbe() -> ProbeSyntax {
    let expected = "'tcp', 'file' or 'command' behind 'wait'"
    switch token.word {
    case .tcp:
      advance()
      return .tcp(expectString("HOST:PORT in quotes behind 'tcp'"))
    case .file:
      advance()
      return .file(expectString("a path in quotes behind 'file'"))
    case .command:
      advance()
      return .command(expectCommand("wait command"))
    default:
      if token.kind == .name, !beginsLine {
        let found = text(token.span)
        if Self.requests.contains(found.lowercased()) { return probeByRequest(found) }
        let near =
          Self.probes[found.lowercased()] ?? nearMiss(found, among: ["tcp", "file", "command"])
        report(
          .unexpectedToken,
          at: token.span,
          "expected \(expected), found '\(shown(token.span))'",
          fixIt: near.map {
            Diagnostic.FixIt("write '\($0)'", replacing: token.span, with: $0)
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

  /// What other tools wait for by a request.
  private static let requests: Set<String> = ["http", "https", "url", "get", "curl"]

  /// The probes that are meant by other words.
  private static let probes = [
    "port": "tcp", "socket": "tcp", "host": "tcp", "path": "file", "exists": "file",
    "run": "command",
    "cmd": "command", "exec": "command", "script": "command", "shell": "command",
  ]

  /// `wait http "URL"`, which a command does.
  private mutating func probeByRequest(_ found: String) -> ProbeSyntax {
    let word = token.span
    let next = peek()
    let isString = next.kind == .string && !next.isUnterminated
    report(
      .unexpectedToken,
      at: word,
      "there is no 'wait \(found)': ask with a command, as wait command \"curl -fsS http://…\"",
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

  /// A string for the shell, or a list of arguments.
  private mutating func expectCommand(_ what: String) -> CommandSyntax {
    guard token.kind == .leftBracket else {
      // No words are put together where a string is there, as most often.
      if token.kind == .string { return .shell(parseString()) }
      return .shell(expectString("a command in quotes, or arguments in [ ], behind '\(what)'"))
    }
    let (arguments, span) = parseArguments(
      "a command has at least one argument, the program to run"
    )
    return .arguments(arguments, span)
  }

  /// Strings between brackets; `empty` is said where there are none.
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
            "no ',' stands behind the last argument",
            fixIt: Diagnostic.FixIt(
              "leave it out",
              replacing: Span(previousEnd - 1, previousEnd),
              with: ""
            )
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
    // Two strings without a comma between them are one mistake, and the list goes on.
    while token.kind == .string {
      report(
        .unexpectedToken,
        at: gap,
        "',' is missing between two arguments",
        fixIt: Diagnostic.FixIt("write ','", replacing: gap, with: ",")
      )
      _ = expectString("an argument in quotes")
      if token.kind == .comma { advance() }
    }
    if token.kind == .rightBracket {
      advance()
      return
    }
    // An open string has swallowed it.
    if openStringEnd == previousEnd { return }
    report(
      .unexpectedToken,
      at: gap,
      "expected ',' or ']' in a list of arguments, found \(describeToken())",
      fixIt: Diagnostic.FixIt("write ']'", replacing: gap, with: "]")
    )
  }

  /// Clauses behind a statement: most often meant for it, and its braces forgotten.
  mutating func parseLateClauses(_ block: inout Block, _ brace: OpenBrace) {
    let first = token
    let isSameRun = block.handlers.isEmpty
    var step: Step?
    if isSameRun, case .step(let last)? = block.statements.last { step = last }
    let wordText = text(first.span)
    // The diagnostic's place in the list is kept: what the clauses hold comes behind it.
    let index = diagnostics.count
    report(
      .clauseAfterStatement,
      at: first.span,
      "'\(wordText)' stands behind a statement; clauses come first in a block",
      notes: [note("the clauses of this block belong right behind this '{'", at: brace.span)]
    )
    let isTold = diagnostics.count > index
    var late: [Clause] = []
    while let word = token.word, word.role == .clause {
      if let clause = parseClause() { late.append(clause) }
    }
    guard let step, late.allSatisfy(\.canBelongToStep), isTold, let last = late.last else {
      block.clauses += late
      return
    }
    diagnostics[index].message =
      "'\(wordText)' stands behind a statement; clauses come first in a block,"
      + " and those of a step in its own braces"
    diagnostics[index].fixIt = bracing(step, first.span.start, last.span.end)
    // Read as it was meant, so that nothing else is said about it.
    var mended = step
    mended.clauses += late
    mended.span = Span(step.span.start, last.span.end)
    block.statements[block.statements.count - 1] = .step(mended)
  }

  /// The edit that puts clauses behind a step into its braces.
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
      "write '{ \(clauses.utf8.count <= 40 && !clauses.utf8.contains(0x0A) ? clauses : "…") }' behind the step",
      replacing: Span(stepEnd, end),
      with: between == " " ? " { \(clauses) }" : " {\(between)\(clauses) }"
    )
  }
}

extension Clause {
  /// Whether some step can have it.
  fileprivate var canBelongToStep: Bool {
    switch kind {
    case .defaults, .limit: false
    default: true
    }
  }
}
