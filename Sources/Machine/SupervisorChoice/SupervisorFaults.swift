import PlanGraph
import PlanLanguage
import System
import VM
import Words

/// What keeps the supervisor from being asked.
package enum SupervisorFaults {
  /// The faults of a choice of supervisor.
  ///
  /// - Parameters:
  ///   - supervisor: the choice.
  ///   - vms: the machines.
  ///   - graph: what will run; if it starts and stops nothing, nothing is wrong.
  /// - Returns: the problems; none if nothing is certain to fail.
  static func find(
    _ supervisor: SupervisorChoice,
    _ vms: [VMFolder],
    for graph: Graph
  ) -> [Problem] {
    let orders: Set<StepAction> = [.start, .stop, .unmonitor]
    guard graph.steps.contains(where: { orders.contains($0.action) && $0.skipReason == nil })
    else { return [] }
    let ordered = Set(
      graph.subjects.members(of: .deployment, at: .releaseJob).map(graph.subjects.name)
    )
    switch supervisor {
    case .systemd(nil):
      if FileStatus(Systemctl.bootedFolder, follow: true) != nil { return [] }
      return [
        Problem(
          path: Systemctl.bootedFolder,
          what: "is not there: systemd did not boot this machine",
          help: "choose another --supervisor"
        )
      ]
    case .monit(let path?):
      if let fault = settings(path, help: nil) { return [fault] }
      return vms.compactMap { unknown(path, ordered, on: $0) }
    case .monit(nil), .auto:
      return vms.compactMap { vm in
        let own = "\(vm.path)/\(AutoSupervisor.ownControlFile)"
        if FileStatus(own, follow: true) == nil { return nil }
        return settings(own, help: "fix it, or choose with --supervisor ctl or monit=FILE")
          ?? unknown(own, ordered, on: vm)
      }
    case .ctl, .systemd: return []
    }
  }

  /// Whether systemd might turn out to be who starts and stops processes.
  static func mayBeSystemd(_ supervisor: SupervisorChoice) -> Bool {
    supervisor == .auto && FileStatus(Systemctl.bootedFolder, follow: true) != nil
  }

  /// Whether only `ctl` can be the supervisor.
  static func isCtl(_ supervisor: SupervisorChoice, on vm: VMFolder) -> Bool {
    switch supervisor {
    case .ctl: true
    case .auto:
      !(mayBeSystemd(supervisor) && SystemdUnits.areMapped(on: vm))
        && !hasOwnMonit(vm)
        && AutoSupervisor.systemControlFiles.allSatisfy { FileStatus($0, follow: true) == nil }
    case .monit, .systemd: false
    }
  }

  private static func hasOwnMonit(_ vm: VMFolder) -> Bool {
    FileStatus("\(vm.path)/\(AutoSupervisor.ownControlFile)", follow: true) != nil
  }

  /// How a VM's monit files are used; nil if nothing loads them.
  static func use(
    ofControlFilesOf vm: VMFolder,
    by supervisor: SupervisorChoice
  ) -> VMControlFiles.Use? {
    if isCtl(supervisor, on: vm) {
      return VMControlFiles.Use(byMonit: false, byCtlOnly: true)
    }
    switch supervisor {
    case .systemd: return nil
    case .ctl: return VMControlFiles.Use(byMonit: false, byCtlOnly: true)
    case .auto:
      let hasOwn = hasOwnMonit(vm)
      if !hasOwn, mayBeSystemd(supervisor), SystemdUnits.areMapped(on: vm) { return nil }
      let path = hasOwn ? "\(vm.path)/\(AutoSupervisor.ownControlFile)" : nil
      return VMControlFiles.Use(byMonit: hasOwn, otherServices: services(path))
    case .monit(let path):
      return VMControlFiles.Use(
        otherServices: services(path ?? SupervisorChoice.usualControlFile(of: vm))
      )
    }
  }

  /// Names of what else a monit watches; none if its control file is not understood.
  private static func services(_ path: String?) -> Set<String> {
    guard let path, let settings = try? MonitSettings.read(path) else { return [] }
    return settings.services
  }

  /// The problem that nothing can start or stop the units of a plan.
  static func notBooted(_ units: [String]) -> Problem {
    Problem(
      path: Systemctl.bootedFolder,
      what: "is not there: systemd did not boot this machine, which would have to start and "
        + "stop \(units.first ?? "units")",
      help: "run the plan on a machine that systemd has booted"
    )
  }

  /// The problem that monit loads no file with a process of a release job, and would not load one that
  /// is written for it.
  ///
  /// A control file that includes and checks nothing at all is not judged: monit has its files from
  /// elsewhere.
  private static func unknown(
    _ path: String,
    _ ordered: Set<String>,
    on vm: VMFolder
  ) -> Problem? {
    guard let settings = try? MonitSettings.read(path),
      !settings.includes.isEmpty || !settings.checks.isEmpty,
      !MonitJobFiles.areLoaded(by: settings, on: vm)
    else { return nil }
    for releaseJob in vm.releaseJobs where ordered.contains(releaseJob.text) {
      let processes = (try? ReleaseJobProcesses.read(of: releaseJob.text, on: vm)) ?? []
      for process in processes where !settings.checks.contains(process.name.lowercased()) {
        return Problem(
          path: path,
          what: "loads no file with the process \(quoted(process.name)) of jobs/\(releaseJob.text)",
          help: "add the line: include \(vm.path)/monit/job/*.monitrc"
        )
      }
    }
    return nil
  }

  /// What is wrong with a control file that should say how to reach monit; nil if it does.
  private static func settings(_ path: String, help: String?) -> Problem? {
    do throws(PlainFailure) {
      _ = try MonitSettings.read(path)
      return nil
    } catch {
      return Problem(error, at: path, help: help)
    }
  }
}
