import PlanLanguage

extension Assembly {
  /// Reports unknown names after `in` and `for`, and returns whether all names are known.
  func checkNames(_ phase: PhaseDecl, _ unit: PlanUnit) -> Bool {
    if phase.scope == .deployment, let name = (phase.deploymentJobs + phase.releaseJobs).first {
      sink.report(
        .narrowsNothing,
        at: unit.location(name.span),
        "a phase per deployment runs once, whatever it is narrowed to",
        notes: [Diagnostic.Note("remove the narrowing or the 'per deployment'")]
      )
      return false
    }
    guard deployment.isDeclared || isAboutKnownSubjects else { return true }
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
    let names = phase.releaseJobs + releaseJobs(namedIn: phase.block)
    if names.isEmpty || !isAboutKnownSubjects { return unknownJobs.isEmpty }
    let areKnown = checkReleaseJobs(
      names,
      unit,
      // A name given with a param is meant to exist.
      isWanted: deployment.isDeclared || phase.releaseJobParam != nil
    )
    return unknownJobs.isEmpty && areKnown
  }

  /// Reports unknown names of release jobs, and returns whether all names are known.
  func checkReleaseJobs(_ names: [Name], _ unit: PlanUnit, isWanted: Bool) -> Bool {
    if names.isEmpty || !isAboutKnownSubjects { return true }
    let known = knownReleaseJobs()
    let unknown = names.filter { !known.contains($0.text) }
    for name in unknown {
      sink.reportUnknown(
        isWanted ? .unknownReleaseJob : .nameNotFound,
        name,
        in: unit.source.id,
        "no release job '\(name.text)' "
          + (deployment.isDeclared ? "in any deployment job" : "on this machine"),
        known: known.sorted()
      )
    }
    return unknown.isEmpty
  }

  /// The release jobs that the steps of a block name, handlers included.
  func releaseJobs(namedIn block: Block) -> [Name] {
    var names: [Name] = []
    for statement in block.statements {
      switch statement {
      case .step(let step): if !step.releaseJobs.isEmpty { names += step.releaseJobs }
      case .group(let group): names += releaseJobs(namedIn: group.block)
      }
    }
    for handler in block.handlers { names += releaseJobs(namedIn: handler.block) }
    return names
  }

  private func knownReleaseJobs() -> Set<String> {
    let subjects = deployment.subjects
    var names: Set<String> = []
    for job in deployment.jobs {
      for instance in subjects.members(of: job.subject, at: .instance) {
        for releaseJob in subjects.members(of: instance, at: .releaseJob) {
          names.insert(subjects.name(releaseJob))
        }
        // If a deployment job declares its release jobs, all of its instances have the same ones.
        if job.declaresReleaseJobs { break }
      }
    }
    return names
  }

  mutating func nameBarriers() {
    var next = "final"
    for index in items.indices.reversed() {
      switch items[index].kind {
      case .phase: next = items[index].name
      case .barrier: items[index].name = "\(next) barrier"
      case .rollout, .planHandlers: break
      }
    }
  }
}
