import CLinux
import Glibc
import System
package import VM

/// Checks whether there is room for logs and for the records of a run.
///
/// A file system is *nearly full* if less than 64 MiB and less than a tenth of it is free for this
/// user, or if fewer than 1000 and less than a tenth of its inodes are free. Both conditions must
/// hold: a small, empty file system is no problem, and neither is a tenth of a large one.
package enum FreeSpaceCheck {
  /// The least number of free bytes.
  static let leastBytes: UInt64 = 64 << 20
  /// The least number of free inodes.
  static let leastInodes: UInt64 = 1000

  /// What statvfs(3) says.
  struct Space {
    var freeBytes: UInt64
    var bytes: UInt64
    var freeInodes: UInt64
    var inodes: UInt64

    /// What is nearly used up, in words; nil for nothing.
    var shortage: String? {
      if freeBytes < leastBytes, freeBytes < bytes / 10 {
        return "\(freeBytes >> 20) MiB of \(bytes >> 20) MiB are free"
      }
      // A file system that makes inodes as they are needed says 0.
      if inodes > 0, freeInodes < leastInodes, freeInodes < inodes / 10 {
        return "\(freeInodes) of \(inodes) inodes are free"
      }
      return nil
    }
  }

  /// What prevents logs and records.
  ///
  /// - Parameters:
  ///   - vms: the VMs; the first keeps the records.
  ///   - state: the folder of the records, if it is elsewhere.
  /// - Returns: the problems; none if nothing is wrong.
  package static func problems(of vms: [VMFolder], state: String?) -> [Problem] {
    var problems: [Problem] = []
    var seen: Set<String> = []
    var paths = vms.map { $0.absolute($0.logsPath) }
    paths.append(state ?? vms.first.map { $0.absolute("\($0.dataPath)/lockstep") } ?? "/")
    for path in paths where seen.insert(path).inserted {
      guard let shortage = space(of: path)?.shortage else { continue }
      var problem = Problem(
        path: path,
        what: "is on a file system that is nearly full: \(shortage)",
        help: "make room there first"
      )
      problem.isWarning = true
      problems.append(problem)
    }
    let records = paths[paths.count - 1]
    let isMachine = state == nil && vms.first?.path == VMFolder.wholeMachine
    if let problem = unwritable(records, isMachine: isMachine) { problems.append(problem) }
    return problems
  }

  /// Whether no block is left for this user on the file system that a path is on, or would be.
  package static func isFull(_ path: String) -> Bool {
    space(of: path).map { $0.bytes > 0 && $0.freeBytes == 0 } ?? false
  }

  /// How many bytes are free for this user on the file system of a VM's logs; 0 if that is unknown.
  package static func freeBytes(of vm: VMFolder) -> UInt64 {
    space(of: vm.absolute(vm.logsPath))?.freeBytes ?? 0
  }

  /// Of the file system that a path is on, or would be.
  private static func space(of path: String) -> Space? {
    var found = statvfs()
    guard statvfs(nearest(path), &found) == 0 else { return nil }
    let isRoot = geteuid() == 0
    let unit = UInt64(found.f_frsize)
    return Space(
      freeBytes: UInt64(isRoot ? found.f_bfree : found.f_bavail) * unit,
      bytes: UInt64(found.f_blocks) * unit,
      freeInodes: UInt64(isRoot ? found.f_ffree : found.f_favail),
      inodes: UInt64(found.f_files)
    )
  }

  /// The path, or the nearest existing folder above it.
  private static func nearest(_ path: String) -> String {
    var path = path[...]
    while access(String(path), F_OK) != 0, let slash = path.lastIndex(of: "/") {
      path = path[..<slash]
      if path.isEmpty { return "/" }
    }
    return path.contains("/") || access(String(path), F_OK) == 0 ? String(path) : "."
  }

  private static func unwritable(_ path: String, isMachine: Bool) -> Problem? {
    let folder = nearest(path)
    if let status = FileStatus(folder, follow: true), !status.isFolder {
      return Problem(
        path: folder,
        what: "is not a folder",
        help: "remove it, or give another folder with --state DIR"
      )
    }
    if access(folder, W_OK | X_OK) == 0 { return nil }
    return Problem(
      path: folder,
      what: "runs cannot be recorded in it: \(SystemError.words(errno))",
      help: errno == EROFS
        ? "mount it for writing, or give another folder with --state DIR"
        : isMachine
          ? "run as root, or give a folder of your own with --vm DIR"
          : "run as root, or give another folder with --state DIR"
    )
  }
}
