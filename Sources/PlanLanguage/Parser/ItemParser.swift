// Params, deployment jobs, includes, barriers and rollouts.
extension TreeParser {
  mutating func parseParam() -> ParamDecl {
    let start = token.span.start
    let documentation = documentation()
    advance()
    let name = expectBareName("the param's name after 'param'")
    var isSecret = false
    var value: LiteralValue?
    if token.word == .secret {
      isSecret = true
      advance()
    }
    if token.kind == .equal {
      advance()
      value = expectValue()
    }
    if token.word == .secret && !isSecret {
      unexpected("'secret' comes directly after the param's name, before '='")
      isSecret = true
      advance()
    }
    return ParamDecl(
      documentation: documentation,
      name: name,
      isSecret: isSecret,
      value: value,
      span: Span(start, previousEnd)
    )
  }

  mutating func parseInclude() -> IncludeDecl {
    let start = token.span.start
    advance()
    let isPath = token.kind == .string || token.kind == .blockString || token.kind == .quoted
    let name = expectName("a bundled plan's name or a path in quotes after 'include'")
    return IncludeDecl(isPath ? .path(name) : .bundled(name), Span(start, previousEnd))
  }

  mutating func parseBarrier() -> BarrierDecl {
    let start = token.span.start
    let documentation = documentation()
    advance()
    if token.word == .across {
      advance()
    } else {
      let isScope =
        token.word.map { [.instance, .deploymentJob, .deployment].contains($0) } ?? false
      let isNear = token.kind == .name && !beginsLine && !isScope
      report(
        .unexpectedToken,
        at: isNear ? token.span : gap,
        "expected 'across' and a scope after 'barrier', found \(describeToken())",
        fixIt: isNear || isScope
          ? Diagnostic.FixIt(
            "write 'across'",
            replacing: isNear ? token.span : gap,
            with: isNear ? "across" : " across"
          ) : nil
      )
      if isNear { advance() }
    }
    let (scope, span) = expectScope(after: "across")
    return BarrierDecl(
      documentation: documentation,
      scope: scope,
      scopeSpan: span,
      span: Span(start, previousEnd)
    )
  }

  /// Reads `instance`, `deployment-job` or `deployment`.
  mutating func expectScope(after word: String) -> (Scope, Span) {
    if let scope = scope(token.word) {
      let span = token.span
      advance()
      return (scope, span)
    }
    let expected = "'instance', 'deployment-job' or 'deployment' after '\(word)'"
    guard token.kind == .name, !beginsLine else {
      report(.unexpectedToken, at: gap, "expected \(expected), found \(describeToken())")
      return (.instance, gap)
    }
    let found = text(token.span)
    let span = token.span
    if word == "per" && (found == "release-job" || found == "release_job") {
      report(
        .unexpectedToken,
        at: span,
        "a phase without 'per' is per release job",
        fixIt: Diagnostic.FixIt(
          "remove 'per \(found)'",
          replacing: Span(previousEnd - 4, span.end),
          with: ""
        )
      )
      advance()
      return (.releaseJob, span)
    }
    let meant =
      nearMiss(found, among: ["instance", "deployment-job", "deployment"])
      .flatMap(Word.init(rawValue:)) ?? ForeignWord.scope(found)
    let fix = scope(meant).map {
      Diagnostic.FixIt.write($0.word, at: span)
    }
    report(.unexpectedToken, at: span, "expected \(expected), found '\(shown(span))'", fixIt: fix)
    advance()
    return (scope(meant) ?? .instance, span)
  }

  private func scope(_ word: Word?) -> Scope? {
    switch word {
    case .instance: .instance
    case .deploymentJob: .deploymentJob
    case .deployment: .deployment
    default: nil
    }
  }

  mutating func parseRollout() -> RolloutDecl {
    let start = token.span.start
    let indent = indent
    var rollout = RolloutDecl(
      documentation: documentation(),
      pace: [],
      items: [],
      span: token.span
    )
    advance()
    if let brace = open(.rollout, indent: indent, after: "'rollout'") {
      parseRolloutBody(&rollout, brace)
    }
    rollout.span = Span(start, previousEnd)
    return rollout
  }

  private mutating func parseRolloutBody(_ rollout: inout RolloutDecl, _ brace: OpenBrace) {
    while true {
      let word = token.word
      if word == .phase || word == .barrier || word == .include, let last = rollout.handlers.last {
        itemAfter(last)
      }
      switch word {
      case .canaries, .maxInFlight:
        if !rollout.items.isEmpty || !rollout.handlers.isEmpty {
          report(
            .clauseAfterStatement,
            at: token.span,
            "'\(text(token.span))' comes after an item; it must come first in a rollout",
            notes: [note("it belongs directly after this '{'", at: brace.span)]
          )
        }
        rollout.pace.append(parsePace())
      case .phase: rollout.items.append(.phase(parsePhase()))
      case .barrier: rollout.items.append(.barrier(parseBarrier()))
      case .include: rollout.items.append(.include(parseInclude()))
      case .on, .finally: rollout.handlers.append(parseHandler())
      default:
        if token.kind == .rightBrace {
          close(brace)
          return
        }
        if stray(.rollout, brace) { return }
      }
    }
  }

  private mutating func parsePace() -> Pace {
    let start = token.span.start
    let kind: Pace.Kind = token.word == .canaries ? .canaries : .maxInFlight
    let word = text(token.span)
    advance()
    let amount = expectAmount("a number or a percentage after '\(word)'")
    return Pace(kind, amount, Span(start, previousEnd))
  }

  mutating func parseDeploymentJob() -> DeploymentJobDecl {
    let start = token.span.start
    let indent = indent
    let documentation = documentation()
    advance()
    let name = expectName("the deployment job's name after 'deployment-job'")
    var clauses: [DeploymentJobDecl.Clause] = []
    if let brace = open(.deploymentJob, indent: indent, after: "the deployment job's name") {
      parseJobBody(&clauses, brace)
    }
    return DeploymentJobDecl(
      documentation: documentation,
      name: name,
      clauses: clauses,
      span: Span(start, previousEnd)
    )
  }

  private mutating func parseJobBody(
    _ clauses: inout [DeploymentJobDecl.Clause],
    _ brace: OpenBrace
  ) {
    while true {
      let start = token.span.start
      switch token.word {
      case .releaseJobs:
        advance()
        let names = expectNames("the names of release jobs after 'release-jobs'")
        clauses.append(.releaseJobs(names, Span(start, previousEnd)))
      case .instances:
        advance()
        let count = expectInt("a number of instances after 'instances'")
        clauses.append(.instances(count, Span(start, previousEnd)))
      case .after:
        advance()
        let names = expectNames("the names of deployment jobs after 'after'")
        clauses.append(.after(names, Span(start, previousEnd)))
      case .canaries, .maxInFlight:
        clauses.append(.pace(parsePace()))
      default:
        if token.kind == .rightBrace {
          close(brace)
          return
        }
        if stray(.deploymentJob, brace) { return }
      }
    }
  }
}
