import CLinux
import Glibc
import System
import VM

/// Removes the records of old runs.
extension RunStore {
  /// How many of the last runs stay where nobody says.
  package static let defaultKeep = 100

  /// Removes all but the last runs.
  ///
  /// Kept beside them are the last run of each plan that is not among those, as many again at most; a
  /// run that is not over; and one that somebody is writing. A run that is removed has another name
  /// first, so that it is gone as a whole even where this is cut short; the next time removes the rest.
  ///
  /// - Parameter keep: how many stay, at least 1.
  package func prune(keep: Int) {
    for name in (try? namesInFolder(".", in: runs.number)) ?? [] where name.hasPrefix(Self.removed)
    {
      clear(name)
    }
    guard let all = try? allIDs(), all.count > keep else { return }
    let unfinished = Set(self.unfinished().map(\.id))
    var plans = Set(all.prefix(keep).compactMap(plan))
    var further = 0
    for id in all.dropFirst(keep) where !unfinished.contains(id) {
      // It goes with the run itself.
      if readLink(id.text, in: runs.number) != nil { continue }
      if further < keep, let plan = plan(id), plans.insert(plan).inserted {
        further += 1
        continue
      }
      remove(id)
    }
  }

  /// Removes links to runs that are not recorded any more where they were.
  func removeDeadLinks() {
    for id in (try? allIDs()) ?? [] {
      guard let target = readLink(id.text, in: runs.number) else { continue }
      if fileStatus(target, follow: false) == nil, errno == ENOENT {
        unlinkat(runs.number, id.text, 0)
      }
    }
  }

  private static let removed = ".removed-"

  /// What the journal of a run calls its plan, as it stands there.
  private func plan(_ id: RunID) -> [UInt8]? {
    // The third line; a path is shorter than that.
    guard
      let bytes = try? firstBytes(of: "\(id)/journal", in: runs.number, limit: 1 << 13),
      let line = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 3).dropFirst(2).first
    else { return nil }
    let words = Array(line.dropFirst(9))
    return words.starts(with: "plan ".utf8) ? words : nil
  }

  private func remove(_ id: RunID) {
    // Nobody but its owner may have put something there.
    guard let folder = try? RunFolder(id, in: runs.number, path: "\(runsPath)/\(id)", makes: false),
      !folder.isBeingWritten
    else { return }
    let name = Self.removed + id.text
    // Without following a link: it was a folder a moment ago, and nobody else may write here.
    if renameat(runs.number, id.text, runs.number, name) == 0 { clear(name) }
  }

  /// Removes a run's folder of another name, and all that a run leaves in it.
  private func clear(_ name: String) {
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let number = lockstep_openat(runs.number, name, flags, 0)
    if number < 0 { return }
    let folder = Descriptor(owning: number)
    let inner = lockstep_openat(folder.number, "steps", flags, 0)
    if inner >= 0 {
      let steps = Descriptor(owning: inner)
      for name in (try? namesInFolder(".", in: steps.number)) ?? [] {
        unlinkat(steps.number, name, 0)
      }
    }
    unlinkat(folder.number, "steps", AT_REMOVEDIR)
    for name in (try? namesInFolder(".", in: folder.number)) ?? [] {
      unlinkat(folder.number, name, 0)
    }
    unlinkat(runs.number, name, AT_REMOVEDIR)
  }
}

extension RunFolder {
  /// Whether somebody is writing its journal.
  var isBeingWritten: Bool {
    let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
    let number = lockstep_openat(folder.number, "journal", flags, 0)
    if number < 0 { return false }
    let file = Descriptor(owning: number)
    return flock(file.number, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  /// The process that is writing its journal, as far as that can be seen, without a lock.
  package var isDriven: Bool {
    guard let status = fileStatus("journal", in: folder.number, follow: false) else { return false }
    let file = FileIdentity(device: status.device, number: status.inode)
    return LockHolder.find(of: file) != nil
  }

  private static let mark = "given-up"

  /// Writes down that somebody gave this run up for another.
  package func noteGivenUp(for other: RunID) {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let number = lockstep_openat(folder.number, Self.mark, flags, 0o600)
    if number < 0 { return }
    let file = Descriptor(owning: number)
    let bytes = Array("\(other)\n".utf8)
    _ = bytes.withUnsafeBytes { write(file.number, $0.baseAddress, $0.count) }
  }

  /// The run for which somebody gave this one up; nil for none.
  package var givenUpFor: String? {
    guard let bytes = try? firstBytes(of: Self.mark, in: folder.number, limit: 64),
      let line = bytes.split(separator: UInt8(ascii: "\n")).first
    else { return nil }
    return RunID(String(decoding: line, as: UTF8.self))?.text
  }
}
