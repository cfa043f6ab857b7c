import PlanLanguage

// Checks of plans for machines that have nothing to do with BOSH: they have units and no release
// jobs.
extension Assembly {
  /// Reports what a phase needs of release jobs on a machine that has none, and returns whether it
  /// needs nothing.
  mutating func checkPlainMachine(_ phase: PhaseDecl, _ unit: PlanUnit) -> Bool {
    guard site.isPlain, !hasReleaseJobs else { return true }
    if phase.scope == .releaseJob {
      reportNoReleaseJobs(phase, unit)
      return false
    }
    let steps = Steps(phase.block).all.filter { $0.action.movesProcesses }
    for step in steps {
      let word = step.action.word
      sink.report(
        .noProcesses,
        at: unit.location(step.actionSpan),
        "'\(word)' is about the processes of release jobs, and this machine has none",
        notes: word == "unmonitor"
          ? [] : [Diagnostic.Note("name systemd units: \(word) unit NAME")]
      )
    }
    return steps.isEmpty
  }

  private var hasReleaseJobs: Bool {
    !deployment.subjects.members(of: .deployment, at: .releaseJob).isEmpty
  }

  private mutating func reportNoReleaseJobs(_ phase: PhaseDecl, _ unit: PlanUnit) {
    var notes: [Diagnostic.Note] = []
    let isForReleaseJobs = Self.isForReleaseJobs(phase)
    if isForReleaseJobs {
      // All phases of this kind have one cause: the plan is for another machine.
      if toldOfReleaseJobs { return }
      toldOfReleaseJobs = true
    }
    if let includedAt = unit.includedAt {
      notes.append(Diagnostic.Note("it is included here", at: includedAt))
    }
    if isForReleaseJobs {
      notes.append(
        Diagnostic.Note(
          "a release job is a folder in 'jobs' of a BOSH VM's folder; is it the right --vm?"
        )
      )
    }
    let end = phase.name.span.end
    sink.report(
      .noReleaseJobs,
      at: unit.location(phase.name.span),
      "phase '\(phase.name.text)' runs for each release job, but this machine has none",
      notes: notes,
      fixIt: isForReleaseJobs
        ? nil
        : Diagnostic.FixIt(
          "write 'per instance' to run it once on the machine",
          replacing: Span(end, end),
          with: " per instance"
        )
    )
  }

  /// Whether a phase names release jobs or does something that only release jobs have.
  private static func isForReleaseJobs(_ phase: PhaseDecl) -> Bool {
    !phase.releaseJobs.isEmpty || phase.releaseJobParam != nil
      || phase.block.hasAction(where: \.isOfReleaseJobs)
  }

  /// Warns of phases that apply to each release job in a plan that is about units.
  func warnOfPhasesBesideUnits(_ flat: [FlatItem]) {
    if isAboutKnownSubjects || sink.hasErrors { return }
    let phases = Self.phases(flat)
    let perReleaseJob = phases.filter { $0.scope == .releaseJob && $1.includedAt == nil }
    // Looking through all steps of a long plan takes time, and most plans have no such phase.
    if perReleaseJob.isEmpty { return }
    // A plan about release jobs is for a machine that has them.
    if phases.contains(where: { Self.isForReleaseJobs($0.phase) }) { return }
    guard phases.contains(where: { $0.phase.block.hasAction(where: \.isOfUnits) }) else { return }
    for (phase, unit) in perReleaseJob {
      let end = phase.name.span.end
      sink.report(
        .perReleaseJobBesideUnits,
        at: unit.location(phase.name.span),
        "phase '\(phase.name.text)' runs for each release job, but the plan is about units",
        notes: [Diagnostic.Note("a machine without BOSH has no release jobs")],
        fixIt: Diagnostic.FixIt(
          "write 'per instance' to run it once on the machine",
          replacing: Span(end, end),
          with: " per instance"
        )
      )
    }
  }

  private static func phases(_ flat: [FlatItem]) -> [(phase: PhaseDecl, unit: PlanUnit)] {
    flat.flatMap { item -> [(phase: PhaseDecl, unit: PlanUnit)] in
      switch item {
      case .phase(let phase, let unit): [(phase, unit)]
      case .barrier: []
      case .rollout(_, _, let inner): phases(inner)
      }
    }
  }
}

/// All steps of a block, in the order of the text.
private struct Steps {
  private(set) var all: [Step] = []

  init(_ block: Block) { add(block) }

  private mutating func add(_ block: Block) {
    for statement in block.statements {
      switch statement {
      case .step(let step): all.append(step)
      case .group(let group): add(group.block)
      }
    }
    for handler in block.handlers { add(handler.block) }
  }
}

extension Block {
  /// Whether a step in it, or in one of its handlers, has such an action.
  fileprivate func hasAction(where isWanted: (ActionSyntax) -> Bool) -> Bool {
    statements.contains { statement in
      switch statement {
      case .step(let step): isWanted(step.action)
      case .group(let group): group.block.hasAction(where: isWanted)
      }
    } || handlers.contains { $0.block.hasAction(where: isWanted) }
  }
}

extension ActionSyntax {
  fileprivate var movesProcesses: Bool {
    switch self {
    case .start, .stop, .unmonitor: true
    case .script, .run, .wait, .startUnits, .stopUnits, .drain: false
    }
  }
}
