import Clock
import Glibc
import Machine
import System
import VM
import Wire
import Words

extension VMReport {
  /// What there is to say of a VM before a run begins on it.
  ///
  /// - Parameters:
  ///   - vm: the VM.
  ///   - version: of this program.
  init(_ vm: VMFolder, version: String) {
    self.init()
    self.version = version
    user = geteuid()
    hostName = ThisMachine.name
    machineType = ThisMachine.type
    boot = bootIdentifier() ?? ""
    time = ThisMachine.timeOfDay.nanoseconds / 1_000_000
    freeBytes = FreeSpaceCheck.freeBytes(of: vm)
    path = vm.path
    isPlain = vm.isPlain
    hasSpec = vm.hasSpec
    releaseJobs = vm.releaseJobs.map { Self.releaseJob($0.text, on: vm) }
    (deploymentJob, index) = vm.instance
    persistentDisk = vm.persistentDisk
    facts = vm.facts
    logsPath = vm.logsPath
    recordsPath = RunStore.Place.beneath(vm).path
  }

  private static func releaseJob(_ name: String, on vm: VMFolder) -> ReleaseJob {
    let names = (try? namesInFolder("jobs/\(name)/bin", in: vm.folder.number)) ?? []
    return ReleaseJob(
      name: name,
      scripts: names.filter { vm.hasScript($0, of: name) },
      hasProcesses: vm.hasProcesses(of: name)
    )
  }
}

extension WireProblem {
  /// A problem of this machine for people at the near end.
  ///
  /// They choose no folder for the records here, and name the VM's folder in the hosts file.
  init(_ problem: Problem) {
    var help = problem.help
    if help == Problem.elsewhere { help = nil }
    if let text = help, text.hasSuffix(", or \(Problem.elsewhere)") {
      help = String(text.dropLast(", or \(Problem.elsewhere)".count))
    }
    for option in ["--vm ROOT", "--vm DIR", "--vm"] {
      help = help?.replacing(option, with: "vm=FOLDER in the hosts file")
    }
    self.init(path: problem.path, what: problem.what, help: help, isWarning: problem.isWarning)
  }
}
