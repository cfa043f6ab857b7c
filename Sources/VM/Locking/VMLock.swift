import CLinux
import Clock
import Glibc
import System

/// Keeps every other run away from some VMs, as long as this object lives.
///
/// flock(2) on the VM's folder: nothing is written, so it works on a read-only folder and with any
/// state folder, and the kernel releases it with the process. Children close the descriptor by
/// executing their programs. If this process is killed, the lock stays until the last child has
/// done so; whoever takes it then sees everything that was started.
package final class VMLock {
  private let folders: [Folder]

  /// A class, because an array cannot hold a noncopyable value.
  private final class Folder {
    let descriptor: Descriptor
    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
  }

  private struct Candidate {
    var folder: Folder
    /// For people.
    var path: String
    var file: FileIdentity
  }

  /// Takes the locks, each folder's only once even if it has several names.
  ///
  /// They are taken in a fixed order, without waiting. Only if the holder of one is not visible,
  /// this waits for a second.
  ///
  /// - Parameters:
  ///   - vms: what a run will work on.
  ///   - time: how long to wait for them nevertheless.
  ///   - waits: called once with what it waits for.
  /// - Throws: which VM is in use and by whom, as far as is visible; then nothing is locked.
  package init(
    _ vms: [VMFolder],
    waiting time: Duration = .zero,
    waits: (Problem) -> Void = { _ in }
  ) throws(Problem) {
    var candidates: [Candidate] = []
    for vm in vms {
      let candidate = try Self.candidate(vm.folder.number, vm.givenPath)
      if candidates.contains(where: { $0.file == candidate.file }) { continue }
      candidates.append(candidate)
    }
    candidates.sort { $0.file < $1.file }
    let latest = Instant.now + time
    var isTold = false
    for candidate in candidates {
      while true {
        do {
          try Self.lock(candidate)
          break
        } catch {
          if Instant.now >= latest { throw error }
          if !isTold { waits(error) }
          isTold = true
          usleep(50_000)
        }
      }
    }
    folders = candidates.map(\.folder)
  }

  /// What became of a try to take a lock.
  package enum Trial {
    case locked(VMLock)
    /// It is another process's; `isPassing` if that process may be about to end.
    case busy(Problem, isPassing: Bool)
  }

  /// Tries to take the lock of a VM, and never waits.
  ///
  /// - Parameter vm: what a run will work on.
  /// - Returns: the lock, or who has it.
  /// - Throws: why it cannot be locked at all.
  package static func trial(of vm: VMFolder) throws(Problem) -> Trial {
    let candidate = try candidate(vm.folder.number, vm.givenPath)
    while flock(candidate.folder.descriptor.number, LOCK_EX | LOCK_NB) != 0 {
      if errno == EINTR { continue }
      if errno != EWOULDBLOCK { throw cannotLock(candidate.path, errno) }
      let holder = LockHolder.find(of: candidate.file)
      return .busy(inUse(candidate, holder), isPassing: holder?.isFarEnd ?? true)
    }
    return .locked(VMLock([candidate.folder]))
  }

  private init(_ folders: [Folder]) { self.folders = folders }

  /// Takes the lock of a VM's folder that may have no release jobs yet.
  ///
  /// - Parameters:
  ///   - folder: the open folder.
  ///   - path: its path, for people.
  /// - Throws: as for several.
  package init(folder: Int32, path: String) throws(Problem) {
    let candidate = try Self.candidate(folder, path)
    try Self.lock(candidate)
    folders = [candidate.folder]
  }

  /// Who has the lock of one of some VMs, without taking it.
  ///
  /// - Parameter vms: what a run was on.
  /// - Returns: the process, and its description; nil if there is none, or it is not visible.
  package static func holder(of vms: [VMFolder]) -> (process: Int32, words: String)? {
    for vm in vms {
      guard let candidate = try? candidate(vm.folder.number, vm.givenPath),
        let holder = LockHolder.find(of: candidate.file)
      else { continue }
      return (holder.process, holder.words)
    }
    return nil
  }

  private static func candidate(_ vm: Int32, _ path: String) throws(Problem) -> Candidate {
    // The folder's own descriptor can only be used to resolve names.
    let number = lockstep_openat(vm, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
    if number < 0 { throw cannotLock(path, errno) }
    let folder = Folder(Descriptor(owning: number))
    guard let status = FileStatus(of: number) else { throw cannotLock(path, errno) }
    return Candidate(folder: folder, path: path, file: status.identity)
  }

  /// How long the children of a killed process may take to execute their programs.
  private static let patience = Duration.seconds(1)

  private static func lock(_ candidate: Candidate) throws(Problem) {
    let number = candidate.folder.descriptor.number
    let latest = Instant.now + patience
    while flock(number, LOCK_EX | LOCK_NB) != 0 {
      if errno == EINTR { continue }
      if errno != EWOULDBLOCK { throw cannotLock(candidate.path, errno) }
      let holder = LockHolder.find(of: candidate.file)
      if holder == nil, Instant.now < latest {
        usleep(1000)
        continue
      }
      throw inUse(candidate, holder)
    }
  }

  private static func inUse(_ candidate: Candidate, _ holder: LockHolder?) -> Problem {
    Problem(
      path: candidate.path,
      what: "\(holder?.words ?? "another process") is working on it",
      help: "only one run at a time may work on a VM; wait for it to end"
    )
  }

  private static func cannotLock(_ path: String, _ number: Int32) -> Problem {
    Problem(
      path: path,
      what: "cannot be locked against other runs: \(SystemError.words(number))",
      help: "put it on a file system that has flock(2)"
    )
  }
}
