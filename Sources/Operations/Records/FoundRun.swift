import Journal
import Machine
import PlanGraph
import VM

/// The folder of a recorded run, and its contents.
package struct FoundRun {
  let folder: RunFolder
  /// The state folder, if it is not in a root.
  let state: String?
  /// The state folder of its record, wherever it was found.
  var home: String { String(folder.path.dropLast("/runs/\(folder.id)".count)) }
  /// The names of the runs that were begun after it, newest first.
  let later: [RunID]
  /// The command that resumes it, in lines, if another command found it.
  private(set) var resumeLines: [String] = []

  /// Finds a run by a prefix of its name.
  ///
  /// `last` or no name means the last run.
  ///
  /// - Throws: an error if there is none, or more than one.
  init(_ place: RunStore.Place, name: String?) throws(CommandFailure) {
    do {
      try self.init(in: place, name: name)
    } catch {
      throw .refused([error])
    }
  }

  private init(in place: RunStore.Place, name: String?) throws(Problem) {
    if case .at(let path) = place { state = path } else { state = nil }
    let folder = try RunStore(place, makes: false)
    let all = try folder.runIDs()
    if let name, name != "last" {
      self.folder = try folder.run(name)
    } else if let last = all.first {
      self.folder = try folder.open(last)
    } else {
      throw Problem(
        path: folder.path,
        what: "no run has been recorded there",
        help: "is this the right --vm ROOT or --state DIR?"
      )
    }
    let own = self.folder.id
    later = all.filter { own < $0 }
  }

  /// Takes a run that is not over; nil if it has no journal here.
  init?(_ run: UnfinishedRuns.Found, state: String?) {
    guard let folder = run.folder else { return nil }
    self.folder = folder
    self.state = state
    later = []
    resumeLines = run.resumeLines
  }

  /// Reads the current journal.
  ///
  /// - Throws: an error that says why it cannot be read or trusted.
  func read() throws(CommandFailure) -> JournalContents {
    let bytes: [UInt8]
    do {
      bytes = try folder.readJournal().withUnsafeBytes { Array($0) }
    } catch {
      throw .refused([error])
    }
    do {
      return try JournalContents(bytes)
    } catch {
      if error.isUnbegun, HeldCommandRecord.lastAttempts(in: folder.stepsPath).isEmpty {
        throw .refused([unbegun])
      }
      throw damaged(error)
    }
  }

  /// Removes every note that it is not over.
  func forget(_ vms: VMSelection) {
    let places = [RunStore.Place.at(home)] + vms.all.map { .beneath($0.vm) }
    for folder in places.compactMap({ try? RunStore.existing($0) }) {
      folder.forget(self.folder.id)
    }
  }

  /// The failure that there is nothing to resume.
  private var unbegun: Problem {
    Problem(
      path: folder.path,
      what: "the run was interrupted before anything was started",
      help: "run the plan again; an earlier run is resumed by its name"
    )
  }

  /// The current journal, if it has grown since it was read.
  ///
  /// - Throws: as `read`.
  func read(after earlier: JournalContents) throws(CommandFailure) -> JournalContents {
    folder.journalLength == earlier.length ? earlier : try read()
  }

  /// The failure that the journal cannot be trusted.
  func damaged(_ error: JournalContents.Unreadable) -> CommandFailure {
    let problem = Problem(
      path: folder.journalPath,
      what: "\(error.words), at byte \(error.offset)",
      help: "restore it from a backup, or run the plan again"
    )
    return CommandFailure(.damaged, [.problems([problem])])
  }

  /// The record by the holder of a step's attempt.
  func heldRecord(of node: NodeID, attempt: Int) -> HeldCommandRecord {
    HeldCommandRecord(
      folder: folder.stepsPath,
      name: HeldCommandRecord.name(node, attempt: attempt)
    )
  }
}
