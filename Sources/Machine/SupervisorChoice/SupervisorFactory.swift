import Glibc
import System
import VM

extension SupervisorChoice {
  /// Makes the supervisor of one machine.
  ///
  /// - Parameters:
  ///   - vm: the machine.
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

  /// Makes who starts and stops units that a plan names, which is systemd whatever is chosen for
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

  /// The first control file of the usual ones that is there; the first of them where none is.
  static func usualControlFile(of vm: VMFolder) -> String {
    let own = "\(vm.path)/\(AutoSupervisor.ownControlFile)"
    let all = [own] + AutoSupervisor.systemControlFiles
    return all.first { fileStatus($0, follow: true) != nil } ?? own
  }
}
