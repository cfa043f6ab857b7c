import PlanLanguage

/// A deployment job with what the plan says about it.
struct DeploymentJob {
  var subject: SubjectID
  var name: String
  /// The deployment jobs that it comes after: indices into the list.
  var after: [Int]
  /// The locations of their names.
  var afterSpans: [Location] = []
  /// Whether the plan says which release jobs its instances have.
  ///
  /// If not, their VMs do.
  var declaresReleaseJobs = true
  var canaries: AmountValue?
  var maxInFlight: AmountValue?
}

/// Builds the tree of subjects from the plan's deployment jobs, or from what the machine has.
struct DeploymentBuilder {
  let site: Site
  let unit: PlanUnit
  let values: ValueReader
  let sink: DiagnosticSink
  private(set) var subjects = Subjects()
  private(set) var jobs: [DeploymentJob] = []
  /// The indices of `jobs` in an order that `after` allows; otherwise in the order of the text.
  private(set) var order: [Int] = []
  /// Whether the plan declares its deployment jobs.
  private(set) var isDeclared = false
  /// Whether the release jobs of all deployment jobs are known.
  private(set) var knowsReleaseJobs = true
  /// The release jobs that phases name, for a plan that is checked without a machine.
  private var mentioned: [String] = []

  /// The largest number of subjects in a plan.
  static let mostSubjects = 64_000_000

  init(site: Site, unit: PlanUnit, values: ValueReader, sink: DiagnosticSink) {
    self.site = site
    self.unit = unit
    self.values = values
    self.sink = sink
  }

  /// Builds the tree.
  ///
  /// `mentioned` are the release jobs that phases name, for a plan that is checked without a
  /// machine.
  mutating func build(mentioned: [String]) {
    var declared: [DeploymentJobDecl] = []
    for case .deploymentJob(let declaration) in unit.plan.items { declared.append(declaration) }
    isDeclared = !declared.isEmpty
    self.mentioned = mentioned
    if isDeclared {
      build(declared)
    } else {
      knowsReleaseJobs = site.discovered != nil
      let found =
        site.discovered
        ?? Site.Discovered(
          deploymentJob: "vm",
          instance: "0",
          releaseJobs: mentioned.isEmpty ? ["any"] : mentioned
        )
      for job in found.jobs { add(job) }
      order = Array(jobs.indices)
    }
  }

  /// Adds a deployment job that was found on machines.
  private mutating func add(_ found: Site.Discovered.Job) {
    let job = subjects.append(found.name, in: .deployment)
    for machine in found.instances {
      let instance = subjects.append(machine.index, in: job)
      for name in machine.releaseJobs { _ = subjects.append(name, in: instance) }
    }
    jobs.append(
      DeploymentJob(subject: job, name: found.name, after: [], declaresReleaseJobs: false)
    )
  }

  private mutating func build(_ declared: [DeploymentJobDecl]) {
    var indexOf: [String: Int] = [:]
    var accepted: [DeploymentJobDecl] = []
    for declaration in declared {
      let name = declaration.name
      if let earlier = indexOf[name.text] {
        sink.report(
          .duplicateDeploymentJob,
          at: unit.location(name.span),
          "deployment job '\(name.text)' is declared twice",
          notes: [
            Diagnostic.Note(
              "it is declared here first",
              at: unit.location(accepted[earlier].name.span)
            )
          ]
        )
        continue
      }
      _ = checkUsable(name, as: "deployment job", in: unit.source.id, sink)
      indexOf[name.text] = accepted.count
      accepted.append(declaration)
    }
    for declaration in accepted { add(declaration, indexOf) }
    order = orderByAfter(accepted)
  }

