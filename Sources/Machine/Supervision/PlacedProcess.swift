import CLinux
import Execution
import Glibc
import System
import VM
import Words

/// A process of a release job, with its place on a VM.
struct PlacedProcess {
  var process: MonitoredProcess
  var releaseJob: String
  var pidFile: PidFile
  /// Those of other orders' processes that must run before this one is started.
  var prerequisites: [PidFile] = []

  /// Finds its place.
  ///
  /// - Throws: for a process that only monit can find; one line for people.
  init(_ process: MonitoredProcess, of releaseJob: String, on vm: VMFolder)
    throws(PlainFailure)
  {
    let process = process.relocated(to: vm)
    switch process.identity {
    case .pidFile(let path):
      pidFile = PidFile(
        path: Self.absolute(path, vm),
        processName: process.name,
        vmPath: vm.path,
        patience: process.start?.timeout ?? ControlProgram.standardTimeout
      )
    case .matching:
      throw PlainFailure(
        path: "\(vm.path)/jobs/\(releaseJob)/monit",
        line: "\(process.line)",
        "finds the process \(quoted(process.name)) by 'matching', which only monit does; use "
          + "'with pidfile PATH' or --supervisor monit"
      )
    }
    self.process = process
    self.releaseJob = releaseJob
  }

  /// monit requires absolute paths.
  ///
  /// A relative one starts in the VM's folder, so that a folder laid out like a VM can be moved.
  static func absolute(_ path: String, _ vm: VMFolder) -> String {
    path.hasPrefix("/") ? path : "\(vm.path)/\(path)"
  }
}
