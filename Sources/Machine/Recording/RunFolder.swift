import CLinux
import Glibc
import System
package import VM

/// The folder of one run: its journal, and what the holders of its steps leave.
package final class RunFolder: Sendable {
  /// The run's name.
  package let id: RunID
  /// Where it is, for people.
  package let path: String
  /// The folder for the holders.
  let steps: Descriptor
  let folder: Descriptor

  /// Where the folder for the holders is.
  package var stepsPath: String { "\(path)/steps" }
  /// Where the journal is.
  package var journalPath: String { "\(path)/journal" }

  /// Opens a run's existing folder.
  ///
  /// - Parameters:
  ///   - id: its name.
  ///   - runs: the folder around it.
  ///   - path: where it is, for people.
  ///   - makes: whether to create what is in it.
  /// - Throws: why it cannot be used.
  init(_ id: RunID, in runs: Int32, path: String, makes: Bool) throws(Problem) {
    self.id = id
    self.path = path
    guard let folder = try PrivateFolder.open(id.text, in: runs, path: path, makes: false) else {
      throw Problem(path: path, what: "is gone")
    }
    if makes { try PrivateFolder.sync(runs, path: path) }
    let stepsPath = "\(path)/steps"
    guard
      let steps = try PrivateFolder.open(
        "steps",
        in: folder.number,
        path: stepsPath,
        makes: makes
      )
    else {
      throw Problem(
        path: stepsPath,
        what: "is missing, and with it the record of how steps ended",
        help: "restore it from a backup, or run the plan again"
      )
    }
    self.folder = folder
    self.steps = steps
  }

  /// Creates the empty journal, and makes sure that it is on disk.
  ///
  /// - Throws: why it cannot be done, also if it already exists.
  func makeJournal() throws(Problem) -> JournalFile {
    let file = try openJournal(O_WRONLY | O_APPEND | O_CREAT | O_EXCL)
    try lock(file)
    try sync(file)
    try PrivateFolder.sync(folder.number, path: path)
    return try journal(file, length: 0)
  }

  /// How many bytes the journal has now; nil if that is unknown.
  package var journalLength: Int? {
    FileStatus("journal", in: folder.number, follow: false).map { Int($0.size) }
  }

  /// Reads the journal as it is now.
  ///
  /// - Throws: why it cannot be read.
  package func readJournal() throws(Problem) -> JournalBytes {
    let file = try openJournal(O_RDONLY)
    do {
      return try JournalBytes(file, path: journalPath)
    } catch {
      if error.number == EFBIG {
        throw Problem(path: journalPath, what: "is larger than \(JournalBytes.limit >> 30) GiB")
      }
      throw Problem(path: journalPath, what: "cannot be read: \(SystemError.words(error.number))")
    }
  }

  /// Opens the journal to append to it.
  ///
  /// - Parameter end: where the last valid record ends, in bytes. The rest is cut off, and
  ///   everything before it is on disk afterwards.
  /// - Returns: the journal to append to.
  /// - Throws: why it cannot be done, also if it is shorter or another process writes it.
  package func continueJournal(at end: Int) throws(Problem) -> JournalFile {
    let file = try openJournal(O_WRONLY | O_APPEND)
    try lock(file)
    guard let status = FileStatus(of: file.number) else { throw Problem(state: journalPath, errno) }
    guard status.size >= end else {
      throw Problem(
        path: journalPath,
        what: "has become shorter since it was read",
        help: "find out who changes it"
      )
    }
    // Even if nothing is torn: space that was set aside before is released, and set aside again.
    if ftruncate(file.number, off_t(end)) != 0 { throw Problem(state: journalPath, errno) }
    try sync(file)
    return try journal(file, length: end)
  }

  private func openJournal(_ flags: Int32) throws(Problem) -> Descriptor {
    let more = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
    let number = lockstep_openat(folder.number, "journal", flags | more, 0o600)
    if number < 0 {
      switch errno {
      case ENOENT:
        throw Problem(
          path: journalPath,
          what: "is not there",
          help: "the run was interrupted before anything was started; run the plan again"
        )
      case ENXIO, EISDIR: throw Self.noFile(journalPath, folder.number)
      default: throw Problem(state: journalPath, errno)
      }
    }
    let file = Descriptor(owning: number)
    guard let status = FileStatus(of: number) else { throw Problem(state: journalPath, errno) }
    guard status.isRegular else { throw Self.noFile(journalPath, folder.number) }
    try Problem.checkOwner(status, path: journalPath)
    return file
  }

  private static func noFile(_ path: String, _ folder: Int32) -> Problem {
    let kind = FileStatus("journal", in: folder, follow: false)?.kindWords ?? "something else"
    return Problem(path: path, what: "is \(kind), not a journal")
  }

  /// Keeps others from continuing the same run, even with another VM folder.
  private func lock(_ file: borrowing Descriptor) throws(Problem) {
    if flock(file.number, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
      throw Problem(
        path: journalPath,
        what: "another process is writing it",
        help: "wait for that to end"
      )
    }
    // Some file systems have no locks; the VM's lock is held in any case.
  }

  private func sync(_ file: borrowing Descriptor) throws(Problem) {
    while fsync(file.number) != 0 {
      if errno != EINTR { throw Problem(state: journalPath, errno) }
    }
  }

  private func journal(
    _ file: consuming Descriptor,
    length: Int
  ) throws(Problem) -> JournalFile {
    do {
      return try JournalFile(file, length: length, path: journalPath)
    } catch {
      throw Problem(state: journalPath, error.number)
    }
  }
}
