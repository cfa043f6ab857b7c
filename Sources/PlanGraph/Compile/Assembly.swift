import PlanLanguage

/// A compilation in progress.
struct Assembly {
  let site: Site
  let root: PlanUnit
  package let units: [PlanUnit]
  let sink: DiagnosticSink
  var items: Table<ItemID, GraphItem> = []
  var compiler: PhaseCompiler
  var deployment: DeploymentBuilder
  /// The names of statements in handlers of rollouts.
  ///
  /// They all share the prefix `rollout`.
  let rolloutNames = PhaseCompiler.StatementNames()
  /// The names of statements in the plan's handlers.
  ///
  /// They share the plan's name as prefix.
  let planNames = PhaseCompiler.StatementNames()
  /// Phases that were reported to apply to nothing.
  var selectingNothing: Set<ItemID> = []
  var firstPhase: [String: (at: Location, includedAt: Location?)] = [:]
  /// Whether it was reported that the machine has none of the release jobs that the plan is for.
  var toldOfReleaseJobs = false

  init(site: Site, root: PlanUnit, units: [PlanUnit], sink: DiagnosticSink) {
    self.site = site
    self.root = root
    self.units = units
    self.sink = sink
    compiler = PhaseCompiler(site: site, sink: sink)
    let values = ValueReader(file: root.source.id, parameters: root.parameters, sink: sink)
    deployment = DeploymentBuilder(site: site, unit: root, values: values, sink: sink)
  }

  func mentionedReleaseJobs(_ flat: [FlatItem]) -> [String] {
    var seen: Set<String> = []
    var names: [String] = []
    for item in flat {
      switch item {
      case .phase(let phase, _):
        for name in phase.releaseJobs + releaseJobs(namedIn: phase.block)
        where isUsableName(name.text) && seen.insert(name.text).inserted {
          names.append(name.text)
        }
      case .barrier: break
      case .rollout(let rollout, _, let inner):
        let ofHandlers = rollout.handlers.flatMap { releaseJobs(namedIn: $0.block) }.map(\.text)
        for name in mentionedReleaseJobs(inner) + ofHandlers.filter(isUsableName)
        where seen.insert(name).inserted {
          names.append(name)
        }
      }
    }
    return names
  }

  // MARK: Items

  mutating func compile(
    _ flat: inout [FlatItem],
    _ contexts: [FileID: PhaseCompiler.Context],
    rollout: ItemID?
  ) -> [CompiledItem] {
    var result: [CompiledItem] = []
    for index in flat.indices {
      let item = flat[index]
      let id = items.endIndex
      switch item {
      case .phase(let phase, let unit):
        guard var context = contexts[unit.source.id] else { continue }
        items.append(
          GraphItem(
            kind: .phase,
            name: phase.name.text,
            scope: phase.scope,
            location: unit.location(phase.name.span),
            documentation: phase.documentation,
            rollout: rollout
          )
        )
        reportIfTwice(phase, unit)
        context.item = id
        context = context.with(statementNames(of: phase))
        result.append(.phase(compile(phase, unit, context)))
        var rest = phase
        rest.block.statements = []
        rest.block.handlers = []
        flat[index] = .phase(rest, unit)
      case .barrier(let barrier, let unit):
        items.append(
          GraphItem(
            kind: .barrier,
            name: "",
            scope: barrier.scope,
            location: unit.location(barrier.span),
            documentation: barrier.documentation,
            rollout: rollout
          )
        )
        result.append(.barrier(id, barrier.scope))
      case .rollout(let declaration, let unit, let inner):
        items.append(
          GraphItem(
            kind: .rollout,
            name: "rollout",
            scope: .deploymentJob,
            location: unit.location(declaration.span),
            documentation: declaration.documentation,
            rollout: nil
          )
        )
        var inner = inner
        let compiledItems = compile(&inner, contexts, rollout: id)
        guard let context = contexts[unit.source.id] else { continue }
        let (blocks, entry) = compiler.rollout(
          declaration,
          context.values,
          jobs: deployment.jobs,
          subjects: deployment.subjects,
          item: id,
          location: unit.location(declaration.span)
        )
        result.append(
          .rollout(
            CompiledRollout(
              item: id,
              blocks: blocks,
              entry: entry,
              items: compiledItems,
              handlers: compileHandlers(of: declaration, unit, context, item: id)
            )
          )
        )
      }
    }
    return result
  }

