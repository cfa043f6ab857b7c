import CLinux
import Glibc

/// The cgroup (cgroups(7), version 2) of one attempt: everything that the attempt starts is in it,
/// including daemons.
///
/// It is identified by its path, so it may no longer exist; then nothing is in it.
package final class ControlGroup {
  /// Absolute, of the folder.
  package let path: String
  /// Its `cgroup.procs`, kept open if it is read often.
  private let members: Int32?
  /// Its folder, kept open if processes are often started in it.
  let folder: Int32?
  /// Whether everything in it may once have been killed as a whole.
  ///
  /// Kernels such as 6.18 then kill everything that is started in it later, so it cannot serve
  /// another attempt.
  private(set) var wasKilled = false

  /// Refers to an existing one.
  ///
  /// - Parameters:
  ///   - path: of its folder.
  ///   - isKept: whether it is read so often that a descriptor is worthwhile.
  init(_ path: String, isKept: Bool = false) {
    self.path = path
    guard isKept else {
      members = nil
      folder = nil
      return
    }
    let members = lockstep_openat(AT_FDCWD, path + Self.procs, O_RDONLY | O_CLOEXEC, 0)
    self.members = members >= 0 ? members : nil
    let folder = Self.openFolder(path)
    self.folder = folder >= 0 ? folder : nil
  }

  deinit {
    if let members { close(members) }
    if let folder { close(folder) }
  }

  /// Opens a cgroup's folder for clone3(2); negative if that fails, and `errno` says why.
  static func openFolder(_ path: String) -> Int32 {
    lockstep_openat(AT_FDCWD, path, lockstep_O_PATH | O_DIRECTORY | O_CLOEXEC, 0)
  }

  /// Whether it was removed.
  var isGone: Bool { FileStatus(path, follow: false) == nil && errno == ENOENT }

  /// Whether no other cgroup was made inside it: its folder counts two links and one for each.
  var isWithoutInner: Bool {
    guard let folder else { return FileStatus(path, follow: false)?.links == 2 }
    return FileStatus(of: folder)?.links == 2
  }

  private static let procs = "/cgroup.procs"

  /// The living processes directly in it, as far as they are visible from here.
  ///
  /// One that has ended a moment ago may still be among them.
  private var processes: [Int32] { Self.numbers(members, path) }

  /// Whether there is no living process in it, or in a cgroup inside it.
  ///
  /// - Parameter process: one that is known to have ended.
  /// - Returns: whether that is so.
  package func isEmpty(butFor process: Int32? = nil) -> Bool {
    all.allSatisfy { $0 == process || ProcessStat($0)?.isDead != false }
  }

  /// The processes in it and in the cgroups inside it.
  private var all: [Int32] { Self.tree(path).flatMap { Self.numbers(nil, $0) } }

  /// Puts a process in it; returns whether that worked.
  func add(_ process: Int32) -> Bool { Self.write("\(process)", to: path + Self.procs) }

  /// Signals everything in it except the processes of a session, which is signalled separately.
  func signal(_ number: Int32, butFor session: Int32) {
    for process in all where getsid(process) != session { _ = Glibc.kill(process, number) }
  }

  /// Notes that someone else may have killed everything in it as a whole.
  package func noteKill() { wasKilled = true }

  /// Kills everything in it, including processes that are being forked.
  func kill() {
    wasKilled = true
    if Self.write("1", to: "\(path)/cgroup.kill") { return }
    // Before Linux 5.14; the caller that waits for it to be empty calls again.
    for process in all { _ = Glibc.kill(process, SIGKILL) }
  }

  /// Moves everything in it to the cgroup around ours, where it continues to run.
  ///
  /// - Parameter process: one that is known to have ended.
  /// - Returns: whether nothing is left in it.
  func release(butFor process: Int32? = nil) -> Bool {
    let outside = Self.parent(of: Self.parent(of: path)) + Self.procs
    // Processes forked meanwhile are in it again; nothing sensible forks this fast for long.
    for _ in 0..<100 {
      let left = processes.filter { $0 != process && ProcessStat($0)?.isDead == false }
      if left.isEmpty { return true }
      for process in left { _ = Self.write("\(process)", to: outside) }
    }
    return false
  }

  /// Removes it if it is empty; returns whether it is gone.
  @discardableResult
  func remove() -> Bool { rmdir(path) == 0 || errno == ENOENT }

  static func parent(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? path
  }

  /// A cgroup and all that are inside it.
  static func tree(_ path: String) -> [String] {
    let inner = (try? entriesOfFolder(path)) ?? []
    return [path] + inner.filter(\.isFolder).flatMap { tree("\(path)/\($0.name)") }
  }

  /// Writes a word in one piece, as these files require.
  private static func write(_ word: String, to path: String) -> Bool {
    let file = lockstep_openat(AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0)
    if file < 0 { return false }
    defer { close(file) }
    return word.utf8.count
      == Array(word.utf8).withUnsafeBytes { bytes in
        Glibc.write(file, bytes.baseAddress, bytes.count)
      }
  }

  /// The process numbers in a `cgroup.procs`.
  ///
  /// A process that is not visible from here is 0 there, and left out.
  private static func numbers(_ kept: Int32?, _ path: String) -> [Int32] {
    let opened =
      kept == nil ? lockstep_openat(AT_FDCWD, path + procs, O_RDONLY | O_CLOEXEC, 0) : -1
    defer { if opened >= 0 { close(opened) } }
    let file = kept ?? opened
    if file < 0 { return [] }
    var result: [Int32] = []
    var number: Int32 = 0
    var offset = 0
    while true {
      let count = withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
        let count = pread(file, buffer.baseAddress, buffer.count, off_t(offset))
        for byte in buffer.prefix(max(count, 0)) {
          if byte != UInt8(ascii: "\n") {
            number = number &* 10 &+ Int32(byte &- UInt8(ascii: "0"))
            continue
          }
          if number > 0 { result.append(number) }
          number = 0
        }
        return count
      }
      if count <= 0 { return result }
      offset += count
    }
  }
}
