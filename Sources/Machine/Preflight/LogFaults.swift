import CLinux
import Glibc
import System
import VM
import Words

/// Why a log could not be opened, found out without opening or making anything.
struct LogFaults {
  /// A folder for logs, as it was found.
  private enum Folder {
    /// It exists, and new logs can be created in it.
    case usable
    /// It exists; a new log in it is a problem, an existing one is not.
    case full(Problem)
    /// It can be created, and is empty.
    case absent
    /// Nothing can be written in it.
    case unusable(Problem)
  }

  private let vm: VMFolder
  /// By their names in `sys/log`.
  private var folders: [String: Folder] = [:]
  /// The paths already reported as problems.
  private var told: Set<String> = []

  /// Makes a finder for the logs of one machine.
  init(on vm: VMFolder) { self.vm = vm }

  /// Checks the path of a log from `sys` on.
  ///
  /// - Parameters:
  ///   - name: the folder's name in `sys/log`.
  ///   - file: the file's name in it.
  /// - Returns: the problem of the first thing on the way that cannot be used; nil if all can,
  ///   or that problem was found before.
  mutating func find(_ name: String, _ file: String) -> Problem? {
    let folder = folder(name)
    let path = "\(vm.logsPath)/\(name)/\(file)"
    var problem: Problem?
    switch folder {
    case .absent: break
    case .unusable(let found): problem = found
    case .usable, .full:
      if let status = FileStatus(path, in: vm.folder.number, follow: false) {
        problem =
          status.isRegular
          ? Self.unwritable(path, W_OK, "this log cannot be written to", vm)
            ?? Self.unwritable(path, R_OK, "this log cannot be read, but scripts may need to", vm)
          : Self.problem(vm, path, "is \(status.kindWords), not a log", "remove it")
        if problem == nil, status.links > 1 {
          problem = Self.problem(
            vm,
            path,
            "is a file with other hard links, not a log",
            "remove it"
          )
        }
      } else if errno != ENOENT {
        problem = Self.problem(vm, path, SystemError.words(errno), nil)
      } else if case .full(let found) = folder {
        problem = found
      }
    }
    guard let problem, told.insert(problem.path).inserted else { return nil }
    return problem
  }

  /// Whether a folder is missing and can be created, so that no log in it can be a problem.
  mutating func isAbsent(_ name: String) -> Bool {
    if case .absent = folder(name) { true } else { false }
  }

  /// Whether that is already known; reads nothing.
  func isKnownAsAbsent(_ name: String) -> Bool {
    if case .absent? = folders[name] { true } else { false }
  }

  private mutating func folder(_ name: String) -> Folder {
    if let known = folders[name] { return known }
    let folder = state(of: name)
    folders[name] = folder
    return folder
  }

  private func state(of name: String) -> Folder {
    let logs = vm.logsPath
    for path in vm.logFolders + ["\(logs)/\(name)"] {
      let isOwn = vm.path == VMFolder.wholeMachine && path != logs && path.hasPrefix(logs)
      let boundary =
        isOwn
        ? (try? Descriptor.folder(logs, in: vm.folder.number))?.realPath ?? vm.path : vm.path
      switch vm.folder.containment(of: path, beneath: boundary) {
      case .inside: break
      case .absent: return Self.missingFolder(path, on: vm).map { .unusable($0) } ?? .absent
      case .outside(let end):
        let what = "leads outside the VM's folder, to \(quoted(end))"
        return .unusable(Self.problem(vm, path, what, "fix the link"))
      case .unknown(let number):
        return .unusable(Self.problem(vm, path, SystemError.words(number), nil))
      }
      guard let status = FileStatus(path, in: vm.folder.number, follow: true), status.isFolder
      else {
        let what = "is not a folder, and logs go there"
        return .unusable(Self.problem(vm, path, what, "remove it"))
      }
    }
    let path = "\(logs)/\(name)"
    return Self.unwritable(path, W_OK | X_OK, "new logs cannot be created in it", vm)
      .map { .full($0) } ?? .usable
  }

  /// For a folder that would have to be created: whether that is possible.
  private static func missingFolder(_ path: String, on vm: VMFolder) -> Problem? {
    if FileStatus(path, in: vm.folder.number, follow: false) != nil {
      return problem(vm, path, "is a dangling link, and logs go there", "fix or remove it")
    }
    let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    return unwritable(parent, W_OK | X_OK, "folders for logs cannot be created in it", vm)
  }

  private static func unwritable(
    _ path: String,
    _ mode: Int32,
    _ what: String,
    _ vm: VMFolder
  ) -> Problem? {
    if faccessat(vm.folder.number, path, mode, 0) == 0 { return nil }
    return problem(
      vm,
      path,
      "\(what): \(SystemError.words(errno))",
      errno == EROFS
        ? "mount it for writing"
        : vm.isPlain
          ? "run as root, or give a folder of your own with --vm DIR"
          : "run as root, or as a user who may write there"
    )
  }

  private static func problem(
    _ vm: VMFolder,
    _ path: String,
    _ what: String,
    _ help: String?
  ) -> Problem {
    Problem(path: path == "." ? vm.path : vm.absolute(path), what: what, help: help)
  }
}
