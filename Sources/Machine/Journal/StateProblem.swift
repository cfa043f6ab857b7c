import CLinux
import Glibc

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
  /// something else in its place.
  ///
  /// - Throws: where somebody else could and this is root.
  static func checkOwner(_ status: stat, path: String) throws(Problem) {
    if geteuid() != 0 { return }
    if status.st_uid != 0 {
      throw Problem(
        path: path,
        what: "belongs to user \(status.st_uid), who could change what root relies on",
        help: "make root its owner, or \(elsewhere)"
      )
    }
    // With the sticky bit nobody can exchange what is root's, and what is not root's is refused.
    if status.isFolder, status.st_mode & S_ISVTX != 0 { return }
    let writers =
      status.st_mode & S_IWOTH != 0
      ? "everybody"
      : status.st_mode & S_IWGRP != 0 && status.st_gid != 0
        ? "group \(status.st_gid)" : nil
    if let writers {
      throw Problem(
        path: path,
        what: "can be written by \(writers), who could change what root relies on",
        help: "chmod go-w it, or \(elsewhere)"
      )
    }
  }
}
