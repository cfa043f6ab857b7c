package import PlanGraph
import PlanLanguage

/// The units of systemd that a plan starts and stops.
package enum PlannedUnits {
  /// Finds them.
  ///
  /// - Parameters:
  ///   - graph: the plan on its subjects.
  ///   - roots: the machine of each instance.
  ///   - supervisor: who is to start and stop processes.
  ///   - actions: which steps are meant.
  /// - Returns: whole names, each once; none of release jobs that say nothing that can be read.
  package static func all(
    _ graph: Graph,
    _ roots: [SubjectID: VMRoot],
    _ supervisor: SupervisorChoice,
    of actions: Set<StepAction>
  ) -> [String] {
    let machines = MachineOfSubject(graph.subjects, roots)
    var units: [String] = []
    var seen: Set<SubjectID> = []
    for node in graph.nodes where node.kind == .step {
      let step = graph.steps[Int(node.payload)]
      guard actions.contains(step.action), step.skipReason == nil,
        let machine = machines.index(of: node.subject), seen.insert(node.subject).inserted
      else { continue }
      let root = machines.roots[machine]
      guard supervisor.mayBeSystemd(on: root) else { continue }
      for subject in graph.subjects.members(of: node.subject, at: .releaseJob) {
        let found = try? SystemdUnits.read(of: graph.subjects.name(subject), on: root)
        for unit in found ?? [] where !units.contains(unit) { units.append(unit) }
      }
    }
    return units
  }
}

extension SupervisorChoice {
  /// Whether it is systemd that starts and stops units of a machine, as far as can be told without
  /// asking anybody.
  func mayBeSystemd(on root: VMRoot) -> Bool {
    switch self {
    case .systemd: true
    case .auto:
      SystemdUnits.areMapped(on: root) && fileStatus(Systemctl.bootedFolder, follow: true) != nil
        && fileStatus("\(root.path)/\(AutoSupervisor.ownControlFile)", follow: true) == nil
    case .ctl, .monit: false
    }
  }
}
