import Glibc
import System
import VM

extension SupervisorChoice {
  /// Makes the supervisor of one machine.
  ///
  /// - Parameters:
  ///   - root: the machine.
  ///   - machinery: the loop and what belongs to it.
  /// - Returns: the supervisor.
  /// - Throws: one line for people.
  func make(for root: VMRoot, _ machinery: Machinery) throws(PlainFailure) -> any Supervisor {
    switch self {
    case .auto: return AutoSupervisor(root: root, machinery)
    case .ctl:
      do throws(SystemError) {
        return try CtlSupervisor(root: root, machinery)
      } catch {
        throw PlainFailure(words: error.description)
      }
    case .systemd(let program):
      return try SystemdSupervisor(program, root: root, machinery)
    case .monit(let given):
      do throws(PlainFailure) {
        let settings = try MonitSettings.read(given ?? Self.usualControlFile(of: root))
        return MonitSupervisor(settings, root: root, machinery)
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
    for root: VMRoot,
    _ machinery: Machinery
  ) throws(PlainFailure) -> any Supervisor {
    var program: String?
    if case .systemd(let given) = self { program = given }
    return try SystemdSupervisor(program, root: root, machinery)
  }

  /// The first control file of the usual ones that is there; the first of them where none is.
  static func usualControlFile(of root: VMRoot) -> String {
    let own = "\(root.path)/\(AutoSupervisor.ownControlFile)"
    let all = [own] + AutoSupervisor.systemControlFiles
    return all.first { fileStatus($0, follow: true) != nil } ?? own
  }
}
