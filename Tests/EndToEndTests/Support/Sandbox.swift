import CLinux
import Glibc
import Testing

/// A temporary folder for one test, which runs in it.
///
/// Everything in it ends with it.
final class Sandbox {
  /// Its absolute path, without links.
  let path: String

  /// Makes an empty one.
  init() throws {
    let parent = variable("TMPDIR") ?? "/tmp"
    var template = Array("\(parent)/lockstep-e2e.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemFailure(description: "mkdtemp \(parent)") }
    let made = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    guard let real = realpath(made, nil) else { throw SystemFailure(description: "realpath") }
    defer { free(real) }
    path = String(cString: real)
    // Some tests act as other users, who must be able to enter.
    chmod(path, 0o755)
  }

  /// Fails the test unless everything that runs in this folder has ended or ends now.
  func expectNoSurvivors(_ location: SourceLocation = #_sourceLocation) {
    expectEnd(location) { _ in true }
  }

  /// Fails the test unless the given processes, of all that run in this folder, end now.
  func expectEnd(
    _ location: SourceLocation = #_sourceLocation,
    of isMeant: (Survivor) -> Bool
  ) {
    for survivor in survivors() where isMeant(survivor) {
      // A process that was just killed may take a moment to disappear.
      let number = lockstep_pidfd_open(survivor.identifier)
      if number < 0 { continue }
      let process = Handle(owning: number)
      var wanted = pollfd(fd: process.number, events: Int16(POLLIN), revents: 0)
      if poll(&wanted, 1, 10_000) == 0 {
        Issue.record("\(survivor) still runs", sourceLocation: location)
      }
    }
  }

  deinit {
    for process in survivors() { kill(process.identifier, SIGKILL) }
    FileTree.remove(path)
  }

  /// The absolute path of a name in it.
  subscript(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file and its folders.
  @discardableResult
  func write(_ name: String, _ text: String, mode: mode_t = 0o644) throws -> String {
    try write(name, bytes: Array(text.utf8), mode: mode)
  }

  /// Writes a file of any bytes, and its folders.
  @discardableResult
  func write(_ name: String, bytes: [UInt8], mode: mode_t = 0o644) throws -> String {
    let target = self[name]
    if let slash = target.lastIndex(of: "/") { try FileTree.makeFolder(String(target[..<slash])) }
    do {
      // A script must not be open for writing when another test forks and this one executes it.
      let file = try Handle(target, O_WRONLY | O_CREAT | O_TRUNC)
      try file.write(bytes)
      try check(fchmod(file.number, mode), "fchmod \(target)")
    }
    return target
  }

  /// Makes a folder and its parents.
  @discardableResult
  func folder(_ name: String) throws -> String {
    try FileTree.makeFolder(self[name])
    return self[name]
  }

  /// Makes a symbolic link.
  func link(_ name: String, to target: String) throws {
    try check(symlink(target, self[name]), "symlink \(name)")
  }

  /// Makes a named pipe to talk with a script.
  func fifo(_ name: String) throws -> Fifo { try Fifo(self[name]) }

  /// The text of a file; nil if there is none.
  func text(_ name: String) -> String? {
    FileTree.bytes(self[name]).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The lines of a file; empty if there is no file.
  func lines(_ name: String) -> [String] {
    (text(name) ?? "").split(separator: "\n").map(String.init)
  }

  /// Whether something with this name exists.
  func exists(_ name: String) -> Bool { access(self[name], F_OK) == 0 }

  /// Makes an empty VM folder.
  func vm(_ name: String = "vm") throws -> TestVM { try TestVM(self, name) }

  /// A process whose working folder is in here.
  struct Survivor: CustomStringConvertible {
    var identifier: pid_t
    var command: String
    var description: String { "\(identifier) \(command)" }
  }

  /// The living processes that run in this folder.
  ///
  /// Scripts have an exact environment and their own sessions, so they are recognised by their
  /// working folder.
  func survivors() -> [Survivor] {
    FileTree.names("/proc").compactMap { entry in
      guard let identifier = pid_t(entry), identifier != getpid() else { return nil }
      guard let folder = FileTree.target(ofLink: "/proc/\(entry)/cwd"),
        folder == path || folder.hasPrefix(path + "/") || folder.hasPrefix(path + " ")
      else { return nil }
      // A zombie has no working folder.
      let command = (FileTree.bytes("/proc/\(entry)/cmdline") ?? []).map { $0 == 0 ? 32 : $0 }
      return Survivor(
        identifier: identifier,
        command: String(decoding: command, as: UTF8.self)
      )
    }
  }
}

/// A variable of the environment of the tests.
func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
