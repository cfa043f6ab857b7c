// Settings for the steps inside that no step uses.

/// The settings of the blocks around a place, and whether a step uses them.
struct TakenClauses {
  /// The kinds of clauses that a `default` can contain.
  enum Tuning: Int, CaseIterable {
    case retry, timeout, grace, settle, every, strict

    init?(_ kind: Clause.Kind) {
      switch kind {
      case .retry: self = .retry
      case .timeout: self = .timeout
      case .grace: self = .grace
      case .settle: self = .settle
      case .every: self = .every
      case .strict: self = .strict
      case .defaults, .env, .limit, .when, .idempotent, .optional: return nil
      }
    }
  }

  /// By kind, outermost first: the place of the clause in a `default`, and whether a step uses it.
  fileprivate var tunings = [[(span: Span, isTaken: Bool)]](
    repeating: [],
    count: Tuning.allCases.count
  )
  /// How many steps with an environment were seen so far, and how many steps in total.
  fileprivate var withEnvironment = 0
  fileprivate var steps = 0
}

/// The counts at the beginning of a block.
struct BlockEntry {
  fileprivate var withEnvironment: Int
  fileprivate var steps: Int
}

extension TreeChecker {
  /// Records the settings of a block for the steps inside.
  mutating func enter(_ clauses: [Clause]) -> BlockEntry {
    for clause in clauses {
      guard case .defaults(let inner) = clause.kind else { continue }
      for clause in inner {
        guard let tuning = TakenClauses.Tuning(clause.kind) else { continue }
        taken.tunings[tuning.rawValue].append((clause.span, false))
      }
    }
    return BlockEntry(withEnvironment: taken.withEnvironment, steps: taken.steps)
  }

  /// Reports the settings that no step inside uses, each with `note`.
  mutating func leave(_ clauses: [Clause], _ entry: BlockEntry, note: String? = nil) {
    let notes = note.map { [Diagnostic.Note($0)] } ?? []
    for clause in clauses.reversed() {
      switch clause.kind {
      case .defaults(let inner):
        for clause in inner.reversed() {
          guard let tuning = TakenClauses.Tuning(clause.kind),
            let last = taken.tunings[tuning.rawValue].popLast(), !last.isTaken
          else { continue }
          untaken(clause.kind.word, at: last.span, "no step inside uses it", notes)
        }
      case .env where taken.withEnvironment == entry.withEnvironment:
        untaken("env", at: clause.span, "no process starts inside", notes)
      default: break
      }
    }
  }

  /// Reports the limit of a plan without steps of its own.
  mutating func leave(limit clauses: [Clause], note: String?) {
    guard taken.steps == 0, let limit = clauses.first(where: \.isLimit) else { return }
    let notes = note.map { [Diagnostic.Note($0)] } ?? []
    untaken("limit", at: limit.span, "it counts the steps of this plan, and there are none", notes)
  }

  /// Records what a step uses from the blocks around it, and reports an `env` that it cannot use.
  mutating func take(_ step: Step) {
    taken.steps += 1
    let place = Placement.Place(step.action)
    var said: Set<Int> = []
    for clause in step.clauses {
      if let tuning = TakenClauses.Tuning(clause.kind) { said.insert(tuning.rawValue) }
    }
    for tuning in TakenClauses.Tuning.allCases where !said.contains(tuning.rawValue) {
      let takes =
        switch tuning {
        case .retry: !step.isPlainRun
        case .timeout, .grace: true
        case .settle: place == .start
        case .every: place == .wait
        case .strict: place == .drain
        }
      let last = taken.tunings[tuning.rawValue].count - 1
      if takes, last >= 0 { taken.tunings[tuning.rawValue][last].isTaken = true }
    }
    if step.action.hasEnvironment {
      taken.withEnvironment += 1
      return
    }
    // On a step of units, `env` is an error, which `checkUnitStep` reports.
    if step.action.isOfUnits { return }
    for clause in step.clauses {
      guard case .env = clause.kind else { continue }
      untaken("env", at: clause.span, "this '\(step.action.word)' has no process of its own")
    }
  }

  /// Reports the limit of a `parallel` that has fewer children than the limit.
  mutating func checkLimit(of group: Group) {
    guard group.kind == .parallel, let clause = group.block.clauses.first(where: \.isLimit),
      case .limit(.count(let limit, _)) = clause.kind
    else { return }
    let children = group.block.statements
    // A step for the release jobs of an instance becomes one step for each of them.
    let isCounted = children.allSatisfy {
      if case .step(let step) = $0 { !isOfSeveral(step) } else { true }
    }
    if isCounted, !children.isEmpty, limit > children.count {
      untaken("limit", at: clause.span, "only \(children.count) can run at a time anyway")
    }
  }

  private func isOfSeveral(_ step: Step) -> Bool {
    if !step.action.isOfReleaseJobs { return false }
    if case .phase(_, let scope, _) = subject { return scope > .releaseJob }
    return true
  }

  private mutating func untaken(
    _ word: String,
    at span: Span,
    _ reason: String,
    _ notes: [Diagnostic.Note] = []
  ) {
    report(.takenByNothing, at: span, "this '\(word)' has no effect: \(reason)", notes: notes)
  }
}

extension ActionSyntax {
  /// Whether it starts processes with the plan's variables.
  fileprivate var hasEnvironment: Bool {
    switch self {
    case .script, .run, .drain, .wait(.command): true
    case .start, .stop, .startUnits, .stopUnits, .unmonitor, .wait(.tcp), .wait(.file): false
    }
  }
}

extension Clause {
  fileprivate var isLimit: Bool { if case .limit = kind { true } else { false } }
}
