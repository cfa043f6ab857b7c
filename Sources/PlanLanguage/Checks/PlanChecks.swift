// The plan, its deployment jobs and rollouts.
extension TreeChecker {
  mutating func check(_ plan: PlanDecl) {
    check(plan.clauses, in: .plan)
    let timeouts = enterDefaults(plan.clauses)
    let entry = enter(plan.clauses)
    for item in plan.items {
      switch item {
      case .phase(let phase):
        check(phase)
        if let span = phase.sideBySideSpan, phase.scope == .deployment {
          sideBySide(span, "a phase per deployment happens once")
        }
      case .deploymentJob(let job): check(job)
      case .rollout(let rollout): check(rollout)
      case .param(let param): check(param)
      case .include, .barrier: break
      }
    }
    subject = .deployment
    labels = [:]
    for handler in plan.handlers { _ = check(handler) }
    defaultTimeouts -= timeouts
    let includes = plan.items.contains(where: \.isInclude)
    if includes || !plan.items.isEmpty || !plan.handlers.isEmpty {
      let note =
        includes ? "an included plan has its own clauses, and takes none from this plan" : nil
      leave(plan.clauses, entry, note: note)
      leave(limit: plan.clauses, note: note)
    }
    check(plan.tests, of: plan)
  }

  private mutating func check(_ param: ParamDecl) {
    guard case .percent(let percent)? = param.value?.kind, percent > 100, let value = param.value
    else { return }
    report(.valueOutOfRange, at: value.span, "a percentage is at most 100%, not \(percent)%")
  }

  private mutating func check(_ phase: PhaseDecl) {
    subject = .phase(name: phase.name, scope: phase.scope, scopeSpan: phase.scopeSpan)
    labels.removeAll(keepingCapacity: true)
    _ = check(phase.block, in: .phase)
  }

  private mutating func check(_ job: DeploymentJobDecl) {
    var seen: [(word: String, span: Span)] = []
    for clause in job.clauses {
      let word: String
      let span: Span
      switch clause {
      case .releaseJobs(_, let place): (word, span) = ("release-jobs", place)
      case .instances(_, let place): (word, span) = ("instances", place)
      case .after(_, let place): (word, span) = ("after", place)
      case .pace(let pace):
        (word, span) = (pace.word, pace.span)
        check(pace)
      }
      if let first = seen.first(where: { $0.word == word }) {
        twice("'\(word)'", at: span, first: first.span, "the deployment job")
      } else {
        seen.append((word, span))
      }
    }
  }

  private mutating func check(_ rollout: RolloutDecl) {
    var seen: [Pace] = []
    for pace in rollout.pace {
      check(pace)
      if let first = seen.first(where: { $0.kind == pace.kind }) {
        twice("'\(pace.word)'", at: pace.span, first: first.span, "the rollout")
      } else {
        seen.append(pace)
      }
    }
    defer { check(handlersOf: rollout) }
    let keyword = Span(rollout.span.start, min(rollout.span.start + 7, rollout.span.end))
    for item in rollout.items {
      switch item {
      case .phase(let phase):
        check(phase)
        if let span = phase.sideBySideSpan {
          sideBySide(span, "'after' orders nothing in the rollout of a deployment job")
        }
        if phase.scope > .instance, let span = phase.scopeSpan {
          tooWide("a phase per \(phase.scope.word)", at: span, rollout: keyword)
        }
      case .barrier(let barrier):
        if barrier.scope > .instance {
          tooWide("a barrier across \(barrier.scope.word)", at: barrier.scopeSpan, rollout: keyword)
        }
      case .include: break
      }
    }
  }

  /// Checks the handlers of a rollout.
  ///
  /// The handlers of all rollouts share their labels, because all their names begin with `rollout`.
  private mutating func check(handlersOf rollout: RolloutDecl) {
    if rollout.handlers.isEmpty { return }
    subject = .rollout
    labels = rolloutLabels
    for handler in rollout.handlers { _ = check(handler) }
    rolloutLabels = labels
  }

  private mutating func sideBySide(_ span: Span, _ reason: String) {
    report(
      .sideBySideOfNothing,
      at: span,
      "'side-by-side' has no effect here: \(reason)",
      fixIt: .remove(span)
    )
  }

  private mutating func tooWide(_ what: String, at span: Span, rollout: Span) {
    report(
      .wideJoinInRollout,
      at: span,
      "\(what) is not allowed in a rollout: it would wait forever for instances that have not"
        + " entered",
      notes: [
        note(
          "the rollout begins here; put what joins more than an instance after it",
          at: rollout
        )
      ]
    )
  }

  private mutating func check(_ pace: Pace) {
    switch pace.amount {
    case .count(0, let span) where pace.kind == .maxInFlight,
      .percent(0, let span) where pace.kind == .maxInFlight:
      report(.valueOutOfRange, at: span, "'max-in-flight' must be at least 1")
    case .percent(let percent, let span) where percent > 100:
      report(.valueOutOfRange, at: span, "a percentage is at most 100%, not \(percent)%")
    case .count, .percent, .param: break
    }
  }

  /// Reports something that appears twice.
  mutating func twice(_ what: String, at span: Span, first: Span, _ place: String) {
    report(
      .duplicateClause,
      at: span,
      "\(what) appears twice in \(place)",
      notes: [note("it appears here first", at: first)]
    )
  }
}

extension Pace {
  /// The keyword.
  fileprivate var word: String { kind == .canaries ? "canaries" : "max-in-flight" }
}

extension Item {
  /// Whether it may include another plan.
  fileprivate var isInclude: Bool {
    switch self {
    case .include: true
    case .rollout(let rollout):
      rollout.items.contains { if case .include = $0 { true } else { false } }
    case .param, .deploymentJob, .phase, .barrier: false
    }
  }
}
