import CLinux
import Glibc
import System
import VM
import Words

/// The file `monit/stopped` by which BOSH's agent knows that a machine is stopped, and not failing.
///
/// The agent (jobsupervisor/monit_job_supervisor.go) writes it, empty and with mode 0644, when it
/// stops everything, makes the folder `monit` where there is none, and removes it with each start. We
/// write it when everything is really down: after a stop that came to nothing the agent's own answer,
/// failing, is the right one.
enum StoppedMarker {
  private static let folder = "monit"
  private static let name = "stopped"

  /// Writes it.
  ///
  /// - Throws: one line for people.
  static func write(on vm: VMFolder) throws(PlainFailure) {
    // The umask, 022, makes it 0755; where it is there already it stays as it is.
    mkdirat(vm.folder.number, folder, 0o777)
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
    do throws(PlainFailure) {
      let folder = try openFolder(on: vm)
      let number = lockstep_openat(folder.number, name, flags, 0o666)
      if number < 0 {
        throw PlainFailure(words: "open \(path(on: vm)): \(SystemError.words(errno))")
      }
      _ = Descriptor(owning: number)
    } catch {
      throw PlainFailure(words: "everything is stopped, but \(error.words)")
    }
  }

  /// Removes it, if it is there.
  ///
  /// - Throws: one line for people.
  static func remove(on vm: VMFolder) throws(PlainFailure) {
    let status = fileStatus(folder, in: vm.folder.number, follow: true)
    if status?.isFolder != true { return }
    let folder = try openFolder(on: vm)
    if unlinkat(folder.number, name, 0) == 0 || errno == ENOENT { return }
    throw PlainFailure(
      words: "\(path(on: vm)) cannot be removed: \(SystemError.words(errno)); remove it"
    )
  }

  /// The folder that it is in, which has to end beneath the root.
  private static func openFolder(on vm: VMFolder) throws(PlainFailure) -> Descriptor {
    let opened: Descriptor
    do throws(SystemError) {
      opened = try Descriptor.folder(folder, in: vm.folder.number)
    } catch {
      throw PlainFailure(words: "open \(vm.path)/\(folder): \(SystemError.words(error.number))")
    }
    let end = opened.realPath ?? ""
    if isPath(end, beneath: vm.path) { return opened }
    throw PlainFailure(
      words: "\(vm.path)/\(folder) ends outside of the root, at \(quoted(end)); mend the link"
    )
  }

  private static func path(on vm: VMFolder) -> String { "\(vm.path)/\(folder)/\(name)" }
}
