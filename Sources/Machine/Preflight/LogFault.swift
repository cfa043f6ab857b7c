import CLinux
import Glibc

/// Why a log could not be opened, found out without opening or making anything.
enum LogFault {
  /// Looks at a log's way from `sys/log` on.
  ///
  /// - Parameters:
  ///   - folder: the folder's name beneath `sys/log`.
  ///   - name: the file's name.
  ///   - root: the machine.
  /// - Returns: the problem of the first thing on the way that cannot be used; nil where all can.
  static func find(_ folder: String, _ name: String, on root: VMRoot) -> Problem? {
    let logs = LogStore.path
    for path in ["sys", logs, "\(logs)/\(folder)"] {
      switch root.folder.containment(of: path, beneath: root.path) {
      case .inside: break
      case .absent: return missingFolder(path, on: root)
      case .outside(let end):
        return problem(root, path, "ends outside of the root, at \(quoted(end))", "mend the link")
      case .unknown(let number): return problem(root, path, SystemError.words(number), nil)
      }
      guard let status = fileStatus(path, in: root.folder.number, follow: true), status.isFolder
      else { return problem(root, path, "is not a folder, and logs go there", "remove it") }
    }
    let path = "\(logs)/\(folder)/\(name)"
    guard let status = fileStatus(path, in: root.folder.number, follow: false) else {
      if errno != ENOENT { return problem(root, path, SystemError.words(errno), nil) }
      return unwritable("\(logs)/\(folder)", W_OK | X_OK, "new logs cannot be made in it", root)
    }
    if !status.isRegular {
      return problem(root, path, "is \(status.kindWords) and no log", "remove it")
    }
    return unwritable(path, W_OK, "this log cannot be written to", root)
  }

  /// A folder that would have to be made: whether it could.
  private static func missingFolder(_ path: String, on root: VMRoot) -> Problem? {
    if fileStatus(path, in: root.folder.number, follow: false) != nil {
      return problem(root, path, "is a link to nothing, and logs go there", "mend or remove it")
    }
    let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    return unwritable(parent, W_OK | X_OK, "folders for logs cannot be made in it", root)
  }

  private static func unwritable(
    _ path: String,
    _ mode: Int32,
    _ what: String,
    _ root: VMRoot
  ) -> Problem? {
    if faccessat(root.folder.number, path, mode, 0) == 0 { return nil }
    return problem(
      root,
      path,
      "\(what): \(SystemError.words(errno))",
      errno == EROFS ? "mount it for writing" : "run as root, or as a user who may write there"
    )
  }

  private static func problem(
    _ root: VMRoot,
    _ path: String,
    _ what: String,
    _ help: String?
  ) -> Problem {
    Problem(path: path == "." ? root.path : "\(root.path)/\(path)", what: what, help: help)
  }
}
