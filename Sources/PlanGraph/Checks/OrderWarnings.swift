import PlanLanguage

extension Assembly {
  /// A release job that a phase names should have something to do there.
  ///
  /// If a person named it on the command line, as for an errand, it would be misleading to do
  /// nothing and succeed.
  func reportIdleNames(_ named: [ItemID: NamedReleaseJobs]) {
    for (item, names) in named.sorted(by: { $0.key < $1.key }) {
      let idle = names.idle
      if idle.isEmpty { continue }
      let phase = items[item]
      let list = idle.map { "'\($0)'" }.joined(separator: ", ")
      sink.report(
        names.param == nil ? .phaseSelectsNothing : .wrongKindOfValue,
        at: phase.location,
        names.param.map { "param '\($0)' names \(list), which phase '\(phase.name)' cannot run on" }
          ?? "phase '\(phase.name)' names \(list), and has nothing to do there",
        notes: [Diagnostic.Note("there is no such script, and no such process")]
      )
    }
  }

  func warnOfIdleBarriers(_ flat: [FlatItem]) {
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
        // A barrier at the end is useful for plans that include this one.
        if !hasWork {
          sink.report(
            .barrierJoinsNothing,
            at: unit.location(barrier.span),
            "this barrier joins nothing: what comes before it is joined already",
            notes: [Diagnostic.Note("it can be removed")]
          )
        }
        if hasWork { narrowest = barrier.scope }
      }
    }
  }

  /// `web after db` is kept within each stretch between two deployment-wide joins.
  ///
  /// If processes of `db` start or stop in a later stretch than work on `web`, that is probably not
  /// intended.
  func warnOfSplits(_ compiled: [CompiledItem]) {
    for (index, job) in deployment.jobs.enumerated() {
      for earlier in job.after {
        var worked: ItemID?
        var join: CompiledItem?
        for item in compiled {
          if item.dividesStretches {
            if worked != nil, join == nil { join = item }
            continue
          }
          if let join, let worked, moves(item, deployment.jobs[earlier]) {
            sink.report(
              .joinSplitsAfter,
              at: items[itemID(join)].location,
              (join.joinsDeployment
                ? "this joins the whole deployment" : "this side-by-side phase is")
                + " between parts of '\(job.name)' after '\(deployment.jobs[earlier].name)'",
              notes: [
                Diagnostic.Note(
                  "'\(deployment.jobs[earlier].name)' starts or stops here, after work on '\(job.name)'",
                  at: items[itemID(item)].location
                ),
                Diagnostic.Note(
                  "work on '\(job.name)' that comes before it",
                  at: items[worked].location
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

  private func moves(_ item: CompiledItem, _ job: DeploymentJob) -> Bool {
    switch item {
    case .phase(let phase): phase.movesProcesses && applies(item, to: job)
    case .barrier: false
    case .rollout(let rollout): rollout.items.contains { moves($0, job) }
    }
  }
}
