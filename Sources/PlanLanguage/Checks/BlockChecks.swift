/// The `run`s in a block that are not idempotent, so that no retry around them may repeat them.
struct PlainRuns {
  /// The first three of them, for notes.
  private(set) var steps: [Step] = []
  private(set) var count = 0

  static let none = Self()

  mutating func add(_ step: Step) {
    count += 1
    if steps.count < 3 { steps.append(step) }
  }

  mutating func add(_ other: Self) {
    count += other.count
    for step in other.steps where steps.count < 3 { steps.append(step) }
  }
}

// Blocks, handlers, groups and steps.
extension TreeChecker {
  /// Checks a block.
  ///
  /// - Returns: the runs inside that are not idempotent, for the retries of the blocks around it;
  ///   none if they are reported already, or the block itself says `idempotent`.
  mutating func check(_ block: Block, in place: Placement.Place) -> PlainRuns {
    check(block.clauses, in: place)
    let timeouts = enterDefaults(block.clauses)
    let entry = enter(block.clauses)
    var runs = PlainRuns.none
    for statement in block.statements where !isFull {
      switch statement {
      case .step(let step):
        check(step)
        if step.isPlainRun && !hasMistake(in: step.span) {
          runs.add(step)
          if isInHandler { blocksResume(step) }
        }
      case .group(let group):
        if let label = group.label { check(label: label) }
        checkLimit(of: group)
        runs.add(check(group.block, in: group.kind == .parallel ? .parallel : .sequence))
      }
    }
    for handler in block.handlers { runs.add(check(handler)) }
    defaultTimeouts -= timeouts
    leave(block.clauses, entry)
    // `idempotent` on a block is reported as misplaced, and its author knows the rule already.
    if block.clauses.contains(where: { if case .idempotent = $0.kind { true } else { false } }) {
      return .none
    }
    // A retry is allowed where `optional` is. Elsewhere it is reported as misplaced.
    if runs.count > 0, Placement.allows(.optional, in: place),
      let retry = block.clauses.first(where: \.isRetrying)
    {
      retryNeedsIdempotent(retry, around: runs, place)
      return .none
    }
    return runs
  }

  /// Checks a handler, and returns the runs inside as for a block.
  mutating func check(_ handler: Handler) -> PlainRuns {
    let outer = isInHandler
    // The plan's own handlers run each time that a run ends, so they never prevent a resume.
    if case .deployment = subject {} else { isInHandler = true }
    defer { isInHandler = outer }
    return check(handler.block, in: handler.kind == .onFailure ? .onFailure : .finally)
  }

  /// Warns of a `run` in a handler that is not idempotent: a resume repeats a block if one of its
  /// handlers has begun.
  private mutating func blocksResume(_ step: Step) {
    // A retry on the step itself is an error, which is reported with the step.
    if step.clauses.contains(where: \.isRetrying) { return }
    report(
      .handlerBlocksResume,
      at: step.actionSpan,
      "once this command of a handler has begun, a resume needs someone's decision about it",
      notes: [
        Diagnostic.Note("a resume runs the block and its handlers again; 'idempotent' allows that")
      ],
      fixIt: adding("idempotent", to: step)
    )
  }

  /// Whether the clauses contain a `default` with a timeout.
  private func hasDefaultTimeout(_ clauses: [Clause]) -> Bool {
    clauses.contains { clause in
      guard case .defaults(let inner) = clause.kind else { return false }
      return inner.contains { if case .timeout = $0.kind { true } else { false } }
    }
  }

  /// Adds the `default { timeout }` of a block to `defaultTimeouts`.
  ///
  /// - Returns: how many to subtract at the end of the block.
  mutating func enterDefaults(_ clauses: [Clause]) -> Int {
    let count = hasDefaultTimeout(clauses) ? 1 : 0
    defaultTimeouts += count
    return count
  }

  private mutating func retryNeedsIdempotent(
    _ retry: Clause,
    around runs: PlainRuns,
    _ place: Placement.Place
  ) {
    let word = Span(retry.span.start, min(retry.span.start + 5, retry.span.end))
    let others = runs.count - 1
    var notes = runs.steps.map { note("this 'run' is not 'idempotent'", at: $0.actionSpan) }
    if runs.count > runs.steps.count {
      notes.append(Diagnostic.Note("and \(runs.count - runs.steps.count) more"))
    }
    report(
      .retryNeedsIdempotent,
      at: word,
      "'retry' in \(place.name) repeats all of it, but"
        + (others == 0 ? " a 'run' inside is" : " \(runs.count) 'run's inside are")
        + " not 'idempotent'",
      notes: notes,
      fixIt: others == 0 ? runs.steps.first.map { adding("idempotent", to: $0) } : nil
    )
  }

