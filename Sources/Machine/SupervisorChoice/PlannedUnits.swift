package import PlanGraph
import PlanLanguage
import System
package import VM

/// The units of systemd that a plan starts and stops: those that it names, and those that are the
/// processes of release jobs.
package struct PlannedUnits {
  private let graph: Graph
  private let vms: SubjectVMs
  /// By machine: whether it may be systemd that starts and stops release jobs there.
  private let mayBeSystemd: [Bool]
  private let isBooted = FileStatus(Systemctl.bootedFolder, follow: true) != nil
  private let files = UnitFiles()

  /// Prepares it.
  ///
  /// - Parameters:
  ///   - graph: the plan on its subjects.
  ///   - vms: the machine of each instance; those without one have only units that the plan names.
  ///   - supervisor: who starts and stops processes.
  package init(_ graph: Graph, _ vms: [SubjectID: VMFolder], _ supervisor: SupervisorChoice) {
    self.graph = graph
    self.vms = SubjectVMs(graph.subjects, vms)
    mayBeSystemd = self.vms.all.map { supervisor.mayBeSystemd(on: $0) }
  }

  /// The units of the release jobs of a step that starts or stops processes.
  ///
  /// - Parameter node: the step.
  /// - Returns: full names, each once, without those of release jobs whose files cannot be read;
  ///   nil if systemd is not the supervisor.
  package func ofReleaseJobs(_ node: NodeID) -> [String]? {
    let subject = graph[node].subject
    guard let machine = vms.index(of: subject), mayBeSystemd[machine] else { return nil }
    var units: [String] = []
    for releaseJob in graph.subjects.members(of: subject, at: .releaseJob) {
      let name = graph.subjects.name(releaseJob)
      guard CheckedName.refusal(of: name) == nil else { continue }
      let found = try? SystemdUnits.read(of: name, on: vms.all[machine])
      for unit in found ?? [] where !units.contains(unit) { units.append(unit) }
    }
    return units
  }

  /// The units of all steps that start, or of all that stop.
  ///
  /// - Parameter isStart: which of them.
  /// - Returns: whole names, each once.
  package func all(isStart: Bool) -> [String] {
    var units: [String] = []
    var seen: Set<String> = []
    var seenSubjects: Set<SubjectID> = []
    for (id, node) in zip(graph.nodes.indices, graph.nodes) where node.kind == .step {
      let step = graph.steps[node.template]
      if step.skipReason != nil { continue }
      var found: [String] = []
      switch step.action {
      case .start where isStart, .stop where !isStart:
        if !seenSubjects.insert(node.subject).inserted { continue }
        found = ofReleaseJobs(id) ?? []
      case .startUnits(let named) where isStart, .stopUnits(let named) where !isStart:
        found = named
      default: continue
      }
      for unit in found where seen.insert(unit).inserted { units.append(unit) }
    }
    return units
  }

  /// A unit as a dry-run shows it: its name, and if systemd is running, what is wrong with its
  /// file.
  package func words(_ unit: String) -> String {
    if !isBooted { return unit }
    return switch files.find(unit) {
    case .known: unit
    case .masked: "\(unit) (masked now)"
    case .unknown: "\(unit) (not installed now)"
    }
  }
}

extension SupervisorChoice {
  /// Whether systemd may be what starts and stops units of a VM's release jobs, as far as is known
  /// without asking it.
  func mayBeSystemd(on vm: VMFolder) -> Bool {
    switch self {
    case .systemd: true
    case .auto:
      FileStatus(Systemctl.bootedFolder, follow: true) != nil && SystemdUnits.areMapped(on: vm)
        && FileStatus("\(vm.path)/\(AutoSupervisor.ownControlFile)", follow: true) == nil
    case .ctl, .monit: false
    }
  }

  /// Whether it is certain: no monit of the operating system could be asked first.
  func isSystemd(on vm: VMFolder) -> Bool {
    if self != .auto { return mayBeSystemd(on: vm) }
    return mayBeSystemd(on: vm)
      && (AutoSupervisor.systemControlFiles.allSatisfy { FileStatus($0, follow: true) == nil }
        || vm.releaseJobs.allSatisfy {
          (try? ReleaseJobProcesses.read(of: $0.text, on: vm))?.isEmpty != false
        })
  }
}
