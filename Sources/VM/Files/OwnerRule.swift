import CLinux
import Glibc
package import System

/// Who may change what root is about to run.
///
/// Root runs nothing that someone else could have put there, or could replace during the check.
/// Every folder from the VM's folder down to a script, including those behind links, and the script
/// itself must belong to root, and no one else may write to them. Root's own group may write. A
/// folder with the sticky bit may be open to all, because nobody can replace root's files in it.
/// BOSH sets them up like this: `root:vcap`, mode 0750 (bosh-agent, `FixPermissions`).
package enum OwnerRule {
  /// Who apart from root controls a file or folder.
  package enum Other {
    case owner(UInt32)
    case everybody
    case group(UInt32)

    /// As a clause that follows its path.
    package var words: String {
      switch self {
      case .owner(let user): "belongs to user \(user)"
      case .everybody: "can be written by everyone"
      case .group(let group): "can be written by group \(group)"
      }
    }
  }

  /// Who could change or replace a file or folder; nil if only root could.
  package static func other(_ status: FileStatus) -> Other? {
    if status.owner != 0 { return .owner(status.owner) }
    if status.isFolder, status.mode & S_ISVTX != 0 { return nil }
    if status.mode & S_IWOTH != 0 { return .everybody }
    return status.mode & S_IWGRP != 0 && status.group != 0 ? .group(status.group) : nil
  }

  /// What is wrong with a file or folder, as the end of a sentence that begins with its path.
  static func fault(_ status: FileStatus) -> String? {
    other(status).map { "\($0.words), and root would run it" }
  }
}
