import CLinux
import Glibc
import System
import VM

extension Problem {
  private static let elsewhere = "give another folder with --state DIR"

  /// What stands in the way of keeping a run's record at a path.
  ///
  /// - Parameters:
  ///   - path: the file or folder.
  ///   - number: the error that making, opening or writing it left.
  init(state path: String, _ number: Int32) {
    switch number {
    case EACCES, EPERM:
      self.init(
        path: path,
        what: "is not for this user, and the record of a run is to be kept there",
        help: "run as root, or \(Self.elsewhere)"
      )
    case EROFS:
      self.init(
        path: path,
        what: "is on a read-only file system, and the record of a run is to be kept there",
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
        what: "is a link, where the record of a run is kept in a file or folder of its own",
        help: "remove it, or \(Self.elsewhere)"
      )
    case EFBIG:
      self.init(
        path: path,
        what: "the file would be larger than is allowed",
        help: "look at ulimit -f, or \(Self.elsewhere)"
      )
    default:
      self.init(path: path, what: "cannot be used: \(SystemError.words(number))")
    }
  }

  /// Checks what was opened for the record of a run.
  ///
  /// A root user trusts nobody else with it: whoever owns a folder, or may write to it, can put
  /// something else in its place (`OwnerRule`).
  ///
  /// - Throws: where somebody else could and this is root.
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
