import CLinux
import Glibc

/// The cgroups of a coordinator's attempts: created when needed, reused, and removed at the end.
///
/// They are in a folder `lockstep-PID` in the coordinator's own cgroup. The coordinator locks this
/// folder as long as it lives: an unlocked one belongs to a dead coordinator. Creating and removing
/// a cgroup takes longer than everything else in a short step, so one whose processes have ended is
/// given to the next attempt. No controller is turned on, so nothing changes in what systemd or a
/// container has set up.
package final class ControlGroups {
  private enum Stage {
    case unused
    /// The folder around them.
    case ready(String)
    case impossible
  }

  private var stage: Stage
  private var lock: Descriptor?
  private var free: [ControlGroup] = []
  private var count = 0
  /// The processes that drove the same run before, in this boot; none of them is alive.
  package var earlierCoordinators: Set<Int32> = []

  /// How many keep their descriptors open, two each: a small part of the limit.
  private lazy var keptCount: Int = {
    var limit = rlimit()
    guard lockstep_descriptor_limit(&limit) == 0 else { return 0 }
    return Int(min(limit.rlim_cur / 16, 64))
  }()
  private static let name = "lockstep-"

  /// Where version 2 is mounted: alone, or next to version 1.
  private static let mounts = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]

  /// Prepares it; nothing is created before `take`.
  ///
  /// - Parameter isWanted: whether to use any.
  package init(isWanted: Bool = true) { stage = isWanted ? .unused : .impossible }

  deinit { close() }

  /// An empty cgroup for one attempt.
  ///
  /// - Returns: nil if this machine does not allow it.
  package func take() -> ControlGroup? {
    if case .unused = stage { begin() }
    guard case .ready(let folder) = stage else { return nil }
    while let group = free.popLast() {
      // A cgroup that was left inside has an owner, who may use it again.
      if group.isWithoutInner { return group }
    }
    count += 1
    let path = "\(folder)/\(count)"
    if mkdir(path, 0o755) != 0, errno != EEXIST {
      giveUp()
      return nil
    }
    return ControlGroup(path, isKept: count <= keptCount)
  }

  /// Takes back the cgroup of a finished attempt.
  ///
  /// What is left in it continues outside.
  ///
  /// - Parameters:
  ///   - group: one of `take`, or of an earlier coordinator.
  ///   - process: the one that was started in it and has ended.
  package func give(_ group: ControlGroup, endedProcess process: Int32?) {
    let isEmpty = group.release(butFor: process)
    if case .ready(let folder) = stage, ControlGroup.parent(of: group.path) == folder {
      // One that does not become empty is left to `close`.
      if group.wasKilled {
        group.remove()
      } else if isEmpty {
        free.append(group)
      }
    } else {
      group.remove()
      rmdir(ControlGroup.parent(of: group.path))
    }
  }

  /// Stops using them, because the kernel does not allow it.
  package func giveUp() {
    close()
    stage = .impossible
  }

  /// Removes all empty ones, including those of dead coordinators.
  ///
  /// All attempts are over. What is left in ours, and in those of the run's dead coordinators,
  /// continues outside.
  package func close() {
    defer { finishRecovery() }
    guard case .ready(let folder) = stage else { return }
    stage = .unused
    free = []
    count = 0
    // The last processes may have ended so recently that the kernel still counts them.
    for _ in 0..<100 where !Self.clear(folder) { usleep(1000) }
    lock = nil
    Self.clearDead(in: ControlGroup.parent(of: folder))
  }

  private func finishRecovery() {
    if earlierCoordinators.isEmpty { return }
    for folder in Self.folders(of: earlierCoordinators) {
      guard let lock = Self.lock(folder) else { continue }
      for entry in (try? entriesOfFolder(folder)) ?? [] where entry.isFolder {
        _ = ControlGroup("\(folder)/\(entry.name)").release()
      }
      for _ in 0..<10 where !Self.clear(folder) { usleep(1000) }
      _ = consume lock
    }
    guard let own = Self.ownFolder() else { return }
    for _ in 0..<10 where !Self.clearDead(in: own) { usleep(1000) }
  }

  private func begin() {
    stage = .impossible
    guard let own = Self.ownFolder() else { return }
    Self.clearDead(in: own)
    for number in 1...1000 {
      let folder = "\(own)/\(Self.name)\(getpid())" + (number == 1 ? "" : "-\(number)")
      if mkdir(folder, 0o755) != 0 {
        // There is one of a dead process with our number, or of another run of this process.
        if errno == EEXIST { continue }
        return
      }
      guard let lock = Self.lock(folder) else { continue }
      // It may have been mistaken for a dead coordinator's before it was locked.
      if FileStatus(folder, follow: false) == nil { continue }
      self.lock = consume lock
      stage = .ready(folder)
      return
    }
  }

  /// The folder of the cgroup that we are in; nil if there is none of version 2, or none that can
  /// be seen from here.
  private static func ownFolder() -> String? {
    guard let mount = mount else { return nil }
    return path(of: getpid()).map { $0 == "/" ? mount : mount + $0 }
  }

  private static var mount: String? { mounts.first { lockstep_is_cgroup($0) != 0 } }

  /// The cgroup of a process, as /proc/PID/cgroup has it.
  private static func path(of process: Int32) -> String? {
    let bytes = (try? firstBytes(of: "/proc/\(process)/cgroup", limit: 1 << 16)) ?? []
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    guard let line = lines.first(where: { $0.hasPrefix("0::/") }) else { return nil }
    let path = String(line.dropFirst(3))
    // Cgroups outside our namespace are shown like this.
    return path.hasPrefix("/..") ? nil : path
  }

  /// The cgroup that an earlier coordinator made for an attempt whose process this is; nil if it is
  /// in none of those.
  package static func ofAttempt(_ process: Int32) -> ControlGroup? {
    guard let mount, let path = path(of: process) else { return nil }
    let parts = path.split(separator: "/")
    // It may have created others inside; ours is the number after our name.
    guard let index = parts.lastIndex(where: { $0.hasPrefix(name) }), index + 1 < parts.count,
      Int(parts[index + 1]) != nil
    else { return nil }
    return ControlGroup(mount + "/" + parts[...(index + 1)].joined(separator: "/"))
  }

  /// The coordinator in whose cgroup for an attempt a process is; nil if it is in none.
  package static func coordinator(of process: Int32) -> Int32? {
    guard let group = ofAttempt(process) else { return nil }
    let folder = ControlGroup.parent(of: group.path).split(separator: "/").last ?? ""
    return folder.dropFirst(name.count).split(separator: "-").first.flatMap { Int32($0) }
  }

  /// The cgroup of a unit of systemd, by the path that systemd gives; nil if there are none of
  /// version 2.
  package static func ofUnit(at path: String) -> ControlGroup? {
    mount.map { ControlGroup($0 + path) }
  }

  /// Locks a folder; nil if it is gone or locked by another process.
  private static func lock(_ folder: String) -> Descriptor? {
    let number = lockstep_openat(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
    if number < 0 { return nil }
    let descriptor = Descriptor(owning: number)
    if flock(number, LOCK_EX | LOCK_NB) != 0 { return nil }
    return descriptor
  }

  /// The folders of some coordinators, in whatever cgroup each of them was: a run begun in a login
  /// session may be resumed by a service.
  private static func folders(of coordinators: Set<Int32>) -> [String] {
    guard let mount else { return [] }
    return ControlGroup.tree(mount).filter { path in
      let last = path[path.index(after: path.lastIndex(of: "/") ?? path.startIndex)...]
      guard last.hasPrefix(name) else { return false }
      let number = last.dropFirst(name.count).split(separator: "-").first.flatMap { Int32($0) }
      return number.map { coordinators.contains($0) } ?? false
    }
  }

  /// Removes the empty cgroups of dead coordinators.
  ///
  /// - Returns: whether all of them are gone.
  @discardableResult
  private static func clearDead(in own: String) -> Bool {
    var isGone = true
    for entry in (try? entriesOfFolder(own)) ?? [] where entry.name.hasPrefix(name) {
      let folder = "\(own)/\(entry.name)"
      if let lock = lock(folder) {
        if !clear(folder) { isGone = false }
        _ = consume lock
      }
    }
    return isGone
  }

  /// Removes a coordinator's empty cgroups and its folder; returns whether all are gone.
  private static func clear(_ folder: String) -> Bool {
    for entry in (try? entriesOfFolder(folder)) ?? [] where entry.isFolder {
      ControlGroup("\(folder)/\(entry.name)").remove()
    }
    return rmdir(folder) == 0 || errno == ENOENT
  }
}
