import Clock
import Journal
import System
package import VM
import Words

/// The unfinished runs on some VMs, and what they have left there.
package struct UnfinishedRuns {
  /// The oldest first.
  package private(set) var runs: [Found] = []
  /// Steps that still run without a known run.
  package private(set) var strangers: [LeftoverProcess] = []
  /// Unfinished runs whose records cannot be used: their names and the reasons, for people.
  package private(set) var unusable: [(id: RunID, why: String)] = []
  private let folders: [RunStore]

  /// Looks for unfinished runs.
  ///
  /// Needs the lock of the VMs, unless it is only looking.
  ///
  /// - Parameters:
  ///   - vms: the VMs.
  ///   - state: the given folder of records.
  ///   - own: the run to resume, which is not one of them.
  ///   - far: the same for a run that is coordinated from another machine.
  ///   - hosts: machines that are reached over connections, as headers have them.
  ///   - isOnlyLooking: whether nothing may be changed.
  package init(
    on vms: [VMFolder],
    state: String?,
    but own: RunFolder? = nil,
    far: RunID? = nil,
    hosts: Set<String> = [],
    isOnlyLooking: Bool
  ) {
    let machines = Machines(folders: vms.map(\.path), hosts: hosts)
    var folders: [RunStore] = []
    var places = vms.map { RunStore.Place.beneath($0) }
    if let state { places.append(.at(state)) }
    for place in places {
      // A folder that others can write to is not trusted, and no run is recorded there.
      if let folder = try? RunStore.existing(place) { folders.append(folder) }
    }
    self.folders = folders
    var search = LeftoverSearch(on: vms, isOnlyLooking: isOnlyLooking)
    if let own { _ = Self.read(own, machines, isHere: true, &search) }
    var seen: Set<String> = []
    for folder in folders {
      for entry in folder.unfinished() where entry.id != own?.id && seen.insert(entry.path).inserted
      {
        let run: RunFolder
        do throws(Problem) {
          run = try folder.open(entry)
        } catch {
          unusable.append((entry.id, "\(error.path) \(error.what)"))
          continue
        }
        if isOnlyLooking, run.isDriven { continue }
        guard let found = Self.read(run, machines, isHere: entry.isHere, &search) else { continue }
        runs.append(found)
      }
      for id in FarRunFolder.unfinished(in: folder) {
        do throws(Problem) {
          guard let run = try FarRunFolder.existing(id, in: folder), seen.insert(run.path).inserted,
            let found = Self.read(run, vms, &search), id != far
          else { continue }
          runs.append(found)
        } catch {
          unusable.append((id, "\(error.path) \(error.what)"))
        }
      }
    }
    runs.sort { $0.runID < $1.runID }
    if isOnlyLooking, VMLock.holder(of: vms) != nil { return }
    strangers = search.rest()
    if !strangers.isEmpty { passOverWhatWasLeft(machines) }
  }

  /// A script can execute itself again and leave behind what looks like a step.
  ///
  /// But no step was left when a run began that is over now. So what began before its end is not a
  /// step.
  private mutating func passOverWhatWasLeft(_ machines: Machines) {
    for end in folders.compactMap({ FarRunFolder.lastEnd(in: $0) }) {
      strangers.removeAll { process in process.start.map { $0 <= end } ?? false }
    }
    let open = Set(runs.map(\.runID))
    for folder in folders {
      for id in (try? folder.runIDs()) ?? [] where !open.contains(id) {
        if strangers.isEmpty { return }
        guard let bytes = try? folder.open(id).readJournal().withUnsafeBytes({ Array($0) }),
          let contents = try? JournalContents(bytes), let end = contents.endInBoot,
          Self.isTheirs(contents.header, machines, isHere: true)
        else { continue }
        strangers.removeAll { process in process.start.map { $0 <= end } ?? false }
      }
    }
  }

  /// Whether a run belongs to these VMs.
  ///
  /// A copied VM folder lists runs of the original VM. A moved one still lists its own.
  private static func isTheirs(_ header: RunHeader, _ ours: Machines, isHere: Bool) -> Bool {
    header.machines.contains { machine in
      if machine.value.hasPrefix(RunHeader.hostMark) { return ours.hosts.contains(machine.value) }
      return ours.folders.contains { isSameFile($0, machine.value) }
        || isHere && ours.hosts.isEmpty && !mayBeFolder(machine.value)
    }
  }

  /// What is looked at: folders, or hosts as a record has them.
  private struct Machines {
    var folders: [String]
    var hosts: Set<String>
  }

  /// Reads what a run has left; nil if it does not belong to these VMs, or left nothing because it
  /// had not begun.
  private static func read(
    _ folder: RunFolder,
    _ machines: Machines,
    isHere: Bool,
    _ search: inout LeftoverSearch
  ) -> Found? {
    var contents: JournalContents?
    var unfinished: UnfinishedRun?
    var damage: String?
    do throws(Problem) {
      let bytes = try folder.readJournal().withUnsafeBytes { Array($0) }
      do throws(JournalContents.Unreadable) {
        let read = try JournalContents(bytes)
        contents = read
        unfinished = try UnfinishedRun(read)
      } catch {
        if error.isUnbegun, HeldCommandRecord.lastAttempts(in: folder.stepsPath).isEmpty {
          return nil
        }
        damage = "its journal \(error.words)"
      }
    } catch {
      damage = "its journal \(error.what)"
    }
    if let header = contents?.header, !isTheirs(header, machines, isHere: isHere) { return nil }
    return Found(
      record: .journal(folder, contents),
      damage: damage,
      left: search.take(unfinished, contents, in: folder),
      resumeWords: resumeWords(folder, contents?.header)
    )
  }

  /// Reads what a run has left that is coordinated from another machine; nil if it does not belong to
  /// these VMs.
  private static func read(
    _ folder: FarRunFolder,
    _ vms: [VMFolder],
    _ search: inout LeftoverSearch
  ) -> Found? {
    var history: FarHistory?
    var damage: String?
    do throws(Problem) {
      history = try folder.history()
    } catch {
      damage = "its record \(error.what)"
    }
    // A copy of a VM's folder has records of the other VM.
    if let vm = history?.vm, !vm.isEmpty, mayBeFolder(vm),
      !vms.contains(where: { isSameFile($0.path, vm) })
    {
      return nil
    }
    return Found(
      record: .far(folder, history),
      damage: damage,
      left: search.take(history, in: folder),
      resumeWords: []
    )
  }

  private static func resumeWords(_ folder: RunFolder, _ header: RunHeader?) -> [String] {
    let state = home(of: folder)
    // An empty name is that of all others.
    let first = header?.machines.min { $0.name < $1.name }?.value
    var words = ["lockstep", "resume"]
    if let first, let vm = try? VMFolder(first), isSameFile(RunStore.Place.beneath(vm).path, state)
    {
      if first != VMFolder.defaultPath { words += ["--vm", first] }
    } else {
      words += ["--state", resolvedPath(state) ?? state]
    }
    return words + [folder.id.text]
  }

  /// The folder of records that contains a run's folder.
  private static func home(of folder: RunFolder) -> String {
    String(folder.path.dropLast("/runs/\(folder.id)".count))
  }

  /// Removes the notes in all of its VMs that a run is not over.
  package func forget(_ run: Found) {
    // One that is coordinated from another machine has no such note.
    guard let folder = run.folder else { return }
    var places = [RunStore.Place.at(Self.home(of: folder))]
    for machine in run.contents?.header.machines ?? [] {
      if let vm = try? VMFolder(machine.value) { places.append(.beneath(vm)) }
    }
    for store in folders + places.compactMap({ try? RunStore.existing($0) }) {
      store.forget(folder.id)
    }
  }

  /// Drops those of which nothing runs any more.
  package mutating func keepLiving() { runs.removeAll { $0.left.living.isEmpty } }

  /// Drops one that is abandoned.
  package mutating func remove(_ run: Found) { runs.removeAll { $0.runID == run.runID } }
}

extension JournalContents {
  /// The time of the last event in this boot; nil if there is none.
  fileprivate var endInBoot: Instant? {
    let isMeant = sessions.map { isThisBoot($0.boot) }
    var end: Instant?
    try? forEachEvent(nil) { entry, session in if isMeant[session] { end = entry.moment } }
    return end
  }
}
