import CLinux
import Glibc

/// Starts processes with posix_spawn(3), which returns when the child has executed its program.
///
/// Used if `SpawnSlots` is not available.
final class PosixSpawn {
  private let attributes: UnsafeMutablePointer<posix_spawnattr_t>
  private let fileActions: FileActions

  /// Prepares.
  ///
  /// - Parameter null: a descriptor of /dev/null, open as long as this object lives.
  init(null: Int32) {
    fileActions = FileActions(null: null)
    attributes = .allocate(capacity: 1)
    posix_spawnattr_init(attributes)
    posix_spawnattr_setflags(attributes, lockstep_SPAWN_FLAGS)
    // Every bit. sigfillset(3) leaves out the two signals that glibc reserves: a child would
    // inherit those two ignored.
    var all = sigset_t()
    withUnsafeMutableBytes(of: &all) { bytes in
      for index in bytes.indices { bytes[index] = 0xFF }
    }
    posix_spawnattr_setsigdefault(attributes, &all)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(attributes, &none)
  }

  deinit {
    posix_spawnattr_destroy(attributes)
    attributes.deallocate()
  }

  /// Starts a process.
  ///
  /// - Parameters:
  ///   - start: what and how.
  ///   - limits: the limits of descriptors: the child's, and ours, which is restored afterwards;
  ///     nil if they are the same.
  ///   - nice: the nice value of one that is lowered.
  /// - Returns: the process.
  /// - Throws: why it could not be started, or could not execute its program.
  func start(
    _ start: ProgramStart,
    limits: (child: rlimit, own: rlimit)?,
    nice: Int32
  ) throws(SpawnFailure) -> SpawnedProcess {
    var process: pid_t = 0
    // Numbers beyond the child's limit can only be used under our own.
    let number =
      fileActions.with(
        folder: start.folder,
        stdin: start.stdin,
        stdout: start.stdout,
        stderr: start.stderr
      ) { actions in
        if var limit = limits?.child { _ = lockstep_set_descriptor_limit(&limit) }
        defer { if var limit = limits?.own { _ = lockstep_set_descriptor_limit(&limit) } }
        return start.path.withCString { path in
          withArguments(of: start, path) { arguments in
            posix_spawn(
              &process,
              path,
              actions,
              attributes,
              arguments,
              start.environment.pointer
            )
          }
        }
      } ?? ENOMEM
    if number != 0 { throw SpawnFailure(number: number) }
    // As in BOSH after the start, and without looking at the result.
    if start.isLowered { _ = lockstep_group_nice(process, nice) }
    let handle = lockstep_pidfd_open(process)
    return SpawnedProcess(
      process: process,
      handle: handle >= 0 ? Descriptor(owning: handle) : nil,
      ticket: nil,
      group: nil
    )
  }

  private func withArguments(
    of start: ProgramStart,
    _ path: UnsafePointer<CChar>,
    _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Int32
  ) -> Int32 {
    if let arguments = start.arguments { return body(arguments.pointer) }
    return withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<CChar>?.self, capacity: 2) {
      vector in
      vector.initializeElement(at: 0, to: UnsafeMutablePointer(mutating: path))
      vector.initializeElement(at: 1, to: nil)
      guard let arguments = vector.baseAddress else { preconditionFailure("it holds two") }
      return body(arguments)
    }
  }
}
