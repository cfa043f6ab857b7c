import PlanLanguage

extension Assembly {
  /// Reports names after `in` and `for` that nobody has; says whether all are had by somebody.
  func checkNames(_ phase: PhaseDecl, _ unit: PlanUnit) -> Bool {
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
    // A name that was given with a param is no guess at what a machine may have.
    let isWanted = deployment.isDeclared || phase.releaseJobParam != nil
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
