package import PlanGraph
import PlanLanguage
package import VM

/// The machines of a command line: one root for all, or one each for some instances.
package struct VMSelection {
  /// The root of every instance without its own; nil if each has its own.
  package private(set) var standard: VMFolder?
  /// By deployment job (`web`) or instance (`web/0`).
  private var named: [String: VMFolder] = [:]

  /// The machines that are reached over connections; nil for folders, and then there are no folders.
  package let hosts: HostSelection?

  /// Takes machines that are reached over connections.
  init(_ hosts: HostSelection) { self.hosts = hosts }

  /// Opens the roots from the command line, or the one that the plan suggests.
  package init(_ request: VMRequest, plan: LoadedPlan) throws(CommandFailure) {
    hosts = nil
    if request.standard != nil || request.named.isEmpty {
      standard = try Self.open(request.standard ?? VMRequest.suggestion(for: plan.path))
    }
    // Two names of one folder share one root, so its state is kept once.
    var opened: [String: VMFolder] = [:]
    if let standard { opened[standard.path] = standard }
    for (name, path) in request.named.sorted(by: { $0.key < $1.key }) {
      let vm = try Self.open(path)
      named[name] = opened[vm.path] ?? vm
      opened[vm.path] = named[name]
    }
    if opened.count > 1, let machine = opened[VMFolder.wholeMachine] {
      let problem = Problem(
        path: machine.path,
        what: "is this machine itself, and cannot be one of several VMs",
        help: "give each VM its own folder, or use '/' for all of them"
      )
      throw CommandFailure(.wrong, [.problems([problem])])
    }
  }

  /// Opens the root of a VM.
  ///
  /// - Throws: what is wrong with its folder. A missing folder is a mistake in the command line,
  ///   not a problem of the machine.
  package static func open(_ path: String) throws(CommandFailure) -> VMFolder {
    do {
      return try VMFolder(path)
    } catch {
      throw CommandFailure(
        FileReader.mayBeFolder(path) ? .refused : .wrong,
        [.problems(error.problems)]
      )
    }
  }

  /// The root of an instance, by its path such as `web/0`.
  func vm(of instance: String) -> VMFolder? { Self.vm(of: instance, standard, named) }

  private static func vm(
    of instance: String,
    _ standard: VMFolder?,
    _ named: [String: VMFolder]
  ) -> VMFolder? {
    if let own = named[instance] { return own }
    let job = instance.split(separator: "/").first.map(String.init) ?? instance
    return named[job] ?? standard
  }

  /// The root of the instance that a subject of a graph is or belongs to.
  func vm(of graph: Graph, _ subject: SubjectID) -> VMFolder? {
    graph.subjects.ancestor(of: subject, at: .instance).flatMap {
      vm(of: graph.subjects.path($0))
    }
  }

  /// The size of the persistent disk of all machines in MiB; nil if the sizes differ.
  package var persistentDisk: Int? {
    if let hosts { return hosts.persistentDisk }
    let sizes = Set(all.map(\.vm.persistentDisk))
    return sizes.count > 1 ? nil : sizes.first ?? 0
  }

  /// All machines, each once, in the order of their folders.
  package var distinct: [VMFolder] {
    var seen: Set<String> = []
    return ([standard].compactMap { $0 } + named.values).filter { seen.insert($0.path).inserted }
      .sorted { $0.path < $1.path }
  }

  /// The folders of all machines, each once.
  package var paths: [String] {
    Set(([standard].compactMap { $0 } + named.values).map(\.path)).sorted()
  }

  /// The machine where the records of runs are kept by default.
  package var first: VMFolder? { standard ?? named.min { $0.key < $1.key }?.value }

  /// Where logs are in each machine's folder.
  ///
  /// It is the same for all, because `/` cannot be one of several.
  package var logsPath: String { hosts?.logsPath ?? first?.logsPath ?? "sys/log" }

  /// Whether no machine has anything to do with BOSH.
  package var arePlain: Bool { hosts?.arePlain ?? all.allSatisfy(\.vm.isPlain) }

  /// What names all machines in the record of a run: folders, or hosts.
  var recorded: [(name: String, value: String)] {
    hosts?.recorded.map { ($0.instance, $0.text) } ?? all.map { ($0.name, $0.vm.path) }
  }

  /// All machines by deployment job or instance, an empty name for all others.
  package var all: [(name: String, vm: VMFolder)] {
    (standard.map { [("", $0)] } ?? [])
      + named.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The options that name them on a command line.
  var options: [String] {
    all.flatMap { name, vm in ["--vm", name.isEmpty ? vm.path : "\(name)=\(vm.path)"] }
  }

  /// What a plan is compiled against.
  package func site(facts: [String: String]) -> Site {
    if let hosts { return hosts.site(facts: facts) }
    let vm: @Sendable (String) -> VMFolder? = { [standard, named] in
      Self.vm(of: $0, standard, named)
    }
    let found = standard?.site ?? named.sorted { $0.key < $1.key }.first?.value.site
    let known = KnownFacts(all)
    var site = Site(
      discovered: found?.discovered,
      facts: known.common.merging(facts) { _, given in given },
      hasScript: { instance, releaseJob, script in
        vm(instance)?.hasScript(script, of: releaseJob) ?? false
      },
      hasProcesses: { instance, releaseJob in
        vm(instance)?.hasProcesses(of: releaseJob) ?? false
      }
    )
    site.givenFacts = Set(facts.keys)
    site.disputedFacts = known.disputed
    site.factsOfInstance = { vm($0)?.facts }
    site.isPlain = arePlain
    site.releaseJobs = { vm($0)?.releaseJobs.map(\.text) }
    return site
  }

  /// The existing roots, each for the first of its instances.
  ///
  /// That is enough to inspect them.
  package func foldersToInspect(of graph: Graph) -> [SubjectID: VMFolder] {
    var result: [SubjectID: VMFolder] = [:]
    let jobs = graph.subjects.members(of: .deployment, at: .deploymentJob)
    let instances = jobs.map { graph.subjects.members(of: $0, at: .instance) }
    // One folder for a whole fleet is a model of its VMs, so its release jobs are inspected once.
    let isModel = named.isEmpty && instances.contains { $0.count > 1 }
    var lookedAt: Set<String> = []
    for instances in instances {
      var seen: Set<String> = []
      for instance in isModel ? instances.prefix(1) : instances[...] {
        guard let vm = vm(of: graph.subjects.path(instance)),
          seen.insert(vm.path).inserted
        else { continue }
        let names = graph.subjects.members(of: instance, at: .releaseJob).map(graph.subjects.name)
        if isModel, !lookedAt.isDisjoint(with: names) { continue }
        lookedAt.formUnion(names)
        result[instance] = vm
      }
    }
    return result
  }

  /// The root of each instance that has one.
  package func knownFoldersByInstance(of graph: Graph) -> [SubjectID: VMFolder] {
    var result: [SubjectID: VMFolder] = [:]
    for job in graph.subjects.members(of: .deployment, at: .deploymentJob) {
      for instance in graph.subjects.members(of: job, at: .instance) {
        result[instance] = vm(of: graph.subjects.path(instance))
      }
    }
    return result
  }

  /// Makes sure that every instance has a root.
  package func requireFolders(of graph: Graph) throws(CommandFailure) {
    if standard != nil || hosts != nil { return }
    for job in graph.subjects.members(of: .deployment, at: .deploymentJob) {
      for instance in graph.subjects.members(of: job, at: .instance) {
        let path = graph.subjects.path(instance)
        if vm(of: path) == nil { throw Self.missing(path) }
      }
    }
  }

  private static func missing(_ instance: String) -> CommandFailure {
    CommandFailure(
      message: "no VM is given for '\(instance)'",
      help: "give its folder with --vm \(instance)=ROOT"
    )
  }

  /// The root of every instance of a graph.
  ///
  /// - Throws: an error if an instance has none, or if instances of two deployment jobs would share
  ///   a VM.
  package func foldersByInstance(of graph: Graph) throws(CommandFailure) -> [SubjectID: VMFolder] {
    if hosts != nil { return [:] }
    try checkNames(graph)
    var result: [SubjectID: VMFolder] = [:]
    for job in graph.subjects.members(of: .deployment, at: .deploymentJob) {
      var seen: [String: String] = [:]
      for instance in graph.subjects.members(of: job, at: .instance) {
        let path = graph.subjects.path(instance)
        guard let vm = vm(of: path) else {
          throw Self.missing(path)
        }
        if let other = seen[vm.path] {
          throw CommandFailure(
            message: "'\(other)' and '\(path)' cannot be the same VM, \(vm.givenPath)",
            help: "give each instance its own folder: --vm \(path)=ROOT"
          )
        }
        seen[vm.path] = path
        result[instance] = vm
      }
    }
    return result
  }
}

extension VMSelection {
  /// Every name with a root must exist in the plan.
  private func checkNames(_ graph: Graph) throws(CommandFailure) {
    if named.isEmpty { return }
    var known: Set<String> = []
    for job in graph.subjects.members(of: .deployment, at: .deploymentJob) {
      known.insert(graph.subjects.path(job))
      for instance in graph.subjects.members(of: job, at: .instance) {
        known.insert(graph.subjects.path(instance))
      }
    }
    for (name, vm) in named.sorted(by: { $0.key < $1.key }) where !known.contains(name) {
      let near = nearMiss(name, among: known.sorted())
      throw CommandFailure(
        message: "the plan has no deployment job or instance '\(name)'",
        help: near.map { "did you mean '\($0)'?" }
          ?? "for a folder with this name, write --vm './\(name)=\(vm.givenPath)'"
      )
    }
  }
}
