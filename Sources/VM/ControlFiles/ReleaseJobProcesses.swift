import CLinux
import Glibc
package import System

/// The processes that a release job's own control files declare.
package enum ReleaseJobProcesses {
  /// Control files are small.
  package static let largest = 1 << 20

  /// Reads `jobs/<release job>/monit` and `jobs/<release job>/*.monit`, in this order, as the agent
  /// takes them.
  ///
  /// - Parameters:
  ///   - releaseJob: a checked name.
  ///   - vm: the VM.
  /// - Returns: the processes of group vcap; none if there is no such file.
  /// - Throws: one line for people.
  package static func read(
    of releaseJob: String,
    on vm: VMFolder
  ) throws(PlainFailure) -> [MonitoredProcess] {
    var processes: [MonitoredProcess] = []
    for file in files(of: releaseJob, on: vm) {
      guard let bytes = try vm.controlFile(file, limit: largest) else { continue }
      let path = "\(vm.path)/\(file)"
      do {
        processes += try ControlFileParser.parse(bytes).processes
      } catch {
        throw error.failure(in: path)
      }
    }
    return processes.filter(\.isInBoshGroup)
  }

  /// The paths of a release job's control files, relative to the VM's folder; the first need not
  /// exist.
  package static func files(of releaseJob: String, on vm: VMFolder) -> [String] {
    let folder = "jobs/\(releaseJob)"
    let names = (try? namesInFolder(folder, in: vm.folder.number)) ?? []
    let extra = names.filter { $0.hasSuffix(".monit") }
    return (["monit"] + extra).map { "\(folder)/\($0)" }
  }
}
