import Clock
import Glibc
import System
import VM

/// A start or stop program of a control file that a coordinator has started under `ctl`, and that
/// still runs although the coordinator is gone.
///
/// It leads a session without a terminal, has monit's variables, shows a sign of the VM, and
/// executes what a control file of the VM says. What else a start program has started, such as the
/// service itself, executes something else, or is what the pid file names.
struct EarlierProgram {
  let placed: PlacedProcess
  let verb: SupervisorOrder.Verb
  let vm: VMFolder
  let stat: ProcessStat

  var identity: ProcessIdentity {
    ProcessIdentity(process: stat.process, startTime: stat.startTime)
  }

  /// Whether it still does what it was started for: a start program may stay when the service runs.
  var isAtWork: Bool {
    guard let now = ProcessStat(stat.process), now.startTime == stat.startTime, !now.isDead else {
      return false
    }
    if verb == .start, case .running = placed.pidFile.check() { return false }
    return true
  }

  /// Searches all processes.
  ///
  /// - Parameter vms: the VMs; nobody else may be starting something on them.
  /// - Returns: those that are at work.
  static func all(on vms: [VMFolder]) -> [EarlierProgram] {
    ProcessStat.all().compactMap { stat in
      guard stat.process == stat.session, stat.terminal == 0, !stat.isDead,
        stat.process != getpid(), let (name, verb) = marks(of: stat.process), isOrphan(stat)
      else { return nil }
      for vm in vms where ServiceSigns(of: stat.process, vmPath: vm.path).isInVM {
        guard let placed = find(name, on: vm), let program = placed.program(for: verb),
          executes(stat.process, program, on: vm)
        else { continue }
        let found = EarlierProgram(placed: placed, verb: verb, vm: vm, stat: stat)
        return found.isAtWork ? found : nil
      }
      return nil
    }
  }

  // MARK: What it has about it

  /// The service that it was started for, and what for.
  private static func marks(of process: pid_t) -> (String, SupervisorOrder.Verb)? {
    let bytes = (try? firstBytes(of: "/proc/\(process)/environ", limit: 1 << 16)) ?? []
    var name: String?
    var verb: SupervisorOrder.Verb?
    for variable in bytes.split(separator: 0) {
      let text = String(decoding: variable, as: UTF8.self)
      if text.hasPrefix("MONIT_SERVICE=") { name = String(text.dropFirst("MONIT_SERVICE=".count)) }
      if text == "MONIT_EVENT=Started" { verb = .start }
      if text == "MONIT_EVENT=Stopped" { verb = .stop }
    }
    guard let name, let verb else { return nil }
    return (name, verb)
  }

  /// Whether whoever started it is gone: neither a monit nor a coordinator is its parent.
  private static func isOrphan(_ stat: ProcessStat) -> Bool {
    let parent = command(stat.parent)
    return stat.parent != getpid() && parent != "monit" && parent != command(getpid())
  }

  private static func command(_ process: pid_t) -> String? {
    (try? firstBytes(of: "/proc/\(process)/comm", limit: 64)).map {
      String(decoding: $0.filter { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
  }

  /// The process of that name in a control file of a VM.
  private static func find(_ name: String, on vm: VMFolder) -> PlacedProcess? {
    for releaseJob in vm.releaseJobs {
      // What cannot be read is reported before anything is started.
      let processes = (try? ReleaseJobProcesses.read(of: releaseJob.text, on: vm)) ?? []
      if let found = processes.first(where: { $0.name == name }) {
        return try? PlacedProcess(found, of: releaseJob.text, on: vm)
      }
    }
    return nil
  }

  /// Whether it executes a program, by itself or through what its first line names.
  private static func executes(_ process: pid_t, _ program: ControlProgram, on vm: VMFolder) -> Bool
  {
    var wanted = program.arguments
    guard let path = wanted.first else { return false }
    wanted[0] = PlacedProcess.absolute(path, vm)
    let bytes = (try? firstBytes(of: "/proc/\(process)/cmdline", limit: 1 << 18)) ?? []
    let arguments = bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast()
      .map { String(decoding: $0, as: UTF8.self) }
    return arguments.suffix(wanted.count).elementsEqual(wanted)
  }
}

extension PlacedProcess {
  /// The program of its control file for a verb; nil if it has none.
  fileprivate func program(for verb: SupervisorOrder.Verb) -> ControlProgram? {
    switch verb {
    case .start: process.start
    case .stop: process.stop
    case .unmonitor: nil
    }
  }
}
