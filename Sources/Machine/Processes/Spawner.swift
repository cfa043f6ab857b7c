import CLinux
import Glibc

/// Starts processes the way BOSH's agent starts a script.
///
/// posix_spawn(3) of the path itself, no shell: /dev/null as stdin, no descriptor but 0, 1 and 2,
/// default signal dispositions and an empty mask, a session and process group of its own, lower
/// priority. What all starts have in common is made once.
final class Spawner {
  private let attributes: UnsafeMutablePointer<posix_spawnattr_t>
  private let null: Descriptor
  private let fileActions: FileActions
  /// BOSH: the agent's own nice value plus 5, at most 19.
  let nice: Int32
  /// What children are to inherit, where ours has been raised since.
  private var limitForChildren: rlimit?
  private var ownLimit = rlimit()

  /// Prepares.
  ///
  /// - Throws: where /dev/null cannot be opened.
  init() throws(SystemError) {
    null = try Descriptor(
      lockstep_openat(AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0),
      "open /dev/null"
    )
    fileActions = FileActions(null: null.number)
    nice = min(lockstep_own_nice() + 5, 19)
    attributes = .allocate(capacity: 1)
    posix_spawnattr_init(attributes)
    posix_spawnattr_setflags(attributes, lockstep_SPAWN_FLAGS)
    // Every bit, where sigfillset(3) leaves out the two signals that glibc keeps to itself: a child
    // would inherit those two ignored.
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

  /// A descriptor of /dev/null.
  var nullNumber: Int32 { null.number }

  /// Starts one process.
  ///
  /// - Parameters:
  ///   - path: of the executable; relative ones are resolved in `folder`.
  ///   - arguments: with nil at the end.
  ///   - environment: with nil at the end; the whole of it.
  ///   - folder: an open folder to run in.
  ///   - stdout: an open descriptor.
  ///   - stderr: an open descriptor.
  ///   - isLowered: whether to lower its priority.
  /// - Returns: its process id, which is also its process group's and its session's.
  func spawn(
    _ path: UnsafePointer<CChar>,
    arguments: UnsafePointer<UnsafeMutablePointer<CChar>?>,
    environment: UnsafePointer<UnsafeMutablePointer<CChar>?>,
    folder: Int32,
    stdout: Int32,
    stderr: Int32,
    isLowered: Bool
  ) -> Result<pid_t, SpawnFailure> {
    var process: pid_t = 0
    // Numbers beyond the children's limit can only be told under our own.
    let number =
      fileActions.with(folder: folder, stdout: stdout, stderr: stderr) { actions in
        if var limit = limitForChildren { _ = lockstep_set_descriptor_limit(&limit) }
        defer { if limitForChildren != nil { _ = lockstep_set_descriptor_limit(&ownLimit) } }
        return posix_spawn(&process, path, actions, attributes, arguments, environment)
      } ?? ENOMEM
    if number != 0 { return .failure(SpawnFailure(number: number)) }
    // As in BOSH after the start, and without looking at the result.
    if isLowered { _ = lockstep_group_nice(process, nice) }
    return .success(process)
  }

  /// Raises our own limit of descriptors as far as it goes.
  ///
  /// Only called when one was missing, because a child takes its parent's limit and is to have the
  /// original one: from here on each start sets that for its duration, which costs two calls. There
  /// is no other way without a race or a helper process, and 256 scripts side by side take about
  /// 300 descriptors of the usual 1024.
  ///
  /// - Returns: whether there are more now.
  func raiseDescriptorLimit() -> Bool {
    var limit = rlimit()
    guard lockstep_descriptor_limit(&limit) == 0, limit.rlim_cur < limit.rlim_max else {
      return false
    }
    var raised = limit
    raised.rlim_cur = limit.rlim_max
    guard lockstep_set_descriptor_limit(&raised) == 0 else { return false }
    if limitForChildren == nil { limitForChildren = limit }
    ownLimit = raised
    return true
  }

  /// Puts our own limit back.
  func restoreDescriptorLimit() {
    guard var limit = limitForChildren else { return }
    _ = lockstep_set_descriptor_limit(&limit)
    limitForChildren = nil
  }

  /// Makes sure that 0, 1 and 2 are open: a log file that got one of these numbers would be
  /// overwritten by the file actions of its own start.
  ///
  /// - Throws: where /dev/null cannot be opened.
  static func ensureStandardDescriptors() throws(SystemError) {
    while true {
      let number = lockstep_openat(AT_FDCWD, "/dev/null", O_RDWR, 0)
      if number < 0 { throw SystemError("open /dev/null", number: errno) }
      if number > 2 {
        close(number)
        return
      }
    }
  }
}

/// A process that could not be started.
struct SpawnFailure: Error, Hashable {
  /// The error number of clone(2) or execve(2).
  var number: Int32

  /// Whether the same may work a moment later: no room for a process now, or somebody still has
  /// the script open for writing.
  var mayPass: Bool {
    switch number {
    case EAGAIN, ENOMEM, ETXTBSY, EMFILE, ENFILE: true
    default: false
    }
  }
}
