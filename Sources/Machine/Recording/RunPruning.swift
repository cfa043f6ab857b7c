import CLinux
import Glibc
import System
import VM

/// Removes the records of old runs.
extension RunStore {
  /// How many of the last runs are kept by default.
  package static let defaultKeep = 100

  /// Removes all but the last runs.
  ///
  /// It also keeps the last run of each plan that is not among those, at most as many again;
  /// unfinished runs; and runs that a process is writing. A run is renamed before it is removed, so
  /// that it disappears as a whole even if this is interrupted; the next call removes the rest.
  ///
  /// - Parameter keep: how many stay, at least 1.
  package func prune(keep: Int) {
    let names = (try? namesInFolder(".", in: runs.number)) ?? []
    for name in names where name.hasPrefix(Self.removed) { clear(name) }
    let all = names.compactMap { RunID($0) }.sorted(by: >)
    if all.count <= keep { return }
    let unfinished = Set(self.unfinished().map(\.id))
    var kept = KeptPlans(runs: all.prefix(keep))
    var further = 0
    for id in all.dropFirst(keep) where !unfinished.contains(id) {
      // It is removed with the run itself.
      if readLink(id.text, in: runs.number) != nil { continue }
      if further < keep, let plan = plan(id), !kept.contains(plan, in: self) {
        kept.add(plan)
        further += 1
        continue
      }
      remove(id)
    }
  }

  /// The plans of the runs that stay.
  ///
  /// Their journals are read from the newest on, only until the plan in question is found; usually
  /// that is the first one.
  private struct KeptPlans {
    /// Those whose plan has not been read yet, newest first.
    var runs: ArraySlice<RunID>
    private var plans: Set<[UInt8]> = []

    init(runs: ArraySlice<RunID>) { self.runs = runs }

    mutating func contains(_ plan: [UInt8], in store: RunStore) -> Bool {
      if plans.contains(plan) { return true }
      while let id = runs.popFirst() {
        guard let other = store.plan(id) else { continue }
        plans.insert(other)
        if other == plan { return true }
      }
      return false
    }

    mutating func add(_ plan: [UInt8]) { plans.insert(plan) }
  }

  /// Removes links to runs whose records no longer exist.
  func removeDeadLinks() {
    // Most runs are recorded here, in folders: those need no call.
    for entry in (try? entriesOfFolder(".", in: runs.number)) ?? [] where !entry.isFolder {
      guard RunID(entry.name) != nil, let target = readLink(entry.name, in: runs.number) else {
        continue
      }
      if FileStatus(target, follow: false) == nil, errno == ENOENT {
        unlinkat(runs.number, entry.name, 0)
      }
    }
  }

  private static let removed = ".removed-"

  /// The plan as the journal of a run names it.
  fileprivate func plan(_ id: RunID) -> [UInt8]? {
    // The third line; a path is shorter than that.
    guard
      let bytes = try? firstBytes(of: "\(id)/journal", in: runs.number, limit: 1 << 13),
      let line = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 3).dropFirst(2).first
    else { return nil }
    let words = Array(line.dropFirst(9))
    return words.starts(with: "plan ".utf8) ? words : nil
  }

  private func remove(_ id: RunID) {
    // Only its owner may have put something there.
    guard let folder = try? RunFolder(id, in: runs.number, path: "\(runsPath)/\(id)", makes: false),
      !folder.isBeingWritten
    else { return }
    let name = Self.removed + id.text
    // Without following a link: a moment ago it was a folder, and no one else may write here.
    if renameat(runs.number, id.text, runs.number, name) == 0 { clear(name) }
  }

  /// Removes a renamed run folder and everything that a run leaves in it.
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
