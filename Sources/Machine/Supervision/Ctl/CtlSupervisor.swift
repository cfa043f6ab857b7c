import Execution
import Glibc
import System
import VM
import Words

/// Starts and stops processes itself, as the release jobs' monit files describe them: for a machine
/// without monit.
///
/// It watches a process only until an order is carried out; afterwards nothing restarts it when it
/// dies. So there is nothing to `unmonitor`.
final class CtlSupervisor: Supervisor {
  private let vm: VMFolder
  private let machinery: Machinery
  private let programs: ControlPrograms

  init(vm: VMFolder, _ machinery: Machinery) throws(SystemError) {
    self.vm = vm
    self.machinery = machinery
    programs = try ControlPrograms(vm: vm, machinery)
  }

  func begin(
    _ order: SupervisorOrder,
    ended: @escaping (AttemptResult) -> Void
  ) -> any Attempt {
    DeferredAttempt(machinery.loop, ended: ended) { [self] ended in
      if order.verb == .unmonitor {
        ended(.exited(0))
        return nil
      }
      let processes: [PlacedProcess]
      do throws(PlainFailure) {
        processes = try find(order)
      } catch {
        ended(.failed(error.words))
        return nil
      }
      let operation = CtlOperation(
        order,
        processes,
        programs,
        machinery,
        ended: ended
      )
      return (operation, { operation.begin() })
    }
  }

  /// The processes of an order, every name once.
  private func find(_ order: SupervisorOrder) throws(PlainFailure) -> [PlacedProcess] {
    var found: [PlacedProcess] = []
    var owners: [String: String] = [:]
    for releaseJob in order.releaseJobs {
      try SystemdUnits.requireNone(of: releaseJob, on: vm)
      for process in try ReleaseJobProcesses.read(of: releaseJob, on: vm) {
        if let other = owners.updateValue(releaseJob, forKey: process.name) {
          throw PlainFailure(
            words: other == releaseJob
              ? "\(vm.path)/jobs/\(releaseJob): two monit files have a process "
                + "\(quoted(process.name)); rename one"
              : "\(vm.path)/jobs: both \(quoted(other)) and \(quoted(releaseJob)) have a process "
                + "\(quoted(process.name)); rename one"
          )
        }
        found.append(try PlacedProcess(process, of: releaseJob, on: vm))
      }
    }
    if order.verb == .start { try findPrerequisites(of: &found, owners) }
    return found
  }

  /// Finds what processes of an order depend on that belongs to a release job outside it.
  private func findPrerequisites(
    of processes: inout [PlacedProcess],
    _ owners: [String: String]
  ) throws(PlainFailure) {
    for index in processes.indices {
      for name in processes[index].process.dependencies where owners[name] == nil {
        guard let other = try find(name) else {
          throw PlainFailure(
            words: "\(quoted(processes[index].process.name)) depends on \(quoted(name)), "
              + "which no release job's monit file declares in group vcap"
          )
        }
        processes[index].prerequisites.append(other.pidFile)
      }
    }
  }

  private func find(_ name: String) throws(PlainFailure) -> PlacedProcess? {
    for releaseJob in vm.releaseJobs {
      for process in try ReleaseJobProcesses.read(of: releaseJob.text, on: vm)
      where process.name == name {
        return try PlacedProcess(process, of: releaseJob.text, on: vm)
      }
    }
    return nil
  }
}
