import PlanLanguage

// Reports about things that a person wrote or gave and that nothing uses.
extension Assembly {
  /// Reports steps that apply to nothing, and a plan that does nothing at all.
  func reportIdleSteps(
    _ compiled: [CompiledItem],
    _ handlers: [CompiledBlock],
    _ emitter: Emitter
  ) {
    if compiled.isEmpty { return }
    let isUsed = emitter.usedSteps
    let idle = IdleSteps(
      deployment: deployment,
      site: site,
      steps: compiler.steps,
      sink: sink,
      isUsed: isUsed,
      bundled: Set(units.lazy.filter(\.isBundled).map(\.source.id))
    )
    for item in compiled {
      idle.report(item) { item in
        selectingNothing.contains(item) || !(emitter.named[item]?.idle.isEmpty ?? true)
      }
    }
    for handler in handlers { idle.report(handler) }
    // Steps of bundled plans are not reported one by one, but a plan that does nothing at all is.
    if !isUsed.isEmpty, !isUsed.contains(true), !sink.hasToldOfNothing {
      sink.report(
        .stepAppliesToNothing,
        at: root.location(root.plan.name.span),
        "no step of this plan applies to anything here: a run does nothing, and succeeds"
      )
    }
  }

  /// Reports params that nothing uses, and given facts that no condition asks about.
  func reportNeverAsked() {
    var asked: [FileID: Set<String>] = [:]
    // An included plan comes after the plan that includes it.
    for unit in units.reversed() {
      let file = unit.source.id
      for name in unit.parameters.names {
        let isAsked =
          sink.asked.isAsked(param: name, in: file) || asked[file]?.contains(name) ?? false
        if isAsked, let outer = unit.includedAt?.file { asked[outer, default: []].insert(name) }
        if isAsked || unit.isBundled { continue }
        guard let place = unit.parameters.declarations[name]?.span else { continue }
        sink.report(
          .neverAsked,
          at: unit.location(place),
          "nothing in this plan uses the param '\(name)'"
        )
      }
    }
    for name in site.givenFacts.subtracting(sink.asked.facts).sorted()
    where !Self.commonFacts.contains(name) {
      let near = nearMiss(name, among: (sink.asked.facts.union(Self.commonFacts)).sorted())
      sink.report(
        .neverAsked,
        at: root.location(root.plan.name.span),
        "the fact '\(name)' is given, but no condition of this plan uses it",
        notes: near.map { [Diagnostic.Note("there is '\($0)'")] } ?? []
      )
    }
  }

  /// Facts that are given to every plan of a machine, even if the plan does not ask about them.
  private static let commonFacts: Set<String> = [
    "director.version", "stemcell.os", "stemcell.version", "vm.host",
  ]

  /// Reports a pace in a plan that has no rollout.
  func reportIdlePaces(_ flat: [FlatItem]) {
    if flat.contains(where: { if case .rollout = $0 { true } else { false } }) { return }
    for case .deploymentJob(let job) in root.plan.items {
      for case .pace(let pace) in job.clauses {
        sink.report(
          .takenByNothing,
          at: root.location(pace.span),
          "this is the pace of a rollout, but the plan has no rollout",
          notes: [Diagnostic.Note("a 'rollout' updates a few instances at a time")]
        )
      }
    }
  }

  /// Reports an `after` that orders nothing: no stretch works on both deployment jobs.
  func reportIdleAfter(_ compiled: [CompiledItem]) {
    guard deployment.jobs.contains(where: { !$0.after.isEmpty }), !compiled.isEmpty else { return }
    var isUseful = deployment.jobs.map { [Bool](repeating: false, count: $0.after.count) }
    // Work before a stretch counts if nothing has joined the whole deployment since.
    var hasWork = [Bool](repeating: false, count: deployment.jobs.count)
    func closeStretch(_ stretch: [CompiledItem]) {
      var isAtOrBefore = [Bool](repeating: false, count: deployment.jobs.count)
      for index in deployment.order {
        let job = deployment.jobs[index]
        let works = stretch.contains { applies($0, to: job) }
        for (place, earlier) in job.after.enumerated() where works && isAtOrBefore[earlier] {
          isUseful[index][place] = true
        }
        hasWork[index] = hasWork[index] || works
        isAtOrBefore[index] = hasWork[index] || job.after.contains { isAtOrBefore[$0] }
      }
    }
    var stretch: [CompiledItem] = []
    for item in compiled {
      guard item.dividesStretches else {
        stretch.append(item)
        continue
      }
      closeStretch(stretch)
      stretch = []
      for index in hasWork.indices {
        hasWork[index] =
          !item.joinsDeployment && (hasWork[index] || applies(item, to: deployment.jobs[index]))
      }
    }
    closeStretch(stretch)
    for (index, job) in deployment.jobs.enumerated() {
      for (place, earlier) in job.after.enumerated() where !isUseful[index][place] {
        sink.report(
          .takenByNothing,
          at: job.afterSpans[place],
          "'\(job.name)' after '\(deployment.jobs[earlier].name)' orders nothing in this plan",
          notes: [
            Diagnostic.Note("no part of the plan that 'after' orders works on both of them")
          ]
        )
      }
    }
  }
}
