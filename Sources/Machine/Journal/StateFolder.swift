import CLinux
import Glibc

/// The folder that the records of runs are kept in.
///
/// `runs/RUN-ID/journal` is the journal of a run, and `runs/RUN-ID/steps/` is for what the holders
/// of its steps leave. Folders are made with mode 0700 and files with 0600.
package final class StateFolder: Sendable {
  /// Where to keep the records.
  package enum Place: Sendable {
    /// In `data/lockstep` beneath a VM's root; both may be links, and must end beneath the root.
    case beneath(VMRoot)
    /// In any folder; links in the path are followed.
    case at(String)
  }

  /// Where it is, for people.
  package let path: String
  private let runs: Descriptor
  private var runsPath: String { "\(path)/runs" }

  /// Opens it.
  ///
  /// - Parameters:
  ///   - place: where it is.
  ///   - makes: whether to make what is missing of it, for a new run.
  /// - Throws: why it cannot be used; without `makes` also that nothing was recorded there.
  package init(_ place: Place, makes: Bool) throws(Problem) {
    let folder: Descriptor
    switch place {
    case .beneath(let root):
      path = "\(root.path == "/" ? "" : root.path)/data/lockstep"
      let data = try Self.open("data", in: root.folder.number, of: root, mode: 0o755, makes: makes)
      folder = try Self.open(
        "lockstep",
        in: data.number,
        of: root,
        mode: StateFolders.mode,
        makes: makes
      )
    case .at(let path):
      self.path = path.utf8.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
      if makes { try StateFolders.make(path) }
      do {
        folder = try Descriptor.folder(path)
      } catch {
        throw error.number == ENOENT ? Self.noRuns(path) : Problem(state: path, error.number)
      }
    }
    var status = stat()
    guard fstat(folder.number, &status) == 0 else { throw Problem(state: path, errno) }
    try Problem.checkOwner(status, path: path)
    guard
      let runs = try StateFolders.open(
        "runs",
        in: folder.number,
        path: "\(path)/runs",
        makes: makes
      )
    else { throw Self.noRuns(path) }
    self.runs = runs
  }

  /// Opens a folder of the default place, links followed, which must end in the root.
  private static func open(
    _ name: String,
    in parent: Int32,
    of root: VMRoot,
    mode: mode_t,
    makes: Bool
  ) throws(Problem) -> Descriptor {
    let path = "\(root.path == "/" ? "" : root.path)/\(name == "data" ? name : "data/\(name)")"
    if makes {
      if mkdirat(parent, name, mode) == 0 {
        try StateFolders.sync(parent, path: path)
      } else if errno != EEXIST {
        throw Problem(state: path, errno)
      }
    }
    let folder: Descriptor
    do {
      folder = try Descriptor.folder(name, in: parent)
    } catch {
      if error.number != ENOENT { throw Problem(state: path, error.number) }
      if !makes { throw noRuns(path) }
      throw Problem(path: path, what: "is a link to nothing", help: "remove or mend it")
    }
    guard let end = folder.realPath else {
      throw Problem(path: path, what: "where it is cannot be found out", help: "mount /proc")
    }
    if !isPath(end, beneath: root.path) {
      throw Problem(
        path: path,
        what: "ends outside of the root, at \(quoted(end))",
        help: "if that is meant, say so with --state \(quoted("\(end)"))"
      )
    }
    return folder
  }

  private static func noRuns(_ path: String) -> Problem {
    Problem(
      path: path,
      what: "no run has been recorded there",
      help: "is this the right --vm ROOT or --state DIR?"
    )
  }

  /// The runs that have a journal, newest first.
  ///
  /// - Throws: why the folder cannot be listed.
  package func runIDs() throws(Problem) -> [RunID] {
    try allIDs().filter { fileStatus("\($0)/journal", in: runs.number, follow: false) != nil }
  }

  private func allIDs() throws(Problem) -> [RunID] {
    do {
      return try namesInFolder(".", in: runs.number).compactMap { RunID($0) }.sorted(by: >)
    } catch {
      throw Problem(state: runsPath, error.number)
    }
  }

  /// Finds a run.
  ///
  /// - Parameter beginning: of its name, as long as no other begins so.
  /// - Returns: its folder.
  /// - Throws: that there is none, or more than one, or why it cannot be opened.
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
      what: "\(name) begins the names of \(matching.count) runs",
      help: "give more of it: \(Self.some(matching))"
    )
  }

  private static func some(_ ids: [RunID]) -> String {
    let most = 3
    let names = ids.prefix(most).map(\.text).joined(separator: ", ")
    return ids.count > most ? "\(names) and \(ids.count - most) older" : names
  }

  /// Opens a run's folder.
  ///
  /// - Throws: why it cannot be used.
  package func open(_ id: RunID) throws(Problem) -> RunFolder {
    try RunFolder(id, in: runs.number, path: "\(runsPath)/\(id)", makes: false)
  }

  /// Makes a new run's folder and its empty journal, and sees to it that they are on disk.
  ///
  /// - Returns: the folder, and the journal to append to.
  /// - Throws: why it cannot be done; nothing of the run is left then.
  package func makeRun() throws(Problem) -> (RunFolder, JournalFile) {
    while true {
      let id = RunID.next(after: try allIDs().first)
      let path = "\(runsPath)/\(id)"
      if mkdirat(runs.number, id.text, StateFolders.mode) != 0 {
        // Somebody else, with another root, was sooner.
        if errno == EEXIST { continue }
        throw Problem(state: path, errno)
      }
      do throws(Problem) {
        let folder = try RunFolder(id, in: runs.number, path: path, makes: true)
        return (folder, try folder.makeJournal())
      } catch {
        unlinkat(runs.number, "\(id)/journal", 0)
        unlinkat(runs.number, "\(id)/steps", AT_REMOVEDIR)
        unlinkat(runs.number, id.text, AT_REMOVEDIR)
        throw error
      }
    }
  }
}
