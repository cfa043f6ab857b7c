import CLinux
import Glibc
import PlanGraph
import System
import VM

extension RuntimeCondition {
  /// Whether it holds on a root now; relative paths are those of the steps' working folder.
  ///
  /// As for a script, what stat(2) finds with links followed exists, and so does what it may not
  /// look at; a link to nothing does not.
  func holds(on vm: VMFolder) -> Bool {
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
  if fileStatus(path, in: folder, follow: true) != nil { return true }
  return errno != ENOENT && errno != ENOTDIR
}
