import CLinux
import CSpawn
import Glibc

/// Starts processes the way BOSH's agent starts a script.
///
/// It executes the file itself, without a shell: /dev/null as stdin unless told otherwise, only the descriptors 0, 1 and
/// 2, default signal dispositions and an empty mask, its own session and process group, lower
/// priority. We do not wait until the program is executing: on a busy machine, this wait is most of
/// the time that a start takes.
package final class Spawner {
  private let null: Descriptor
  private let slots: SpawnSlots?
  private var mayUseSlots: Bool
  private lazy var posixSpawn = PosixSpawn(null: null.number)
  /// BOSH: the agent's own nice value plus 5, at most 19.
  package let nice: Int32
  private var ignoredSignals = spawn_ignored_signals()
  /// The limit that children inherit, if ours has been raised since.
  private var limitForChildren: rlimit?
  private var ownLimit = rlimit()

  /// Prepares.
  ///
  /// - Parameter usesSlots: whether to continue before a child has executed its program, if the
  ///   machine supports that.
  /// - Throws: an error if /dev/null cannot be opened.
  init(usesSlots: Bool = true) throws(SystemError) {
    null = try Descriptor(
      lockstep_openat(AT_FDCWD, "/dev/null", O_RDONLY | O_CLOEXEC, 0),
      "open /dev/null"
    )
    nice = min(lockstep_own_nice() + 5, 19)
    slots = usesSlots ? SpawnSlots() : nil
    mayUseSlots = slots != nil
  }

  /// A descriptor of /dev/null, to read from.
  var nullNumber: Int32 { null.number }

  /// Starts one process.
  ///
  /// - Parameter start: what and how.
  /// - Returns: the process.
  /// - Throws: an error that says why there is none. If it could not execute its program, that is
  ///   reported here, or by `failure(of:)` when it has ended.
  package func spawn(_ start: ProgramStart) throws(SpawnFailure) -> SpawnedProcess {
    if let group = start.group {
      do throws(SpawnFailure) {
        return try spawn(start, in: group)
      } catch {
        if !error.isRefusalOfGroup { throw error }
        // Only the kernel knows in advance which moves it allows.
        let usedSlots = mayUseSlots
        var spawned = try spawn(start, inFolder: -1)
        if usedSlots, !mayUseSlots {
          join(&spawned, group)
        } else if !group.isGone {
          refusesGroups = true
        }
        return spawned
      }
    }
    return try spawn(start, inFolder: -1)
  }

  /// Whether a cgroup could not be used, for a permanent reason.
  package private(set) var refusesGroups = false

  private func spawn(
    _ start: ProgramStart,
    in group: ControlGroup
  ) throws(SpawnFailure) -> SpawnedProcess {
    var spawned: SpawnedProcess
    if let folder = group.folder {
      spawned = try spawn(start, inFolder: folder)
    } else {
      let number = ControlGroup.openFolder(group.path)
      if number < 0 { throw SpawnFailure(number: errno) }
      let folder = Descriptor(owning: number)
      spawned = try spawn(start, inFolder: folder.number)
    }
    if spawned.ticket == nil {
      join(&spawned, group)
    } else {
      spawned.group = group
    }
    return spawned
  }

  /// Moves a process into its cgroup if it was not started there; misses what it has forked
  /// already.
  private func join(_ spawned: inout SpawnedProcess, _ group: ControlGroup) {
    if group.add(spawned.process) { spawned.group = group } else { refusesGroups = true }
  }

  private func spawn(
    _ start: ProgramStart,
    inFolder group: Int32
  ) throws(SpawnFailure) -> SpawnedProcess {
    if mayUseSlots, let slots {
      do throws(SpawnFailure) {
        return try slots.start(request(start, group), start)
      } catch {
        if group >= 0, error.isRefusalOfGroup { throw error }
        if !error.isRefusalOfCall { throw error }
        // A system call filter prevents it, permanently.
        mayUseSlots = false
      }
    }
    return try posixSpawn.start(
      start,
      limits: limitForChildren.map { ($0, ownLimit) },
      nice: nice
    )
  }

  private func request(_ start: ProgramStart, _ group: Int32) -> spawn_request {
    var request = spawn_request()
    request.folder = start.folder
    request.standard = (start.stdin ?? null.number, start.stdout, start.stderr)
    request.cgroup = group
    request.is_lowered = start.isLowered ? 1 : 0
    request.nice = nice
    request.ignored = ignoredSignals
    if let limit = limitForChildren {
      request.is_limited = 1
      request.limits = (UInt64(limit.rlim_cur), UInt64(limit.rlim_max))
    }
    return request
  }

  /// Why a process that has ended had not executed its program; nil if it had.
  ///
  /// To be asked once.
  func failure(of ticket: UInt64) -> SpawnFailure? { slots?.failure(of: ticket) }

  /// Notes which signals we ignore; children must not inherit that.
  ///
  /// Call it when that has changed.
  package func noteIgnoredSignals() { ignoredSignals = spawn_ignored_signals() }

  /// Raises our own limit of descriptors to its maximum.
  ///
  /// Only called when descriptors ran out, because a child inherits its parent's limit but must get
  /// the original one: from here on it sets that itself, and posix_spawn(3) is called under it,
  /// which costs two calls. 256 parallel scripts take about 300 of the usual 1024 descriptors.
  ///
  /// - Returns: whether there are more now.
  package func raiseDescriptorLimit() -> Bool {
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
  package func restoreDescriptorLimit() {
    guard var limit = limitForChildren else { return }
    _ = lockstep_set_descriptor_limit(&limit)
    limitForChildren = nil
  }

  /// Makes sure that 0, 1 and 2 are open.
  ///
  /// A log file that got one of these numbers would be overwritten by the descriptors of its
  /// process.
  ///
  /// - Throws: an error if /dev/null cannot be opened.
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
