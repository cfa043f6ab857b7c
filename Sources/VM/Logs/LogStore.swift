import CLinux
import Glibc
import System
import Words

/// The log files in a root's `sys/log`, or in `/var/log/lockstep` of a plain machine.
///
/// Missing folders are created with mode 0750; the mode of existing ones is not changed. Files are
/// created with 0640 and always appended to, as logrotate's `copytruncate` requires. A log that is
/// a link (symbolic or hard), a device, a named pipe or a folder is refused, and so is a folder
/// that leads outside the VM's folder. A file is opened relative to the folder that was checked, so
/// that nobody can replace it in between. As with BOSH's agent, the descriptors are readable and
/// writable, and blocking.
package final class LogStore {
  private let vm: VMFolder
  private var logs: Folder?
  /// The folder that every log must be in: the VM's folder, or the folder of logs if that is `/`.
  private var boundary: String

  /// A class, because the collection that is an optional cannot lend a noncopyable value.
  private final class Folder {
    let descriptor: Descriptor
    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
    var number: Int32 { descriptor.number }
  }

  /// Makes the store of a root, without looking at anything yet.
  package init(vm: VMFolder) {
    self.vm = vm
    boundary = vm.path
  }

  /// Opens both logs of a step, and creates missing ones.
  ///
  /// - Parameters:
  ///   - folder: the folder's name in `sys/log`, one component.
  ///   - stem: the files' names before `.stdout.log` and `.stderr.log`.
  /// - Returns: the pair.
  /// - Throws: why not; nothing of the pair is open then.
  package func open(folder: String, stem: String) throws(LogFailure) -> LogPair {
    let logs = try folderOfLogs().number
    var sizes = LogSizes(stdout: 0, stderr: 0)
    let stdout = try open(folder, "\(stem).stdout.log", in: logs, &sizes.stdout)
    let stderr = try open(folder, "\(stem).stderr.log", in: logs, &sizes.stderr)
    return LogPair(stdout: stdout, stderr: stderr, sizes: sizes)
  }

  private static let flags =
    O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
  private static let fileMode: mode_t = 0o640
  private static let folderMode: mode_t = 0o750

  private func open(
    _ folder: String,
    _ name: String,
    in logs: Int32,
    _ size: inout Int
  ) throws(LogFailure) -> Descriptor {
    let path = "\(folder)/\(name)"
    let beneath = lockstep_RESOLVE_BENEATH | lockstep_RESOLVE_NO_SYMLINKS
    var number = lockstep_openat2(logs, path, Self.flags, Self.fileMode, beneath)
    if number < 0, errno == ENOENT,
      mkdirat(logs, folder, Self.folderMode) == 0 || errno == EEXIST
    {
      number = lockstep_openat2(logs, path, Self.flags, Self.fileMode, beneath)
    }
    if number < 0 {
      // A link on the way, a kernel or sandbox without the call, or an error worth its words.
      let target = try openFolder(folder, in: logs)
      number = lockstep_openat(target.number, name, Self.flags, Self.fileMode)
      if number < 0 { throw failure(errno, path) }
    }
    let file = Descriptor(owning: number)
    guard let status = FileStatus(of: file.number) else { throw failure(errno, path) }
    guard status.isRegular else {
      throw .refused("\(shown(path)) is \(status.kindWords), not a log; remove it")
    }
    // Its other name may be a file that is not a log.
    if status.links > 1 {
      throw .refused("\(shown(path)) is a file with other hard links, not a log; remove it")
    }
    // Not waiting was for devices alone; the script has the same open file, and would see it.
    if fcntl(file.number, F_SETFL, O_RDWR | O_APPEND) != 0 { throw failure(errno, path) }
    size = status.size
    return file
  }

  /// A folder in `logs`, links followed, which must be inside the root.
  private func openFolder(_ name: String, in logs: Int32) throws(LogFailure) -> Descriptor {
    let folder: Descriptor
    do {
      folder = try Descriptor.folder(name, in: logs)
    } catch {
      throw failure(error.number, name)
    }
    try check(folder.realPath, name)
    return folder
  }

  /// The folder `sys/log`, opened once and made if it is missing.
  private func folderOfLogs() throws(LogFailure) -> Folder {
    if let logs { return logs }
    let descriptor: Descriptor
    do {
      descriptor = try openOrMake()
    } catch {
      throw failure(error.number, "")
    }
    try check(descriptor.realPath, "")
    if vm.path == VMFolder.wholeMachine, let path = descriptor.realPath { boundary = path }
    let folder = Folder(descriptor)
    logs = folder
    return folder
  }

  private func openOrMake() throws(SystemError) -> Descriptor {
    do {
      return try Descriptor.folder(vm.logsPath, in: vm.folder.number)
    } catch {
      if error.number != ENOENT { throw error }
    }
    // Where `sys` is a dangling link neither call makes anything, and the second try says ENOENT.
    for folder in vm.logFolders { mkdirat(vm.folder.number, folder, Self.folderMode) }
    return try Descriptor.folder(vm.logsPath, in: vm.folder.number)
  }

  private func check(_ end: String?, _ name: String) throws(LogFailure) {
    guard let end else {
      throw .refused("the location of \(shown(name)) cannot be determined; mount /proc")
    }
    if !isPath(end, beneath: boundary) {
      let what = boundary == vm.path ? "the VM's folder" : boundary
      throw .refused("\(shown(name)) leads outside \(what), to \(quoted(end))")
    }
  }

  private func failure(_ number: Int32, _ name: String) -> LogFailure {
    switch number {
    case EMFILE, ENFILE, ENOMEM, EAGAIN, EINTR: .exhausted(number)
    case ELOOP: .refused("\(shown(name)) is a link, not a log; remove it")
    case ENXIO: .refused("\(shown(name)) is a socket or a device, not a log; remove it")
    case EISDIR: .refused("\(shown(name)) is a folder, not a log; remove it")
    case ENOTDIR: .refused("\(shown(name)) is not in a folder")
    default: .refused("\(shown(name)) cannot be opened: \(SystemError.words(number))")
    }
  }

  private func shown(_ name: String) -> String {
    let folder = vm.absolute(vm.logsPath)
    return name.isEmpty ? "the folder \(folder)" : "\(folder)/\(name)"
  }
}
