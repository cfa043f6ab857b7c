import CLinux
import Glibc
import System
package import VM
import Words

/// The folder that the records of runs are kept in.
///
/// `runs/RUN-ID/journal` is the journal of a run, and `runs/RUN-ID/steps/` holds the records of its
/// holders. If `runs/RUN-ID` is a link, the run has several VMs and is recorded in the folder of
/// another one. `unfinished/RUN-ID` is a link to the folder of an unfinished run. Folders have mode
/// 0700 and files 0600.
package final class RunStore: Sendable {
  /// Where to keep the records.
  package enum Place: Sendable {
    /// In `data/lockstep` in a VM's folder; both may be links, but must stay inside that folder. On
    /// a plain machine in `/var/lib/lockstep`.
    case beneath(VMFolder)
    /// In any folder; links in the path are followed.
    case at(String)

    /// Beneath the folder of a VM that is not opened; nil if there is no such folder.
    package static func beneath(_ root: String) -> Place? {
      guard let path = resolvedPath(root) else { return nil }
      let data = VMFolder.dataPath(of: path)
      return .at(path == VMFolder.wholeMachine ? "/\(data)/lockstep" : "\(path)/\(data)/lockstep")
    }

    /// The folder's path, for people.
    package var path: String {
      switch self {
      case .beneath(let vm): vm.absolute("\(vm.dataPath)/lockstep")
      case .at(let given):
        given.utf8.count > 1 && given.hasSuffix("/") ? String(given.dropLast()) : given
      }
    }
  }

  /// Where it is, for people.
  package let path: String
  let runs: Descriptor
  let folder: Descriptor
  var runsPath: String { "\(path)/runs" }

  /// What is open of it.
  private struct Opened: ~Copyable {
    var path: String
    var folder: Descriptor
    var runs: Descriptor
  }

  /// Opens it.
  ///
  /// - Parameters:
  ///   - place: where it is.
  ///   - makes: whether to create what is missing, for a new run.
  /// - Throws: why it cannot be used; without `makes` also that nothing was recorded there.
  package convenience init(_ place: Place, makes: Bool) throws(Problem) {
    guard let opened = try Self.open(place, makes: makes) else {
      throw Problem(
        path: place.path,
        what: "no run has been recorded there",
        help: "is this the right --vm ROOT or --state DIR?"
      )
    }
    self.init(opened)
  }

  /// Opens it to read earlier runs; nil if nothing was recorded there.
  ///
  /// - Throws: why it cannot be used.
  package static func existing(_ place: Place) throws(Problem) -> RunStore? {
    guard let opened = try open(place, makes: false) else { return nil }
    return RunStore(opened)
  }

  private init(_ opened: consuming Opened) {
    path = opened.path
    folder = opened.folder
    runs = opened.runs
  }

  /// Opens its folders; nil if one is missing and was not created.
  private static func open(_ place: Place, makes: Bool) throws(Problem) -> Opened? {
    let path = place.path
    let folder: Descriptor
    switch place {
    case .beneath(let vm):
      let data = vm.absolute(vm.dataPath)
      if makes { try make(vm.dataPath, in: vm.folder.number, path: data, mode: 0o755) }
      let parent = try open(vm.dataPath, in: vm.folder.number, path: data, makes: makes)
      guard let parent else { return nil }
      try check(parent, endsIn: vm, path: data)
      if makes { try make("lockstep", in: parent.number, path: path, mode: PrivateFolder.mode) }
      let found = try open("lockstep", in: parent.number, path: path, makes: makes)
      guard let found else { return nil }
      try check(found, endsIn: vm, path: path)
      folder = found
    case .at(let given):
      if makes { try PrivateFolder.make(given) }
      guard let found = try open(given, in: AT_FDCWD, path: path, makes: makes) else { return nil }
      folder = found
    }
    guard let status = FileStatus(of: folder.number) else { throw Problem(state: path, errno) }
    try Problem.checkOwner(status, path: path)
    let runs = try PrivateFolder.open("runs", in: folder.number, path: "\(path)/runs", makes: makes)
    guard let runs else { return nil }
    return Opened(path: path, folder: folder, runs: runs)
  }

  private static func make(
    _ name: String,
    in parent: Int32,
    path: String,
    mode: mode_t
  ) throws(Problem) {
    if mkdirat(parent, name, mode) == 0 {
      try PrivateFolder.sync(parent, path: path)
    } else if errno != EEXIST {
      throw Problem(state: path, errno)
    }
  }

  /// Opens a folder, following links; nil if it is missing and was not created.
  private static func open(
    _ name: String,
    in parent: Int32,
    path: String,
    makes: Bool
  ) throws(Problem) -> Descriptor? {
    do {
      return try Descriptor.folder(name, in: parent)
    } catch {
      if error.number != ENOENT { throw Problem(state: path, error.number) }
      if !makes { return nil }
      throw Problem(path: path, what: "is a dangling link", help: "fix or remove it")
    }
  }

  private static func check(
    _ folder: borrowing Descriptor,
    endsIn vm: VMFolder,
    path: String
  ) throws(Problem) {
    guard let end = folder.realPath else {
      throw Problem(path: path, what: "its location cannot be determined", help: "mount /proc")
    }
    if !isPath(end, beneath: vm.path) {
      throw Problem(
        path: path,
        what: "leads outside the VM's folder, to \(quoted(end))",
        help: "if that is meant, give a folder there with --state DIR"
      )
    }
  }

  /// The runs that have a journal, newest first.
  ///
  /// - Throws: why the folder cannot be listed.
  package func runIDs() throws(Problem) -> [RunID] {
    try allIDs().filter { FileStatus("\($0)/journal", in: runs.number, follow: false) != nil }
  }

  func allIDs() throws(Problem) -> [RunID] {
    do {
      return try namesInFolder(".", in: runs.number).compactMap { RunID($0) }.sorted(by: >)
    } catch {
      throw Problem(state: runsPath, error.number)
    }
  }

  /// Finds a run.
  ///
  /// - Parameter beginning: its ID, or a unique prefix of it.
  /// - Returns: its folder.
  /// - Throws: an error if there is none or more than one, or if it cannot be opened.
  package func run(_ beginning: String) throws(Problem) -> RunFolder {
    let ids = try runIDs()
    let matching = beginning.isEmpty ? [] : ids.filter { $0.text.hasPrefix(beginning) }
    if matching.count == 1 { return try open(matching[0]) }
    let name = quoted(beginning)
    if matching.isEmpty {
      throw Problem(
        path: runsPath,
        what: "there is no run \(name)",
        help: ids.isEmpty ? "none has been recorded there" : "there are: \(Self.some(ids))"
      )
    }
    throw Problem(
      path: runsPath,
      what: "\(name) begins the IDs of \(matching.count) runs",
      help: "give more characters: \(Self.some(matching))"
    )
  }

  private static func some(_ ids: [RunID]) -> String {
    let most = 3
    let names = ids.prefix(most).map(\.text).joined(separator: ", ")
    return ids.count > most ? "\(names) and \(ids.count - most) older" : names
  }

  /// Opens a run's folder, wherever a run of several VMs is recorded.
  ///
  /// - Throws: why it cannot be used.
  package func open(_ id: RunID) throws(Problem) -> RunFolder {
    if let target = readLink(id.text, in: runs.number) {
      return try Self.open(id, at: target)
    }
    return try RunFolder(id, in: runs.number, path: "\(runsPath)/\(id)", makes: false)
  }

  /// Opens the folder of a run by its whole path.
  ///
  /// - Parameters:
  ///   - id: its name.
  ///   - target: the path, as `makeRun` puts it into links.
  /// - Returns: the folder.
  /// - Throws: why it cannot be used.
  static func open(_ id: RunID, at target: String) throws(Problem) -> RunFolder {
    let ending = "/runs/\(id)"
    guard target.hasPrefix("/"), target.hasSuffix(ending), target.utf8.count > ending.utf8.count
    else {
      throw Problem(path: target, what: "is not the folder of a run")
    }
    let place = RunStore.Place.at(String(target.dropLast(ending.count)))
    let folder = try RunStore(place, makes: false)
    return try RunFolder(id, in: folder.runs.number, path: "\(folder.runsPath)/\(id)", makes: false)
  }

  /// Creates a new run's folder and its empty journal, registers the run as unfinished, and makes
  /// sure that all of it is on disk.
  ///
  /// - Parameter register: where else to register it; nil for here alone.
  /// - Returns: the folder, and the journal to append to.
  /// - Throws: why it cannot be done; nothing of the run is left then.
  package func makeRun(_ register: RunRegister? = nil) throws(Problem) -> (RunFolder, JournalFile) {
    let register = if let register { register } else { try RunRegister(self) }
    while true {
      let id = RunID.next(after: register.newest)
      let path = "\(runsPath)/\(id)"
      if mkdirat(runs.number, id.text, PrivateFolder.mode) != 0 {
        // A run on another VM was faster.
        if errno == EEXIST {
          register.noteTaken(id)
          continue
        }
        throw Problem(state: path, errno)
      }
      do throws(Problem) {
        // Before the following syncs of folders, which bring it to disk as well.
        guard try register.begin(id) else {
          unlinkat(runs.number, id.text, AT_REMOVEDIR)
          continue
        }
        let folder = try RunFolder(id, in: runs.number, path: path, makes: true)
        let journal = try folder.makeJournal()
        try register.sync()
        return (folder, journal)
      } catch {
        register.withdraw(id)
        unlinkat(runs.number, "\(id)/journal", 0)
        unlinkat(runs.number, "\(id)/steps", AT_REMOVEDIR)
        unlinkat(runs.number, id.text, AT_REMOVEDIR)
        throw error
      }
    }
  }
}
