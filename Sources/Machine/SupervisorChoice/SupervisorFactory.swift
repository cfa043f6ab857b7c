import Glibc
import System
import VM

extension SupervisorChoice {
  /// Makes the supervisor of one machine.
  ///
  /// - Parameters:
  ///   - vm: the VM.
  ///   - machinery: the loop and what belongs to it.
  /// - Returns: the supervisor.
  /// - Throws: one line for people.
  func make(for vm: VMFolder, _ machinery: Machinery) throws(PlainFailure) -> any Supervisor {
    switch self {
    case .auto: return AutoSupervisor(vm: vm, machinery)
    case .ctl:
      do throws(SystemError) {
        return try CtlSupervisor(vm: vm, machinery)
      } catch {
        throw PlainFailure(words: error.description)
      }
    case .systemd(let program):
      return try SystemdSupervisor(program, vm: vm, machinery)
    case .monit(let given):
      do throws(PlainFailure) {
        let settings = try MonitSettings.read(given ?? Self.usualControlFile(of: vm))
        return MonitSupervisor(settings, vm: vm, machinery)
      } catch {
        throw PlainFailure(words: error.words)
      }
    }
  }

  /// Makes the supervisor for units that a plan names: always systemd, whatever is chosen for
  /// release jobs.
  ///
  /// - Throws: one line for people.
  func makeForUnits(
    for vm: VMFolder,
    _ machinery: Machinery
  ) throws(PlainFailure) -> any Supervisor {
    var program: String?
    if case .systemd(let given) = self { program = given }
    return try SystemdSupervisor(program, vm: vm, machinery)
  }

  /// The first of the usual control files that exists; the first of all if none does.
  static func usualControlFile(of vm: VMFolder) -> String {
    let own = "\(vm.path)/\(AutoSupervisor.ownControlFile)"
    let all = [own] + AutoSupervisor.systemControlFiles
    return all.first { FileStatus($0, follow: true) != nil } ?? own
  }
}
