package import PlanGraph
package import PlanLanguage

/// A second, independent reading of the language's three rules of meaning: quadratic and obvious.
///
/// It knows nothing about how the compiler works. It lists what happens to each subject, and for
/// each pair which one must end before the other may begin.
package struct NaiveReading {
  /// The steps, by full name; those of the plan's own handlers are not among them.
  package private(set) var steps: [String] = []
  /// By step: the indices of all steps that must have passed before it starts.
  package private(set) var mustPrecede: [Set<Int>] = []

  private struct Subject: Equatable {
    var deploymentJob: String?
    var instance: Int?
    var releaseJob: String?

    var path: String {
      [deploymentJob, instance.map(String.init), releaseJob].compactMap { $0 }
        .joined(separator: "/")
    }

    /// Whether one equals or contains the other.
    func overlaps(_ other: Subject) -> Bool { holds(other) || other.holds(self) }

    private func holds(_ other: Subject) -> Bool {
      (deploymentJob == nil || deploymentJob == other.deploymentJob)
        && (instance == nil || instance == other.instance)
        && (releaseJob == nil || releaseJob == other.releaseJob)
    }
  }

  private struct Job {
    var name: String
    var releaseJobs: [String]
    var instances: Int
    /// Everything before it, directly or indirectly.
    var after: Set<String>
    var canaries: AmountValue?
  }

  /// What an item does to one subject, between two points.
  private struct Doing {
    var item: Int
    /// Its position among the stretches and what divides them.
    var place: Int
    /// Whether `after` holds it back.
    var isOrdered: Bool
    var subject: Subject
    var begin: Int
    var end: Int
  }

  private var jobs: [Job] = []
  private let site: Site
  /// Edges between points; a step is a point too.
  private var edges: [[Int]] = []
  private var stepOfPoint: [Int: Int] = [:]
  /// How many of the steps are in handlers.
  private var stepsInHandlers = 0

  /// Reads a plan that declares its deployment jobs.
  package init(_ plan: PlanDecl, site: Site) {
    self.site = site
    readJobs(plan)
    let doings = readItems(plan)
    order(doings)
    close()
  }

  // MARK: Who there is

  private mutating func readJobs(_ plan: PlanDecl) {
    for case .deploymentJob(let declaration) in plan.items {
      var job = Job(name: declaration.name.text, releaseJobs: [], instances: 1, after: [])
      for clause in declaration.clauses {
        switch clause {
        case .releaseJobs(let names, _): job.releaseJobs = names.map(\.text)
        case .instances(.literal(let count, _), _): job.instances = count
        case .after(let names, _): job.after = Set(names.map(\.text))
        case .pace(let pace): if pace.kind == .canaries { job.canaries = pace.amount }
        case .instances: break
        }
      }
      jobs.append(job)
    }
    for _ in jobs {
      for index in jobs.indices {
        for other in jobs where jobs[index].after.contains(other.name) {
          jobs[index].after.formUnion(other.after)
        }
      }
    }
  }

  private func subjects(_ scope: Scope, within instance: Subject? = nil) -> [Subject] {
    var all: [Subject] = []
    if scope == .deployment { return [Subject()] }
    for job in jobs {
      if scope == .deploymentJob { all.append(Subject(deploymentJob: job.name)) }
      for index in 0..<job.instances {
        if scope == .instance { all.append(Subject(deploymentJob: job.name, instance: index)) }
        if scope == .releaseJob {
          all += job.releaseJobs.map {
            Subject(deploymentJob: job.name, instance: index, releaseJob: $0)
          }
        }
      }
    }
    return all.filter { instance?.overlaps($0) ?? true }
  }

  private func isSelected(_ subject: Subject, by phase: PhaseDecl) -> Bool {
    let inNames = phase.deploymentJobs.map(\.text)
    let forNames = phase.releaseJobs.map(\.text)
    if !inNames.isEmpty, let name = subject.deploymentJob, !inNames.contains(name) { return false }
    if forNames.isEmpty { return true }
    return subjects(.releaseJob).contains {
      $0.overlaps(subject) && forNames.contains($0.releaseJob ?? "")
    }
  }

  // MARK: What happens

  private mutating func point() -> Int {
    edges.append([])
    return edges.count - 1
  }

  private mutating func readItems(_ plan: PlanDecl) -> [Doing] {
    var doings: [Doing] = []
    var place = 0
    var number = 0
    for item in plan.items {
      switch item {
      case .phase(let phase):
        let divides = phase.scope == .deployment || phase.sideBySideSpan != nil
        if divides { place += 1 }
        for subject in subjects(phase.scope) where isSelected(subject, by: phase) {
          doings.append(doing(phase, subject, number, place, isOrdered: !divides))
        }
        if divides { place += 1 }
      case .barrier(let barrier):
        let isWide = barrier.scope == .deployment
        if isWide { place += 1 }
        for subject in subjects(barrier.scope) {
          doings.append(doing(barrierOn: subject, number, place, isOrdered: !isWide))
        }
        if isWide { place += 1 }
      case .rollout(let rollout):
        for job in jobs {
          if let doing = doing(rollout, job, number, place) { doings.append(doing) }
        }
      case .param, .deploymentJob, .include: continue
      }
      number += 1
    }
    return doings
  }

  private mutating func doing(
    barrierOn subject: Subject,
    _ number: Int,
    _ place: Int,
    isOrdered: Bool
  ) -> Doing {
    let point = point()
    return Doing(
      item: number,
      place: place,
      isOrdered: isOrdered,
      subject: subject,
      begin: point,
      end: point
    )
  }

  private mutating func doing(
    _ phase: PhaseDecl,
    _ subject: Subject,
    _ number: Int,
    _ place: Int,
    isOrdered: Bool
  ) -> Doing {
    let begin = point()
    let end = point()
    edges[begin].append(end)
    let name = phase.name.text
    read(phase.block.statements, isParallel: false, name, subject, from: begin, to: end)
    readHandlers(phase.block.handlers, name, subject)
    return Doing(
      item: number,
      place: place,
      isOrdered: isOrdered,
      subject: subject,
      begin: begin,
      end: end
    )
  }

  /// A rollout is an action on a deployment job: its instances start with the canaries.
  private mutating func doing(
    _ rollout: RolloutDecl,
    _ job: Job,
    _ number: Int,
    _ place: Int
  ) -> Doing? {
    let begin = point()
    let end = point()
    var entries: [(Int, Int)] = []
    for index in 0..<job.instances {
      let instance = Subject(deploymentJob: job.name, instance: index)
      let stepsBefore = steps.count - stepsInHandlers
      let enter = point()
      let leave = point()
      var inner: [Doing] = []
      for (position, item) in rollout.items.enumerated() {
        switch item {
        case .phase(let phase):
          for subject in subjects(phase.scope, within: instance)
          where isSelected(subject, by: phase) {
            inner.append(doing(phase, subject, position, 0, isOrdered: false))
          }
        case .barrier(let barrier):
          for subject in subjects(barrier.scope, within: instance) {
            inner.append(doing(barrierOn: subject, position, 0, isOrdered: false))
          }
        case .include: continue
        }
      }
      // If there is nothing to do, nothing begins, and no handler runs.
      if steps.count - stepsInHandlers == stepsBefore { continue }
      readHandlers(rollout.handlers, "rollout", instance)
      for doing in inner {
        edges[enter].append(doing.begin)
        edges[doing.end].append(leave)
      }
      order(inner)
      entries.append((enter, leave))
    }
    if entries.isEmpty { return nil }
    var canaries = 0
    switch job.canaries {
    case .count(let count, _): canaries = count
    case .percent(let percent, _): canaries = job.instances * percent / 100
    default: break
    }
    for (position, entry) in entries.enumerated() {
      edges[begin].append(entry.0)
      edges[entry.1].append(end)
      if position < canaries {
        for later in entries.dropFirst(canaries) { edges[entry.1].append(later.0) }
      }
    }
    return Doing(
      item: number,
      place: place,
      isOrdered: true,
      subject: Subject(deploymentJob: job.name),
      begin: begin,
      end: end
    )
  }

  private mutating func read(
    _ statements: [Statement],
    isParallel: Bool,
    _ name: String,
    _ subject: Subject,
    from begin: Int,
    to end: Int
  ) {
    var previous = begin
    for statement in statements {
      let first = point()
      let last = point()
      edges[first].append(last)
      edges[isParallel ? begin : previous].append(first)
      edges[last].append(end)
      switch statement {
      case .step(let step):
        // An action on an instance may be done for its release jobs in parallel.
        for subject in targets(of: step, subject) where takesPart(step, subject) {
          let point = point()
          edges[first].append(point)
          edges[point].append(last)
          stepOfPoint[point] = steps.count
          steps.append("\(name):\(subject.path)#\(step.label?.text ?? "")")
        }
      case .group(let group):
        read(
          group.block.statements,
          isParallel: group.kind == .parallel,
          name,
          subject,
          from: first,
          to: last
        )
        readHandlers(group.block.handlers, name, subject)
      }
      previous = last
    }
  }

  /// Handlers come after everything in their block, however it ended.
  ///
  /// That is not an order relation.
  private mutating func readHandlers(_ handlers: [Handler], _ name: String, _ subject: Subject) {
    let stepsBefore = steps.count - stepsInHandlers
    defer { stepsInHandlers = steps.count - stepsBefore }
    for handler in handlers {
      let begin = point()
      let end = point()
      read(handler.block.statements, isParallel: false, name, subject, from: begin, to: end)
    }
  }

  private func targets(of step: Step, _ subject: Subject) -> [Subject] {
    guard subject.instance != nil, subject.releaseJob == nil else { return [subject] }
    let names = step.releaseJobs.map(\.text)
    switch step.action {
    case .run, .wait, .startUnits, .stopUnits: return [subject]
    case .start, .stop, .unmonitor: if names.isEmpty { return [subject] }
    case .script, .drain: break
    }
    return subjects(.releaseJob, within: subject).filter {
      names.isEmpty || names.contains($0.releaseJob ?? "")
    }
  }

  private func takesPart(_ step: Step, _ subject: Subject) -> Bool {
    guard case .script(let name) = step.action else { return true }
    let instance = Subject(deploymentJob: subject.deploymentJob, instance: subject.instance)
    return site.hasScript(instance.path, subject.releaseJob ?? "", name.text)
  }

  // MARK: In which order

  private mutating func order(_ doings: [Doing]) {
    for earlier in doings {
      for later in doings {
        if earlier.item < later.item, earlier.subject.overlaps(later.subject) {
          edges[earlier.end].append(later.begin)
        }
        // `after`: everything up to the end of the stretch, but not what runs in parallel.
        if later.isOrdered, earlier.place <= later.place,
          let name = earlier.subject.deploymentJob,
          let job = jobs.first(where: { $0.name == later.subject.deploymentJob }),
          job.after.contains(name)
        {
          edges[earlier.end].append(later.begin)
        }
      }
    }
  }

  /// Finds for every step all the steps before it.
  private mutating func close() {
    mustPrecede = Array(repeating: [], count: steps.count)
    for (point, step) in stepOfPoint {
      var seen: Set<Int> = [point]
      var stack = [point]
      while let current = stack.popLast() {
        for next in edges[current] where seen.insert(next).inserted {
          stack.append(next)
          if let later = stepOfPoint[next] { mustPrecede[later].insert(step) }
        }
      }
    }
  }
}
