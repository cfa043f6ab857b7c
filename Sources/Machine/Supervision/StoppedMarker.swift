import CLinux
import Glibc

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
  static func write(on root: VMRoot) throws(PlainFailure) {
    // The umask, 022, makes it 0755; where it is there already it stays as it is.
    mkdirat(root.folder.number, folder, 0o777)
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
    do throws(SystemError) {
      let folder = try Descriptor.folder(folder, in: root.folder.number)
      guard let end = folder.realPath, isPath(end, beneath: root.path) else {
        throw SystemError("\(path(on: root)) ends outside of the root", number: EXDEV)
      }
      _ = try Descriptor(
        lockstep_openat(folder.number, name, flags, 0o666),
        "open \(path(on: root))"
      )
    } catch {
      throw PlainFailure(words: "everything is stopped, but \(error)")
    }
  }

  /// Removes it, if it is there.
  ///
  /// - Throws: one line for people.
  static func remove(on root: VMRoot) throws(PlainFailure) {
    if unlinkat(root.folder.number, "\(folder)/\(name)", 0) == 0 { return }
    if errno == ENOENT || errno == ENOTDIR { return }
    throw PlainFailure(
      words: "\(path(on: root)) cannot be removed: \(SystemError.words(errno)); remove it"
    )
  }

  private static func path(on root: VMRoot) -> String { "\(root.path)/\(folder)/\(name)" }
}