  private mutating func add(_ declaration: DeploymentJobDecl, _ indexOf: [String: Int]) {
    var releaseJobs: [String] = []
    var declaresReleaseJobs = false
    var places: [String: Span] = [:]
    var instances = 1
    var after: [Int] = []
    var job = DeploymentJob(subject: .deployment, name: declaration.name.text, after: [])
    for clause in declaration.clauses {
      switch clause {
      case .releaseJobs(let names, _):
        declaresReleaseJobs = true
        for name in names {
          if let earlier = places[name.text] {
            sink.report(
              .duplicateReleaseJob,
              at: unit.location(name.span),
              "release job '\(name.text)' is listed twice in deployment job '\(job.name)'",
              notes: [Diagnostic.Note("it appears here first", at: unit.location(earlier))]
            )
          } else if checkUsable(name, as: "release job", in: unit.source.id, sink) {
            places[name.text] = name.span
            releaseJobs.append(name.text)
          }
        }
      case .instances(let value, let span):
        let count = values.int(value) ?? 1
        if count < 1 || count > Self.mostSubjects {
          sink.report(
            .valueOutOfRange,
            at: unit.location(span),
            "a deployment job has 1 to \(Self.mostSubjects) instances, not \(count)"
          )
        } else {
          instances = count
        }
      case .after(let names, _):
        for name in names {
          if let index = indexOf[name.text] {
            if !after.contains(index) {
              after.append(index)
              job.afterSpans.append(unit.location(name.span))
            }
          } else {
            sink.reportUnknown(
              .unknownDeploymentJob,
              name,
              in: unit.source.id,
              "no deployment job '\(name.text)' in this plan",
              known: indexOf.keys.sorted().filter { $0 != job.name }
            )
          }
        }
      case .pace(let pace):
        switch pace.kind {
        case .canaries: job.canaries = pace.amount
        case .maxInFlight: job.maxInFlight = pace.amount
        }
      }
    }
    let wanted = instances.multipliedReportingOverflow(by: releaseJobs.count + 1)
    guard !wanted.overflow, subjects.count + wanted.partialValue <= Self.mostSubjects else {
      return reportTooLarge(declaration)
    }
    job.subject = subjects.append(job.name, in: .deployment)
    job.after = after
    job.declaresReleaseJobs = declaresReleaseJobs
    for index in 0..<instances {
      let instance = subjects.append(String(index), in: job.subject)
      let held =
        declaresReleaseJobs ? releaseJobs : releaseJobsOfVM("\(job.name)/\(index)")
      guard subjects.count + held.count <= Self.mostSubjects else {
        reportTooLarge(declaration)
        break
      }
      for name in held { _ = subjects.append(name, in: instance) }
    }
    jobs.append(job)
  }

  private func reportTooLarge(_ declaration: DeploymentJobDecl) {
    sink.report(
      .tooLarge,
      at: unit.location(declaration.span),
      "more than \(Self.mostSubjects) instances and release jobs in one plan"
    )
  }

  /// The release jobs of an instance whose deployment job declares none: those on its VM.
  private mutating func releaseJobsOfVM(_ instance: String) -> [String] {
    if let found = site.releaseJobs(instance) { return found }
    knowsReleaseJobs = false
    return mentioned.isEmpty ? ["any"] : mentioned
  }

  /// Kahn's algorithm; always takes the first in the text.
  ///
  /// Reports what is left as a cycle.
  private func orderByAfter(_ declared: [DeploymentJobDecl]) -> [Int] {
    guard jobs.count == declared.count else { return Array(jobs.indices) }
    var state = [UInt8](repeating: 0, count: jobs.count)  // 0 new, 1 on the path, 2 done
    var order: [Int] = []
    for root in jobs.indices where state[root] == 0 {
      // Depth first with an explicit stack, because `after` may chain thousands of deployment jobs.
      var stack: [(job: Int, next: Int)] = [(root, 0)]
      state[root] = 1
      while let (job, next) = stack.last {
        if next == jobs[job].after.count {
          state[job] = 2
          order.append(job)
          stack.removeLast()
          continue
        }
        stack[stack.count - 1].next += 1
        let earlier = jobs[job].after[next]
        if state[earlier] == 0 {
          state[earlier] = 1
          stack.append((earlier, 0))
        } else if state[earlier] == 1 {
          reportCycle(stack.drop { $0.job != earlier }.map(\.job), declared)
          return Array(jobs.indices)
        }
      }
    }
    return order
  }

  private func reportCycle(_ cycle: [Int], _ declared: [DeploymentJobDecl]) {
    guard let first = cycle.first else { return }
    let names = (cycle + [first]).map { "'\(jobs[$0].name)'" }
    sink.report(
      .afterCycle,
      at: unit.location(declared[first].name.span),
      "'after' forms a cycle: \(names.joined(separator: " after "))",
      notes: cycle.dropFirst().prefix(8).map {
        Diagnostic.Note(
          "'\(jobs[$0].name)' is declared here",
          at: unit.location(declared[$0].name.span)
        )
      } + [Diagnostic.Note("remove one of these 'after'")]
    )
  }
}

/// Whether a name is valid for a release job, a deployment job or a script: a file name of the
/// characters that BOSH allows (`[-0-9A-Za-z_+.]`), not `.` or `..`, not beginning with `-`.
package func isUsableName(_ text: String) -> Bool {
  guard let first = text.utf8.first, first != UInt8(ascii: "-"), text != ".", text != "..",
    text.utf8.count <= 255
  else { return false }
  return text.utf8.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
      UInt8(ascii: "+"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}

/// Reports a name that is not valid for a file on a VM, and returns whether it is valid.
func checkUsable(_ name: Name, as what: String, in file: FileID, _ sink: DiagnosticSink) -> Bool {
  if isUsableName(name.text) { return true }
  sink.report(
    .unusableName,
    at: Location(file, name.span),
    "'\(name.text)' cannot be the name of a \(what)",
    notes: [
      Diagnostic.Note(
        "a name is letters, digits, '_', '+', '.' and '-', and does not begin with '-'"
      )
    ]
  )
  return false
}
