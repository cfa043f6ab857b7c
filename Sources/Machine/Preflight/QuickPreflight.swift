import CLinux
import Glibc
import System
import VM

/// Finds out in few calls that a script can be executed, or that logs can be opened, in the plain
/// cases.
///
/// It says yes only if it is certain: a regular file that is ours, with the owner's permission,
/// without a link in its path, on a mount where another file has shown that execution is allowed.
/// Everything else is left to ``ExecutableFault`` and ``LogFaults``, which find the exact reason
/// and word it.
struct QuickPreflight {
  private let vm: VMFolder
  /// The folder `sys/log`, if it exists inside the VM's folder.
  private let logs: Folder?
  /// As in access(2), which asks for the real user.
  private let user = getuid()
  /// Mounts on which files may be executed.
  private var executable: [UInt64] = []
  /// Mounts on which files may be written.
  private var writable: [UInt64] = []
  /// First lines of scripts whose interpreters can be executed.
  private var goodLines: [[UInt8]] = []

  /// How many bytes of a script are read: the kernel reads 256.
  private static let headLength = 256
  /// How many first lines are kept.
  private static let mostLines = 16

  /// A class, because an optional cannot lend a noncopyable value.
  private final class Folder {
    let descriptor: Descriptor
    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
    var number: Int32 { descriptor.number }
  }

  /// Prepares the inspection at one machine.
  init(on vm: VMFolder) {
    self.vm = vm
    if case .inside = vm.folder.containment(of: vm.logsPath, beneath: vm.path),
      let folder = try? Descriptor.folder(vm.logsPath, in: vm.folder.number)
    {
      logs = Folder(folder)
    } else {
      logs = nil
    }
  }

  // MARK: Scripts

  /// Whether a script is plainly there, inside the VM's folder, and can be executed.
  ///
  /// - Parameter path: relative to the VM's folder.
  /// - Returns: false unless that is certain.
  mutating func canExecute(_ path: String) -> Bool {
    let folder = vm.folder.number
    guard let file = status(path, in: folder), lockstep_is_regular(file.mode) != 0,
      allows(S_IXUSR, file)
    else { return false }
    if !executable.contains(file.mount) {
      guard file.mount != 0, faccessat(folder, path, X_OK, 0) == 0 else { return false }
      executable.append(file.mount)
    }
    let number = lockstep_openat2(
      folder,
      path,
      O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
      0,
      lockstep_RESOLVE_BENEATH | lockstep_RESOLVE_NO_SYMLINKS
    )
    if number < 0 { return false }
    defer { close(number) }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.headLength) { head in
      let count = read(number, head.baseAddress, head.count)
      return count > 0 && isGood(UnsafeBufferPointer(head).prefix(count))
    }
  }

  private mutating func isGood(_ head: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    if head.starts(with: [0x7F, 0x45, 0x4C, 0x46]) { return true }
    let line = head.prefix { $0 != UInt8(ascii: "\n") }
    if goodLines.contains(where: { $0.elementsEqual(line) }) { return true }
    if ExecutableFault.find(inHead: Array(head), vm.workingFolder.number) != nil { return false }
    if ExecutableFault.findBehindEnv(inHead: Array(head)) != nil { return false }
    if goodLines.count < Self.mostLines { goodLines.append(Array(line)) }
    return true
  }

  // MARK: Logs

  /// Whether both logs of a step can plainly be opened, or made.
  ///
  /// - Parameters:
  ///   - folder: the folder's name in `sys/log`, one component.
  ///   - stem: the files' names before `.stdout.log` and `.stderr.log`.
  /// - Returns: false unless that is certain.
  mutating func canLog(_ folder: String, _ stem: String) -> Bool {
    guard let logs = logs?.number, let found = status(folder, in: logs),
      lockstep_is_folder(found.mode) != 0, allows(S_IWUSR | S_IXUSR, found)
    else { return false }
    if !writable.contains(found.mount) {
      guard found.mount != 0, faccessat(logs, folder, W_OK | X_OK, 0) == 0 else { return false }
      writable.append(found.mount)
    }
    return canWrite("\(folder)/\(stem).stdout.log", in: logs, on: found.mount)
      && canWrite("\(folder)/\(stem).stderr.log", in: logs, on: found.mount)
  }

  private func canWrite(_ path: String, in logs: Int32, on mount: UInt64) -> Bool {
    guard let file = status(path, in: logs) else { return errno == ENOENT }
    return lockstep_is_regular(file.mode) != 0 && file.mount == mount && file.links == 1
      && allows(S_IRUSR | S_IWUSR, file)
  }

  private func allows(_ rights: mode_t, _ file: lockstep_file) -> Bool {
    file.owner == user && file.mode & rights == rights && file.is_immutable == 0
  }

  /// What a path is, its last component not followed; nil if it is unknown, and `errno` says
  /// why.
  private func status(_ path: String, in folder: Int32) -> lockstep_file? {
    var file = lockstep_file()
    return lockstep_look(folder, path, &file) == 0 ? file : nil
  }
}
