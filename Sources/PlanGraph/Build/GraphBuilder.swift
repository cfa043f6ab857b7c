package import PlanLanguage

/// Everything that a compilation is made from.
package struct BuildInput {
  /// The parsed plan.
  package var plan: PlanFile
  /// What tells the plan's file from others: two ways to name one file have the same key.
  package var key: String
  /// Values for its parameters, by name.
  package var parameters: [String: String]
  package var site: Site
  package var loadInclude: IncludeLoader

  /// Makes an input.
  package init(
    plan: PlanFile,
    key: String = "",
    parameters: [String: String] = [:],
    site: Site = .unknown,
    loadInclude: @escaping IncludeLoader = { _, _ in
      .missing(reason: "nothing can be included here", known: [])
    }
  ) {
    self.plan = plan
    self.key = key
    self.parameters = parameters
    self.site = site
    self.loadInclude = loadInclude
  }
}

/// What a compilation gives.
package struct BuildResult {
  /// nil where there is an error among the diagnostics, or no plan at all.
  package var graph: Graph?
  /// Without those of the plan's own text, which came with the parsed plan.
  package var diagnostics: [Diagnostic]
  /// How many more were found than are kept.
  package var omitted: Int
  /// The files, by `FileID`.
  package var sources: [SourceFile]
}

/// Compiles a plan, with its parameters and what is known of the machines, into a graph.
package enum GraphBuilder {
  /// Compiles; never fails, whatever the tree.
  package static func build(_ input: BuildInput) -> BuildResult {
    let sink = DiagnosticSink()
    var expander = IncludeExpander(loader: input.loadInclude, given: input.parameters, sink: sink)
    let flat = expander.expand(input.plan, key: input.key)
    guard let root = expander.units.first, input.plan.plan != nil else {
      return BuildResult(
        graph: nil,
        diagnostics: sink.diagnostics,
        omitted: sink.omitted,
        sources: expander.sources
      )
    }
    reportUnknownGiven(input.parameters, expander, root, sink)
    var assembly = Assembly(input: input, root: root, units: expander.units, sink: sink)
    let graph = assembly.assemble(flat, sources: expander.sources)
    return BuildResult(
      graph: sink.hasErrors ? nil : graph,
      diagnostics: sink.diagnostics,
      omitted: sink.omitted,
      sources: expander.sources
    )
  }

  private static func reportUnknownGiven(
    _ given: [String: String],
    _ expander: IncludeExpander,
    _ root: PlanUnit,
    _ sink: DiagnosticSink
  ) {
    let known = Set(expander.units.flatMap { $0.parameters.names })
    for name in given.keys.sorted() where !known.contains(name) {
      var notes: [Diagnostic.Note] = []
      if let near = nearMiss(name, among: known.sorted()) {
        notes.append(Diagnostic.Note("there is '\(near)'"))
      } else if !known.isEmpty {
        notes.append(Diagnostic.Note("there is \(listed(known.sorted()))"))
      }
      sink.report(
        .unknownParam,
        at: root.location(root.plan.name.span),
        "plan '\(root.plan.name.text)' has no param '\(name)' to set",
        notes: notes
      )
    }
  }
}

/// One compilation under way.
private struct Assembly {
  let input: BuildInput
  let root: PlanUnit
  let units: [PlanUnit]
  let sink: DiagnosticSink
  private var items: [GraphItem] = []
  private var compiler: PhaseCompiler
  private var deployment: DeploymentBuilder
  private var firstPhase: [String: (at: Location, includedAt: Location?)] = [:]

  init(input: BuildInput, root: PlanUnit, units: [PlanUnit], sink: DiagnosticSink) {
    self.input = input
    self.root = root
    self.units = units
    self.sink = sink
    compiler = PhaseCompiler(site: input.site, sink: sink)
    let values = ValueReader(file: root.source.id, parameters: root.parameters, sink: sink)
    deployment = DeploymentBuilder(site: input.site, unit: root, values: values, sink: sink)
  }

  mutating func assemble(_ flat: [FlatItem], sources: [SourceFile]) -> Graph {
    deployment.build(mentioned: mentionedReleaseJobs(flat))
    var contexts: [FileID: PhaseCompiler.Context] = [:]
    var rootSettings: Settings?
    for unit in units {
      let (context, settings) = compiler.context(of: unit, item: ItemID(0))
      contexts[unit.source.id] = context
      if unit === root { rootSettings = settings }
    }
    let compiled = compile(flat, contexts, rollout: nil)
    nameBarriers()
    warnOfIdleBarriers(flat)
    warnOfSplits(compiled)

    let planBlock = compilePlanBlock(rootSettings, contexts)
    var emitter = Emitter(subjects: deployment.subjects, site: input.site, steps: compiler.steps)
    // With a mistake in the text the graph is of no use to anyone, and its size may be the mistake.
    if !sink.hasErrors { emit(compiled, planBlock, into: &emitter) }
    let (start, list) = transposed(emitter)
    return Graph(
      planName: root.plan.name.text,
      documentation: root.plan.documentation,
      subjects: deployment.subjects,
      items: items,
      steps: compiler.steps,
      blockTemplates: compiler.blocks,
      blocks: emitter.blocks,
      limits: compiler.limits,
      nodes: emitter.nodes,
      sources: sources,
      predecessorStart: emitter.predecessorStart,
      predecessorList: emitter.predecessorList,
      successorStart: start,
      successorList: list
    )
  }

