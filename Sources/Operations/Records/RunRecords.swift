import Execution
import Glibc
import Journal
import Machine
import PlanGraph
import System
import VM
import Words

/// The records of a run: its folder and its journal.
struct RunRecords {
  let folder: RunFolder
  let run: RecordedRun
  /// The notes that the run is not over.
  private let register: RunRegister
  /// The attempts that were running when it was interrupted.
  var starts: [NodeID: RecordedStart] = [:]
  /// The processes that drove it earlier in this boot.
  var coordinators: Set<Int32> = []
  /// The command that resumes the run if it is the last one there, in lines.
  let resumeCommand: [String]

  /// The default state folder: in the first machine's root.
  static func place(_ state: String?, _ vms: VMSelection) -> RunStore.Place? {
    if let state { return .at(state) }
    if vms.hosts != nil { return .at(CoordinatorFolder.path) }
    return vms.first.map { .beneath($0) }
  }

  /// The command that resumes the last run: one line if it fits, otherwise two.
  static func resumeCommand(state: String?, _ vms: VMSelection) -> [String] {
    let command = "lockstep resume"
    let option: String
    if let state {
      // The current folder may be a different one when it is typed.
      option = shellWords(["--state", FileReader.resolved(state) ?? state])
    } else if vms.hosts != nil {
      option = shellWords(["--state", CoordinatorFolder.path])
    } else if let vm = vms.first, vm.path != VMFolder.defaultPath {
      option = shellWords(["--vm", vm.path])
    } else {
      return [command]
    }
    let line = "\(command) \(option)"
    return columns(line) <= 78 ? [line] : ["\(command) \\", "  \(option)"]
  }

  /// Begins the records of a new run: folder, journal and header, all on disk.
  ///
  /// - Throws: an error that says why it cannot be recorded.
  init(
    _ run: Run,
    header: RunHeader,
    state: String?,
    _ vms: VMSelection
  ) throws(Problem) {
    guard let place = Self.place(state, vms) else {
      preconditionFailure("a run has at least one machine")
    }
    let home = try RunStore(place, makes: true)
    let others = vms.all.map(\.vm).filter { state != nil || $0 !== vms.first }
    register = try RunRegister(home, others, isListing: state == nil)
    let (folder, journal) = try home.makeRun(register)
    self.folder = folder
    self.run = RecordedRun(run, journal: journal)
    resumeCommand = Self.resumeCommand(state: state, vms)
    var header = header
    header.run = folder.id.text
    do {
      try self.run.record(header, .now)
    } catch {
      throw Problem(path: folder.journalPath, what: "cannot be written: \(error)")
    }
  }

  /// Continues the records of a run.
  init(
    _ run: Run,
    _ found: FoundRun,
    _ contents: JournalContents,
    _ vms: VMSelection,
    starts: [NodeID: RecordedStart]
  ) throws(Problem) {
    folder = found.folder
    self.starts = starts
    let home = try RunStore(.at(found.home), makes: true)
    register = try RunRegister(home, vms.all.map(\.vm), isListing: found.state == nil)
    try register.resume(folder.id)
    coordinators = contents.sessions.coordinators
    resumeCommand = Self.resumeCommand(state: found.state, vms)
    let journal = try folder.continueJournal(at: contents.scan.end)
    self.run = RecordedRun(run, journal: journal, framer: contents.scan.framer)
    do {
      try self.run.record(nil, .now)
    } catch {
      throw Problem(path: folder.journalPath, what: "cannot be written: \(error)")
    }
  }
}

extension RunRecords {
  /// Notes that the run is over, and removes the records of old runs.
  ///
  /// - Parameter keep: how many runs to keep.
  func finish(keep: Int) {
    register.finish(folder.id)
    register.prune(keep: keep)
  }
}

extension [RunSession] {
  /// The processes that drove these runs in this boot.
  var coordinators: Set<Int32> {
    Set(filter { isThisBoot($0.boot) }.map(\.process))
  }
}

extension RunSession {
  /// A run that begins now, driven by this process.
  static var now: RunSession {
    RunSession(boot: bootIdentifier() ?? "", time: Int64(Glibc.time(nil)), process: getpid())
  }
}

extension RunRecords {
  /// The machine and the folder of the records, for people who find the run on another machine.
  var coordinator: String {
    "\(CoordinatorFolder.hostName), in \(folder.path)"
  }
}
