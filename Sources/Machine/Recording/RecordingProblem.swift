import CLinux
import Glibc
import System
import VM

extension Problem {
  /// What a problem with the place of the records advises.
  package static let elsewhere = "give another folder with --state DIR"

  /// What prevents keeping a run's record at a path.
  ///
  /// - Parameters:
  ///   - path: the file or folder.
  ///   - number: the error from creating, opening or writing it.
  init(state path: String, _ number: Int32) {
    switch number {
    case EACCES, EPERM:
      self.init(
        path: path,
        what: "is not accessible to this user, but runs are recorded there",
        help: "run as root, or \(Self.elsewhere)"
      )
    case EROFS:
      self.init(
        path: path,
        what: "is on a read-only file system, but runs are recorded there",
        help: Self.elsewhere
      )
    case ENOSPC, EDQUOT:
      self.init(
        path: path,
        what: "there is no space left for the record of a run",
        help: "make room, or \(Self.elsewhere)"
      )
    case ENOTDIR:
      self.init(path: path, what: "is not a folder", help: "remove it, or \(Self.elsewhere)")
    case ELOOP:
      self.init(
        path: path,
        what: "is a link; the record of a run needs a real file or folder",
        help: "remove it, or \(Self.elsewhere)"
      )
    case EFBIG:
      self.init(
        path: path,
        what: "the file would exceed the size limit",
        help: "look at ulimit -f, or \(Self.elsewhere)"
      )
    default:
      self.init(path: path, what: "cannot be used: \(SystemError.words(number))")
    }
  }

  /// Checks what was opened for the record of a run.
  ///
  /// Root trusts no one else with it: the owner of a folder, or anyone who may write to it, can
  /// replace what is in it (`OwnerRule`).
  ///
  /// - Throws: an error if someone else could change it and we are root.
  static func checkOwner(_ status: FileStatus, path: String) throws(Problem) {
    guard geteuid() == 0, let other = OwnerRule.other(status) else { return }
    let remedy = if case .owner = other { "make root its owner" } else { "chmod go-w it" }
    throw Problem(
      path: path,
      what: "\(other.words), who could change what root relies on",
      help: "\(remedy), or \(elsewhere)"
    )
  }
}
