import CLinux
import Glibc
import System
import VM
import Words

/// The file `monit/stopped`: BOSH's agent takes it as a sign that a machine is stopped, and not
/// failing.
///
/// The agent (jobsupervisor/monit_job_supervisor.go) writes it, empty and with mode 0644, when it
/// stops everything; creates the folder `monit` if there is none; and removes the file with each
/// start. We write it when everything is really down: after a failed stop, the agent's own answer,
/// failing, is right.
enum StoppedMarker {
  private static let folder = "monit"
  private static let name = "stopped"

  /// Writes it.
  ///
  /// - Throws: one line for people.
  static func write(on vm: VMFolder) throws(PlainFailure) {
    // The umask, 022, makes it 0755; an existing one stays as it is.
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
    let status = FileStatus(folder, in: vm.folder.number, follow: true)
    if status?.isFolder != true { return }
    let folder = try openFolder(on: vm)
    if unlinkat(folder.number, name, 0) == 0 || errno == ENOENT { return }
    throw PlainFailure(
      words: "\(path(on: vm)) cannot be removed: \(SystemError.words(errno)); remove it"
    )
  }

  /// Its folder, which must be inside the VM's folder.
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
      words: "\(vm.path)/\(folder) leads outside the VM's folder, to \(quoted(end)); fix the link"
    )
  }

  private static func path(on vm: VMFolder) -> String { "\(vm.path)/\(folder)/\(name)" }
}
