import CLinux
import Glibc
package import System

/// Who may change what root is about to run.
///
/// Root runs nothing that somebody else could have put there, or could exchange while it is being
/// looked at: every folder from the root of the VM down to a script, those behind links included, and
/// the script itself have to belong to root, and nobody else may write to them. A group may where it
/// is root's own; a folder with the sticky bit may be open to all, as nobody can exchange in it what
/// belongs to root. BOSH leaves them so: `root:vcap`, mode 0750 (bosh-agent, `FixPermissions`).
package enum OwnerRule {
  /// Who beside root has a file or folder in hand.
  package enum Other {
    case owner(UInt32)
    case everybody
    case group(UInt32)

    /// As a clause behind its path.
    package var words: String {
      switch self {
      case .owner(let user): "belongs to user \(user)"
      case .everybody: "can be written by everybody"
      case .group(let group): "can be written by group \(group)"
      }
    }
  }

  /// Whoever could change a file or folder, or put another in its place; nil where only root could.
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