  private mutating func check(_ step: Step) {
    let place = Placement.Place(step.action)
    take(step)
    check(step.clauses, in: place)
    if let label = step.label { check(label: label) }
    checkSubject(step)
    checkAction(step)
    if step.isPlainRun, let retry = step.clauses.first(where: \.isRetrying),
      !hasMistake(in: step.span)
    {
      report(
        .retryNeedsIdempotent,
        at: Span(retry.span.start, min(retry.span.start + 5, retry.span.end)),
        "'retry' on a 'run' that is not 'idempotent'",
        notes: [
          Diagnostic.Note("'idempotent' allows a second start; without it, there is never one")
        ],
        fixIt: Diagnostic.FixIt(
          "write 'idempotent'",
          replacing: Span(retry.span.start, retry.span.start),
          with: "idempotent "
        )
      )
    }
  }

  private mutating func check(label: Name) {
    if label.isMissing { return }
    if let first = labels[label.text] {
      report(
        .duplicateLabel,
        at: label.span,
        "the label '\(label.text)' appears twice in one phase",
        notes: [note("it appears here first", at: first)]
      )
    } else {
      labels[label.text] = label.span
    }
  }

  /// Reports an action that cannot be done for the subjects of the phase.
  private mutating func checkSubject(_ step: Step) {
    if step.action.isOfUnits { return checkSubjectOfUnits(step) }
    if !step.action.isOfReleaseJobs { return }
    let word = Span(
      step.span.start,
      min(step.span.start + UInt32(step.action.word.utf8.count), step.span.end)
    )
    let needs = "'\(step.action.word)' needs a release job or an instance"
    switch subject {
    case .rollout: return
    case .phase(let name, let scope, let scopeSpan):
      if scope == .releaseJob, let name = step.releaseJobs.first,
        !hasMistake(in: step.span)
      {
        report(
          .narrowedStep,
          at: name.span,
          "this phase is for one release job at a time, so its steps cannot name others",
          notes: [
            Diagnostic.Note(
              "narrow the phase, as in 'phase NAME for \(name.text)', or make it 'per instance'"
            )
          ]
        )
      }
      if scope <= .instance || scopeSpan.map({ hasMistake(in: $0) }) ?? false { return }
      report(
        .wrongSubject,
        at: word,
        "\(needs), but the phase '\(name.text)' is per \(scope.word)",
        notes: scopeSpan.map { [note("the scope is here", at: $0)] } ?? []
      )
    case .deployment:
      report(
        .wrongSubject,
        at: word,
        "\(needs), but the plan's own handlers run once for the deployment"
      )
    }
  }

  private mutating func checkAction(_ step: Step) {
    switch step.action {
    case .run(let command):
      checkCommand(command, "run")
    case .wait(let probe):
      if case .command(let command) = probe { checkCommand(command, "wait command") }
      let hasTimeout =
        defaultTimeouts > 0
        || step.clauses.contains { if case .timeout = $0.kind { true } else { false } }
      if !hasTimeout && !hasMistake(in: step.span) {
        report(
          .waitNeedsTimeout,
          at: step.actionSpan,
          "a 'wait' without a timeout could wait forever",
          fixIt: adding("timeout 5m", to: step)
        )
      }
    case .startUnits, .stopUnits: checkUnitStep(step)
    case .script, .start, .stop, .unmonitor, .drain: break
    }
  }

  private mutating func checkCommand(_ command: CommandSyntax, _ word: String) {
    let program: StringLiteral
    switch command {
    case .shell(let line): program = line
    case .arguments(let arguments, _):
      guard let first = arguments.first else { return }
      program = first
    }
    if program.isMissing || hasMistake(in: program.span) { return }
    let isBlank = program.segments.allSatisfy { segment in
      guard case .text(let text) = segment else { return false }
      return text.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A }
    }
    if isBlank {
      report(.emptyRun, at: program.span, "'\(word)' has nothing to run: the command is empty")
    }
  }
}

extension Step {
  /// Whether it is a `run` that is not idempotent.
  var isPlainRun: Bool {
    guard case .run = action else { return false }
    return !clauses.contains { if case .idempotent = $0.kind { true } else { false } }
  }
}

extension Clause {
  /// Whether it is a `retry` that may allow more attempts.
  fileprivate var isRetrying: Bool {
    guard case .retry(let retry) = kind else { return false }
    if case .literal(0, _) = retry.count { return false }
    return true
  }
}
