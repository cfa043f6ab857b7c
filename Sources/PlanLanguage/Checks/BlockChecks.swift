/// The plain `run`s of a block that a retry around it would start a second time.
struct PlainRuns {
  /// The first few of them.
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
  /// Checks a block; gives the plain runs in it that no retry was found around yet.
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
    // Where 'idempotent' was written on the block its writer knew of the rule, and was told where it
    // stands.
    if block.clauses.contains(where: { if case .idempotent = $0.kind { true } else { false } }) {
      return .none
    }
    if runs.count > 0, Placement.allows(.optional, in: place),
      let retry = block.clauses.first(where: \.isRetrying)
    {
      retryNeedsIdempotent(retry, around: runs, place)
      return .none
    }
    return runs
  }

  /// Checks a handler; gives the plain runs in it.
  mutating func check(_ handler: Handler) -> PlainRuns {
    let outer = isInHandler
    // The plan's own run each time that a run ends, and hold up nothing.
    if case .deployment = subject {} else { isInHandler = true }
    defer { isInHandler = outer }
    return check(handler.block, in: handler.kind == .onFailure ? .onFailure : .finally)
  }

  /// A block of which a handler has begun is done all over again by a resume.
  private mutating func blocksResume(_ step: Step) {
    if step.clauses.contains(where: \.isRetrying) { return }
    report(
      .handlerBlocksResume,
      at: step.actionSpan,
      "once this command of a handler has begun, the run cannot be resumed without somebody's word",
      notes: [
        Diagnostic.Note("a resume does the block and its handlers again; 'idempotent' allows that")
      ],
      fixIt: adding("idempotent", to: step)
    )
  }

  /// Notes the `default { timeout }` of a block that is entered.
  func isGivingTimeout(_ clauses: [Clause]) -> Bool {
    clauses.contains { clause in
      guard case .defaults(let inner) = clause.kind else { return false }
      return inner.contains { if case .timeout = $0.kind { true } else { false } }
    }
  }

  /// Counts a block's `default { timeout }`; gives what to take off again when it is left.
  mutating func enterDefaults(_ clauses: [Clause]) -> Int {
    let count = isGivingTimeout(clauses) ? 1 : 0
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
    var notes = runs.steps.map { note("this is not said to be idempotent", at: $0.actionSpan) }
    if runs.count > runs.steps.count {
      notes.append(Diagnostic.Note("and \(runs.count - runs.steps.count) more"))
    }
    report(
      .retryNeedsIdempotent,
      at: word,
      "'retry' in \(place.name) does all of it again, and \(others == 0 ? "a 'run' in it is" : "\(runs.count) of its 'run's are")"
        + " not said to be harmless a second time",
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
        "'retry' on a 'run' that is not said to be harmless a second time",
        notes: [
          Diagnostic.Note("'idempotent' says so; without it a command is never started twice")
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
        "the label '\(label.text)' is given twice in one phase",
        notes: [note("it is given here first", at: first)]
      )
    } else {
      labels[label.text] = label.span
    }
  }

  /// Whether the action can be done for the phase's subjects.
  private mutating func checkSubject(_ step: Step) {
    if step.action.isOfUnits { return checkSubjectOfUnits(step) }
    if !step.action.isOfReleaseJobs { return }
    let word = Span(
      step.span.start,
      min(step.span.start + UInt32(step.action.word.utf8.count), step.span.end)
    )
    let needs = "'\(step.action.word)' is done for a release job or an instance"
    switch subject {
    case .rollout: return
    case .phase(let name, let scope, let scopeSpan):
      if scope == .releaseJob, let name = step.releaseJobs.first,
        !hasMistake(in: step.span)
      {
        report(
          .narrowedStep,
          at: name.span,
          "this phase is for one release job at a time, so a step of it cannot name others",
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
        "\(needs), and the phase '\(name.text)' is per \(scope.word)",
        notes: scopeSpan.map { [note("it is said here", at: $0)] } ?? []
      )
    case .deployment:
      report(
        .wrongSubject,
        at: word,
        "\(needs), and the plan's own handlers run once for the deployment"
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
          "a 'wait' without a timeout could poll for ever",
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
  /// Whether it is a `run` that must not be started twice.
  var isPlainRun: Bool {
    guard case .run = action else { return false }
    return !clauses.contains { if case .idempotent = $0.kind { true } else { false } }
  }
}

extension Clause {
  /// Whether it asks for further attempts.
  fileprivate var isRetrying: Bool {
    guard case .retry(let retry) = kind else { return false }
    if case .literal(0, _) = retry.count { return false }
    return true
  }
}
