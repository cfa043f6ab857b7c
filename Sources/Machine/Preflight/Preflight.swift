package import PlanGraph
import PlanLanguage
import System
package import VM
import Words

/// Finds out what would fail for certain, before anything is started.
///
/// This only inspects: it starts, writes and creates nothing, and opens no named pipe or device. It
/// does not judge what an earlier step might still repair: the commands of `run` and `wait`, the
/// start programs of processes, and everything under a condition that is evaluated during the run,
/// in a handler for failures, or optional.
package struct Preflight {
  private let graph: Graph
  private let supervisor: SupervisorChoice
  private var found: [Problem] = []
  /// Control files that have been inspected, because several steps may use the same ones.
  private var seenControlFiles: Set<String> = []
  /// The monit files of each machine together, by its number.
  private var controlFiles: [Int: VMControlFiles] = [:]
  private var seenScripts: Set<FileName> = []
  private var seenLogs: Set<FileName> = []
  /// Paths that someone else can change and that are already reported.
  private var seenIntrusions: Set<String> = []
  private var quickPreflights: [QuickPreflight]
  private var logFaults: [LogFaults]
  private let vms: SubjectVMs
  private let units: PlannedUnits
  /// By machine: whether it is certain that systemd starts and stops release jobs there.
  private let areUnits: [Bool]
  private let isBooted = FileStatus(Systemctl.bootedFolder, follow: true) != nil
  private let unitFiles = UnitFiles()
  /// Machines on which a script or a command comes before, which may install what is missing.
  private var mended: Set<Int> = []
  /// Units that have been looked for.
  private var seenUnits: Set<String> = []

  /// A script, or the two logs of a step.
  private struct FileName: Hashable {
    var machine: Int
    var releaseJob: String
    var name: String
  }

  /// All problems of a graph on its machines, in the order of the steps.
  ///
  /// - Parameters:
  ///   - graph: the plan on its subjects.
  ///   - vms: the machine of each instance; instances without one are skipped.
  ///   - supervisor: who starts and stops processes.
  ///   - leftOut: steps that will not run.
  ///   - logNames: the names of the graph's logs, if they are already made.
  /// - Returns: the problems; none if nothing is certain to fail.
  package static func problems(
    graph: Graph,
    vms: [SubjectID: VMFolder],
    supervisor: SupervisorChoice = .auto,
    leavingOut leftOut: Set<NodeID> = [],
    logNames: StepLogNames? = nil
  ) -> [Problem] {
    var preflight = Preflight(graph: graph, vms: vms, supervisor: supervisor)
    preflight.checkReleaseJobs(vms)
    preflight.found += SupervisorFaults.find(supervisor, preflight.vms.all, for: graph)
    preflight.checkSteps(logNames ?? StepLogNames(graph), leavingOut: leftOut)
    return preflight.found
  }

  private init(graph: Graph, vms: [SubjectID: VMFolder], supervisor: SupervisorChoice) {
    self.graph = graph
    self.vms = SubjectVMs(graph.subjects, vms)
    quickPreflights = self.vms.all.map { QuickPreflight(on: $0) }
    logFaults = self.vms.all.map { LogFaults(on: $0) }
    self.supervisor = supervisor
    units = PlannedUnits(graph, vms, supervisor)
    areUnits = self.vms.all.map { supervisor.isSystemd(on: $0) }
  }

  private mutating func add(_ problem: Problem?) {
    if let problem { found.append(problem) }
  }

  // MARK: Release jobs

  /// Names that no folder may have, release jobs that are not there, and release jobs that two
  /// instances of one machine would share.
  private mutating func checkReleaseJobs(_ vms: [SubjectID: VMFolder]) {
    var owners: [String: SubjectID] = [:]
    for (instance, vm) in vms.sorted(by: { $0.key < $1.key }) {
      if vm.hasSpec { checkIntrusion(at: ApplySpec.path, on: vm) }
      let there = Set(vm.releaseJobs.map(\.text))
      for subject in graph.subjects.members(of: instance, at: .releaseJob) {
        let name = graph.subjects.name(subject)
        if let reason = CheckedName.refusal(of: name) {
          add(
            Problem(
              path: "\(vm.path)/jobs/\(quoted(name))",
              what: "the name of this release job \(reason)",
              help: "rename it"
            )
          )
          continue
        }
        let path = "\(vm.path)/jobs/\(name)"
        if !there.contains(name) {
          let isLeftover = vm.leftovers.contains(name)
          add(
            Problem(
              path: path,
              what: (isLeftover ? "is not named in bosh/spec.json" : "does not exist")
                + ", but the plan has this release job on " + graph.subjects.path(instance),
              help: "take it out of the plan, or give the right folder with --vm"
            )
          )
          continue
        }
        guard let other = owners.updateValue(instance, forKey: path), other != instance else {
          continue
        }
        add(
          Problem(
            path: path,
            what: "is the release job of both \(graph.subjects.path(other)) and "
              + "\(graph.subjects.path(instance))",
            help: "give each instance its own VM"
          )
        )
      }
    }
  }

  // MARK: Steps

  private mutating func checkSteps(_ names: StepLogNames, leavingOut leftOut: Set<NodeID>) {
    let certain = graph.certainSteps
    for (id, node) in zip(graph.nodes.indices, graph.nodes) where node.kind == .step {
      guard let machine = vms.index(of: node.subject) else { continue }
      if !leftOut.isEmpty, leftOut.contains(id) { continue }
      let template = node.template
      switch graph.steps[template].action {
      case .script, .run, .drain: mended.insert(machine)
      case .start, .startUnits, .stop, .stopUnits, .unmonitor, .wait: break
      }
      if !certain[id] { continue }
      let isReleaseJob = graph.subjects.scope(node.subject) == .releaseJob
      let releaseJob = isReleaseJob ? graph.subjects.name(node.subject) : nil
      if let releaseJob, CheckedName.refusal(of: releaseJob) != nil { continue }
      switch graph.steps[template].action {
      case .script(let name):
        guard let releaseJob else { continue }
        checkScript(name, of: releaseJob, machine, graph.steps[template].environment)
      case .start, .stop, .unmonitor:
        for subject in graph.subjects.members(of: node.subject, at: .releaseJob) {
          checkProcesses(of: graph.subjects.name(subject), machine)
        }
        if graph.steps[template].action == .start {
          checkUnitsOfReleaseJobs(id, machine)
        }
      case .startUnits, .stopUnits: checkUnits(graph.steps[template].action)
      case .drain:
        guard let releaseJob else { continue }
        checkScript("drain", of: releaseJob, machine, graph.steps[template].environment)
      case .run, .wait: break
      }
      if let stem = names.stem(node.template) {
        checkLogs(releaseJob ?? StepLogNames.commonFolder, stem, machine)
      }
    }
  }

  private mutating func checkScript(
    _ name: String,
    of releaseJob: String,
    _ machine: Int,
    _ environment: [EnvironmentVariable]
  ) {
    let file = FileName(machine: machine, releaseJob: releaseJob, name: name)
    guard seenScripts.insert(file).inserted else { return }
    let vm = vms.all[machine]
    let relative = VMFolder.scriptPath(releaseJob, name)
    let refusal = CheckedName.refusal(of: name)
    if refusal == nil { checkIntrusion(at: relative, on: vm) }
    if refusal == nil, quickPreflights[machine].canExecute(relative) { return }
    let path = "\(vm.path)/\(relative)"
    if let refusal {
      add(Problem(path: path, what: "the name of this script \(refusal)", help: "rename it"))
      return
    }
    switch vm.folder.containment(of: relative, beneath: vm.path) {
    case .inside:
      if let fault = ExecutableFault.find(path, in: vm.workingFolder.number) {
        add(Problem(path: path, what: fault.what, help: fault.help))
      } else if !environment.contains(where: { $0.name == "PATH" }),
        let head = try? firstBytes(of: path, in: vm.workingFolder.number, limit: 256),
        let fault = ExecutableFault.findBehindEnv(inHead: head)
      {
        add(Problem(path: path, what: fault.what, help: fault.help))
      }
    case .absent: add(Problem(path: path, what: "does not exist", help: "put it there"))
    case .outside(let end):
      add(
        Problem(
          path: path,
          what: "leads outside the VM's folder, to \(quoted(end))",
          help: "only what is inside the VM's folder is run"
        )
      )
    case .unknown(let number):
      add(Problem(path: path, what: "cannot be opened: \(SystemError.words(number))"))
    }
  }

  /// Reports once which files that root is about to run could be changed by someone else.
  ///
  /// - Returns: whether there is such a thing, reported before or now.
  @discardableResult
  private mutating func checkIntrusion(at path: String, on vm: VMFolder) -> Bool {
    guard let problem = vm.intrusion(at: path) else { return false }
    if seenIntrusions.insert(problem.path).inserted { found.append(problem) }
    return true
  }

  private mutating func checkProcesses(of releaseJob: String, _ machine: Int) {
    let vm = vms.all[machine]
    let path = "\(vm.path)/jobs/\(releaseJob)/monit"
    guard CheckedName.refusal(of: releaseJob) == nil, seenControlFiles.insert(path).inserted else {
      return
    }
    var isIntruded = false
    for file in ReleaseJobProcesses.files(of: releaseJob, on: vm)
      + ["jobs/\(releaseJob)/\(SystemdUnits.fileName)"]
    { isIntruded = checkIntrusion(at: file, on: vm) || isIntruded }
    if let use = SupervisorFaults.use(ofControlFilesOf: vm, by: supervisor) {
      checkControlFiles(machine, for: use)
    }
    // Files that someone else could have written are not read, and neither are files that were
    // already reported.
    if isIntruded || controlFiles[machine]?.broken.contains(releaseJob) == true { return }
    do throws(PlainFailure) {
      if areUnits[machine] {
        _ = try SystemdUnits.read(of: releaseJob, on: vm)
        return
      }
      // It is undecided what `auto` means if it might be systemd.
      if !SupervisorFaults.mayBeSystemd(supervisor) {
        try SystemdUnits.requireNone(of: releaseJob, on: vm)
      }
      for process in try ReleaseJobProcesses.read(of: releaseJob, on: vm)
      where SupervisorFaults.isCtl(supervisor, on: vm) {
        _ = try PlacedProcess(process, of: releaseJob, on: vm)
        if process.start == nil {
          add(
            Problem(
              path: path,
              what: "has no start program for the process \(quoted(process.name))",
              help: "add 'start program = \"…\"'"
            )
          )
        }
      }
    } catch {
      add(Problem(error, at: path))
    }
  }

  /// Judges all monit files of a machine together, once.
  private mutating func checkControlFiles(_ machine: Int, for use: VMControlFiles.Use) {
    if controlFiles[machine] != nil { return }
    let vm = vms.all[machine]
    for releaseJob in vm.releaseJobs {
      for file in ReleaseJobProcesses.files(of: releaseJob.text, on: vm) {
        checkIntrusion(at: file, on: vm)
      }
    }
    let files = VMControlFiles(of: vm, for: use)
    found += files.problems
    controlFiles[machine] = files
  }

  /// Units that the plan names.
  ///
  /// If another program replaces systemctl, its units are unknown.
  private mutating func checkUnits(_ action: StepAction) {
    if case .systemd(.some) = supervisor { return }
    if !isBooted {
      if seenUnits.insert("").inserted { found.append(SupervisorFaults.notBooted(action.units)) }
      return
    }
    checkUnits(action.units, isStart: action.isStart)
  }

  /// Checks the units of release jobs that will be started.
  ///
  /// Only if it is certain that systemd starts them, and that no earlier script or command may
  /// install one. A stop reports what is unknown, and stops the others.
  private mutating func checkUnitsOfReleaseJobs(_ node: NodeID, _ machine: Int) {
    guard isBooted, areUnits[machine], !mended.contains(machine) else { return }
    if case .systemd(.some) = supervisor { return }
    checkUnits(units.ofReleaseJobs(node) ?? [], isStart: true)
  }

  private mutating func checkUnits(_ units: [String], isStart: Bool) {
    for unit in units where seenUnits.insert("\(isStart)\(unit)").inserted {
      let problem = unitFiles.problem(unit, isStart: isStart)
      // The first step reports what is unknown.
      if let problem, found.contains(problem) { continue }
      add(problem)
    }
  }

  private mutating func checkLogs(_ folder: String, _ stem: String, _ machine: Int) {
    if logFaults[machine].isKnownAsAbsent(folder) { return }
    let files = FileName(machine: machine, releaseJob: folder, name: stem)
    guard seenLogs.insert(files).inserted, !quickPreflights[machine].canLog(folder, stem),
      !logFaults[machine].isAbsent(folder)
    else { return }
    add(logFaults[machine].find(folder, "\(stem).stdout.log"))
    add(logFaults[machine].find(folder, "\(stem).stderr.log"))
  }
}