  /// The names for a phase's statements: new ones, unless handlers may have the same prefix.
  private func statementNames(of phase: PhaseDecl) -> PhaseCompiler.StatementNames {
    if phase.name.text == "rollout" { return rolloutNames }
    return phase.scope == .deployment && phase.name.text == root.plan.name.text
      ? planNames : PhaseCompiler.StatementNames()
  }

  /// The handlers of an instance's way through a rollout.
  private mutating func compileHandlers(
    of rollout: RolloutDecl,
    _ unit: PlanUnit,
    _ context: PhaseCompiler.Context,
    item: ItemID
  ) -> [(isFailure: Bool, block: CompiledBlock)] {
    let context = context.forHandlers(item, of: .instance, rolloutNames)
    // They are compiled once, for all instances.
    compiler.facts.enter(.deployment, "a rollout's handlers have one text for all of them")
    defer { _ = compiler.facts.leave() }
    return rollout.handlers.map { handler in
      _ = checkReleaseJobs(
        releaseJobs(namedIn: handler.block),
        unit,
        isWanted: deployment.isDeclared
      )
      return (handler.kind == .onFailure, compiler.compile(handler, context))
    }
  }

  private mutating func reportIfTwice(_ phase: PhaseDecl, _ unit: PlanUnit) {
    let here = unit.location(phase.name.span)
    guard let earlier = firstPhase[phase.name.text] else {
      firstPhase[phase.name.text] = (here, unit.includedAt)
      return
    }
    var notes = [Diagnostic.Note("the first one is here", at: earlier.at)]
    if let includedAt = earlier.includedAt {
      notes.append(Diagnostic.Note("the first one is included here", at: includedAt))
    }
    if let includedAt = unit.includedAt {
      notes.append(Diagnostic.Note("the second one is included here", at: includedAt))
    }
    sink.report(
      .duplicatePhase,
      at: here,
      "a second phase '\(phase.name.text)'",
      notes: notes
    )
  }

  private mutating func compile(
    _ phase: PhaseDecl,
    _ unit: PlanUnit,
    _ context: PhaseCompiler.Context
  ) -> CompiledPhase {
    let namesAreKnown = checkPlainMachine(phase, unit) && checkNames(phase, unit)
    // An unknown name was reported.
    if !namesAreKnown { selectingNothing.insert(context.item) }
    var compiled = CompiledPhase(
      item: context.item,
      scope: phase.scope,
      deploymentJobs: phase.deploymentJobs.isEmpty ? nil : Set(phase.deploymentJobs.map(\.text)),
      releaseJobs: phase.releaseJobs.isEmpty ? nil : Set(phase.releaseJobs.map(\.text)),
      releaseJobParam: phase.releaseJobParam?.text,
      isSideBySide: phase.sideBySideSpan != nil && phase.scope < .deployment,
      body: CompiledBlock(template: nil, isParallel: false, statements: []),
      movesProcesses: false
    )
    let (count, first) = selected(compiled)
    if count == 0, namesAreKnown, phase.scope != .deployment, isAboutKnownSubjects,
      !(phase.deploymentJobs.isEmpty && phase.releaseJobs.isEmpty)
    {
      selectingNothing.insert(context.item)
      sink.report(
        .phaseSelectsNothing,
        at: unit.location(phase.name.span),
        "phase '\(phase.name.text)' applies to no \(phase.scope.word)",
        notes: [Diagnostic.Note("nothing matches both 'in' and 'for'")]
      )
    }
    compile(&compiled, phase, context, count: count, first: first)
    compiled.movesProcesses = movesProcesses(compiled.body)
    return compiled
  }

  private func movesProcesses(_ block: CompiledBlock) -> Bool {
    block.statements.contains {
      switch $0 {
      case .step(_, .processes, _): true
      case .step(let id, _, _): !compiler.steps[id].action.units.isEmpty
      case .block(let inner): movesProcesses(inner)
      }
    }
  }

  /// Whether the names of release jobs are really known.
  var isAboutKnownSubjects: Bool { deployment.knowsReleaseJobs }

  private func selected(_ phase: CompiledPhase) -> (count: Int, first: SubjectID?) {
    let subjects = deployment.subjects
    var count = 0
    var first: SubjectID?
    for subject in subjects.members(of: .deployment, at: phase.scope)
    where phase.selects(subject, in: subjects) {
      count += 1
      first = first ?? subject
    }
    return (count, first)
  }
}
