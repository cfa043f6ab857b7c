import CLinux
import Glibc
package import PlanGraph
import System
package import VM

extension RuntimeCondition {
  /// Whether it holds on a VM now.
  ///
  /// Relative paths start in the steps' working folder.
  ///
  /// As for a script, a path exists if stat(2) finds it with links followed, or may not look at it.
  /// A dangling link does not exist.
  package func holds(on vm: VMFolder) -> Bool {
    switch self {
    case .exists(let path): pathExists(path, in: vm.workingFolder.number)
    case .not(let condition): !condition.holds(on: vm)
    case .all(let conditions): conditions.allSatisfy { $0.holds(on: vm) }
    case .any(let conditions): conditions.contains { $0.holds(on: vm) }
    }
  }
}

/// Whether there is something at a path, links followed.
func pathExists(_ path: String, in folder: Int32) -> Bool {
  if FileStatus(path, in: folder, follow: true) != nil { return true }
  return errno != ENOENT && errno != ENOTDIR
}