  private func mentionedReleaseJobs(_ flat: [FlatItem]) -> [String] {
    var seen: Set<String> = []
    var names: [String] = []
    for item in flat {
      switch item {
      case .phase(let phase, _):
        for name in phase.releaseJobs
        where isUsableName(name.text) && seen.insert(name.text).inserted {
          names.append(name.text)
        }
      case .barrier: break
      case .rollout(_, _, let inner):
        for name in mentionedReleaseJobs(inner) where seen.insert(name).inserted {
          names.append(name)
        }
      }
    }
    return names
  }

  // MARK: Items

  private mutating func compile(
    _ flat: [FlatItem],
    _ contexts: [FileID: PhaseCompiler.Context],
    rollout: ItemID?
  ) -> [CompiledItem] {
    var result: [CompiledItem] = []
    for item in flat {
      let id = ItemID(UInt32(items.count))
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
        context = context.withFreshNames()
        result.append(.phase(compile(phase, unit, context)))
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
        let compiledItems = compile(inner, contexts, rollout: id)
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
          .rollout(CompiledRollout(item: id, blocks: blocks, entry: entry, items: compiledItems))
        )
      }
    }
    return result
  }

  private mutating func reportIfTwice(_ phase: PhaseDecl, _ unit: PlanUnit) {
    let here = unit.location(phase.name.span)
    guard let earlier = firstPhase[phase.name.text] else {
      firstPhase[phase.name.text] = (here, unit.includedAt)
      return
    }
    var notes = [Diagnostic.Note("the first one is here", at: earlier.at)]
    if let includedAt = earlier.includedAt {
      notes.append(Diagnostic.Note("the first one comes in by this include", at: includedAt))
    }
    if let includedAt = unit.includedAt {
      notes.append(Diagnostic.Note("the second one comes in by this include", at: includedAt))
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
    let namesAreKnown = checkNames(phase, unit)
    var compiled = CompiledPhase(
      item: context.item,
      scope: phase.scope,
      deploymentJobs: phase.deploymentJobs.isEmpty ? nil : Set(phase.deploymentJobs.map(\.text)),
      releaseJobs: phase.releaseJobs.isEmpty ? nil : Set(phase.releaseJobs.map(\.text)),
      body: CompiledBlock(template: nil, isParallel: false, statements: []),
      movesProcesses: false
    )
    let count = selectedCount(compiled)
    if count == 0, namesAreKnown, phase.scope != .deployment, isAboutKnownSubjects,
      !(phase.deploymentJobs.isEmpty && phase.releaseJobs.isEmpty)
    {
      sink.report(
        .phaseSelectsNothing,
        at: unit.location(phase.name.span),
        "phase '\(phase.name.text)' applies to no \(phase.scope.word)",
        notes: [Diagnostic.Note("nothing is in both of what 'in' and 'for' say")]
      )
    }
    compiled.body = compiler.compile(phase, context, subjectCount: count)
    compiled.movesProcesses = movesProcesses(compiled.body)
    return compiled
  }

  private func movesProcesses(_ block: CompiledBlock) -> Bool {
    block.statements.contains {
      switch $0 {
      case .step(_, .processes): true
      case .step: false
      case .block(let inner): movesProcesses(inner)
      }
    }
  }

  /// Whether the names of release jobs are really known.
  private var isAboutKnownSubjects: Bool {
    deployment.isDeclared || input.site.discovered != nil
  }

  private func selectedCount(_ phase: CompiledPhase) -> Int {
    let subjects = deployment.subjects
    return subjects.members(of: .deployment, at: phase.scope)
      .reduce(0) { $0 + (phase.selects($1, in: subjects) ? 1 : 0) }
  }

  // MARK: Names

  /// Reports names after `in` and `for` that nobody has; says whether all are had by somebody.
  private func checkNames(_ phase: PhaseDecl, _ unit: PlanUnit) -> Bool {
    if phase.scope == .deployment, let name = (phase.deploymentJobs + phase.releaseJobs).first {
      sink.report(
        .narrowsNothing,
        at: unit.location(name.span),
        "a phase per deployment happens once, whatever it is narrowed to",
        notes: [Diagnostic.Note("take the narrowing away, or the 'per deployment'")]
      )
      return false
    }
    guard isAboutKnownSubjects else { return true }
    let jobs = deployment.jobs.map(\.name)
    let unknownJobs = phase.deploymentJobs.filter { !jobs.contains($0.text) }
    for name in unknownJobs {
      sink.reportUnknown(
        deployment.isDeclared ? .unknownDeploymentJob : .nameNotFound,
        name,
        in: unit.source.id,
        "no deployment job '\(name.text)' \(deployment.isDeclared ? "in this plan" : "on this machine")",
        known: jobs
      )
    }
    if phase.releaseJobs.isEmpty { return unknownJobs.isEmpty }
    let known = knownReleaseJobs()
    let unknown = phase.releaseJobs.filter { !known.contains($0.text) }
    for name in unknown {
      sink.reportUnknown(
        deployment.isDeclared ? .unknownReleaseJob : .nameNotFound,
        name,
        in: unit.source.id,
        "no release job '\(name.text)' "
          + (deployment.isDeclared ? "in any deployment job" : "on this machine"),
        known: known.sorted()
      )
    }
    return unknownJobs.isEmpty && unknown.isEmpty
  }

  private func knownReleaseJobs() -> Set<String> {
    let subjects = deployment.subjects
    var names: Set<String> = []
    for job in deployment.jobs {
      // All instances of a deployment job hold the same release jobs.
      guard let instance = subjects.members(of: job.subject, at: .instance).first else { continue }
      for releaseJob in subjects.members(of: instance, at: .releaseJob) {
        names.insert(subjects.name(releaseJob))
      }
    }
    return names
  }

  private mutating func nameBarriers() {
    var next = "final"
    for index in items.indices.reversed() {
      switch items[index].kind {
      case .phase: next = items[index].name
      case .barrier: items[index].name = "\(next) barrier"
      case .rollout, .planHandlers: break
      }
    }
  }

  // MARK: Warnings

  private func warnOfIdleBarriers(_ flat: [FlatItem]) {
    var narrowest: Scope?
    for item in flat {
      switch item {
      case .phase(let phase, _):
        narrowest = min(narrowest ?? phase.scope, phase.scope)
      case .rollout(_, _, let inner):
        warnOfIdleBarriers(inner)
        narrowest = min(narrowest ?? .deploymentJob, .deploymentJob)
      case .barrier(let barrier, let unit):
        let hasWork = narrowest.map { $0 < barrier.scope } ?? false
        // A barrier at the end is for plans that include this one.
        if !hasWork {
          sink.report(
            .barrierJoinsNothing,
            at: unit.location(barrier.span),
            "this barrier joins nothing: what comes before it is joined already",
            notes: [Diagnostic.Note("it can be taken away")]
          )
        }
        if hasWork { narrowest = barrier.scope }
      }
    }
  }

  /// `web after db` is kept within each stretch between two deployment-wide joins.
  ///
  /// Where processes of `db` move in a later stretch than work on `web`, that is easily not what
  /// was meant.
  private func warnOfSplits(_ compiled: [CompiledItem]) {
    for (index, job) in deployment.jobs.enumerated() {
      for earlier in job.after {
        var worked: ItemID?
        var join: ItemID?
        for item in compiled {
          if item.isDeploymentWide {
            if worked != nil, join == nil { join = itemID(item) }
            continue
          }
          if let join, let worked, moves(item, deployment.jobs[earlier]) {
            sink.report(
              .joinSplitsAfter,
              at: items[Int(join.index)].location,
              "this joins the whole deployment between parts of '\(job.name)' after "
                + "'\(deployment.jobs[earlier].name)'",
              notes: [
                Diagnostic.Note(
                  "'\(deployment.jobs[earlier].name)' starts or stops here, after work on '\(job.name)'",
                  at: items[Int(itemID(item).index)].location
                ),
                Diagnostic.Note(
                  "work on '\(job.name)' that comes before it",
                  at: items[Int(worked.index)].location
                ),
              ]
            )
            break
          }
          if worked == nil, applies(item, to: deployment.jobs[index]) { worked = itemID(item) }
        }
      }
    }
  }

  private func itemID(_ item: CompiledItem) -> ItemID {
    switch item {
    case .phase(let phase): phase.item
    case .barrier(let id, _): id
    case .rollout(let rollout): rollout.item
    }
  }

  private func applies(_ item: CompiledItem, to job: DeploymentJob) -> Bool {
    switch item {
    case .phase(let phase): phase.deploymentJobs?.contains(job.name) ?? true
    case .barrier: false
    case .rollout(let rollout): rollout.items.contains { applies($0, to: job) }
    }
  }

  private func moves(_ item: CompiledItem, _ job: DeploymentJob) -> Bool {
    switch item {
    case .phase(let phase): phase.movesProcesses && applies(item, to: job)
    case .barrier: false
    case .rollout(let rollout): rollout.items.contains { moves($0, job) }
    }
  }

  // MARK: The graph

  /// The block of the whole plan, where it has a timeout or handlers; else nil.
  private mutating func compilePlanBlock(
    _ settings: Settings?,
    _ contexts: [FileID: PhaseCompiler.Context]
  ) -> (template: BlockTemplateID, handlers: [(isFailure: Bool, block: CompiledBlock)])? {
    let hasHandlers = units.contains { !$0.plan.handlers.isEmpty }
    guard settings?.timeout != nil || hasHandlers else { return nil }
    let item = ItemID(UInt32(items.count))
    items.append(
      GraphItem(
        kind: .planHandlers,
        name: root.plan.name.text,
        scope: .deployment,
        location: root.location(root.plan.name.span),
        documentation: nil,
        rollout: nil
      )
    )
    let template = compiler.planBlock(
      name: root.plan.name.text,
      timeout: settings?.timeout,
      item: item,
      location: root.location(root.plan.name.span)
    )
    var handlers: [(isFailure: Bool, block: CompiledBlock)] = []
    let names = PhaseCompiler.StatementNames()
    for unit in units {
      guard let context = contexts[unit.source.id]?.forPlanHandlers(item, names) else { continue }
      for handler in unit.plan.handlers {
        handlers.append((handler.kind == .onFailure, compiler.compile(handler, context)))
      }
    }
    return (template, handlers)
  }

  private func emit(
    _ compiled: [CompiledItem],
    _ planBlock: (template: BlockTemplateID, handlers: [(isFailure: Bool, block: CompiledBlock)])?,
    into emitter: inout Emitter
  ) {
    var plan: BlockID?
    if let planBlock {
      let id = emitter.open(planBlock.template, on: .deployment, after: [])
      emitter.frontier.set(.deployment, emitter.blocks[Int(id.index)].begin.index)
      plan = id
    }
    var stretch: [CompiledItem] = []
    for item in compiled {
      if item.isDeploymentWide {
        emit(stretch: stretch, into: &emitter)
        stretch = []
        emitter.emit(item, within: .deployment)
      } else {
        stretch.append(item)
      }
    }
    emit(stretch: stretch, into: &emitter)
    if let plan, let planBlock {
      let exits = emitter.frontier.take(.deployment)
      for handler in planBlock.handlers {
        emitter.emitHandler(
          handler.block,
          on: .deployment,
          of: plan,
          isFailure: handler.isFailure
        )
      }
      _ = emitter.close(plan, after: exits)
    }
  }

  /// Everything between two deployment-wide joins: deployment job after deployment job, as `after`
  /// orders them; each waits for the last of those that it comes after, whether or not they had
  /// anything to do themselves.
  private func emit(stretch: [CompiledItem], into emitter: inout Emitter) {
    guard let first = stretch.first else { return }
    var hasDependents = [Bool](repeating: false, count: deployment.jobs.count)
    for job in deployment.jobs { for earlier in job.after { hasDependents[earlier] = true } }
    var exits = [UInt32?](repeating: nil, count: deployment.jobs.count)
    for index in deployment.order {
      let job = deployment.jobs[index]
      let before = Set(job.after.compactMap { exits[$0] }).sorted()
      if let entry = emitter.joined(before, itemID(first), job.subject) {
        emitter.frontier.set(job.subject, entry)
      }
      for item in stretch {
        if case .rollout(let rollout) = item {
          emitter.emit(rollout, on: job.subject, at: index)
        } else {
          emitter.emit(item, within: job.subject)
        }
      }
      if hasDependents[index], let tails = emitter.frontier.takeInside(job.subject),
        let exit = emitter.joined(tails, itemID(first), job.subject)
      {
        emitter.frontier.set(job.subject, exit)
        exits[index] = exit
      }
    }
  }

  /// The successors from the predecessors, by counting.
  private func transposed(_ emitter: Emitter) -> (start: [UInt32], list: [UInt32]) {
    let count = emitter.nodes.count
    var start = [UInt32](repeating: 0, count: count + 1)
    for predecessor in emitter.predecessorList { start[Int(predecessor) + 1] += 1 }
    for index in 0..<count { start[index + 1] += start[index] }
    var next = start
    var list = [UInt32](repeating: 0, count: emitter.predecessorList.count)
    for node in 0..<count {
      let range = Int(emitter.predecessorStart[node])..<Int(emitter.predecessorStart[node + 1])
      for edge in range {
        let predecessor = Int(emitter.predecessorList[edge])
        list[Int(next[predecessor])] = UInt32(node)
        next[predecessor] += 1
      }
    }
    return (start, list)
  }
}
