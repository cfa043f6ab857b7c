import PlanLanguage

extension Assembly {
  /// Compiles the items, removes their bodies, and puts them on their subjects.
  mutating func assemble(_ flat: inout [FlatItem], sources: [SourceFile]) -> Graph {
    deployment.build(mentioned: mentionedReleaseJobs(flat))
    compiler.facts.know(deployment.subjects, isDeclared: deployment.isDeclared)
    var contexts: [FileID: PhaseCompiler.Context] = [:]
    var rootSettings: Settings?
    for unit in units {
      let (context, settings) = compiler.context(of: unit, item: ItemID(0))
      contexts[unit.source.id] = context
      if unit === root { rootSettings = settings }
    }
    warnOfPhasesBesideUnits(flat)
    compiler.reserve(flat.reduce(0) { $0 + $1.stepCount })
    let compiled = compile(&flat, contexts, rollout: nil)
    nameBarriers()
    // Something missing because of a mistake should not cause a warning too.
    if !sink.hasErrors {
      reportEmpty(flat)
      warnOfIdleBarriers(flat)
      warnOfSplits(compiled)
    }

    let planBlock = compilePlanBlock(rootSettings, contexts)
    var emitter = Emitter(subjects: deployment.subjects, site: site, steps: compiler.steps)
    // With a mistake in the text the graph is useless, and its size may be the mistake.
    if !sink.hasErrors {
      emit(compiled, planBlock, into: &emitter)
      reportIdleNames(emitter.named)
      reportIdleSteps(compiled, planBlock?.handlers.map(\.block) ?? [], emitter)
      reportIdleAfter(compiled)
      reportIdlePaces(flat)
      reportNeverAsked()
    }
    let (start, list) = transposed(emitter)
    let graph = Graph(
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
      successorList: list,
      statements: compiler.statements
    )
    if !sink.hasErrors { LeastTimes(graph).report(compiler.timeouts, to: sink) }
    return graph
  }
}
