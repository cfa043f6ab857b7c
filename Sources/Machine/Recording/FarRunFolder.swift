import CLinux
import Clock
import Glibc
import Journal
import System
package import VM

/// The folder on a VM of a run that is coordinated from another machine: `far/RUN-ID` beneath the
/// VM's records.
///
/// `attempts` is its record, `steps/` has the records of holders, and by `socket` the process that
/// works for the run is reached. As long as the folder is there, the run is not over.
package final class FarRunFolder: Sendable {
  /// The run's name.
  package let id: RunID
  /// Where it is, for people.
  package let path: String
  let folder: Descriptor
  private let steps: Descriptor
  private let parent: Descriptor

  /// The folder around the folders of all such runs.
  static let name = "far"
  private static let recordName = "attempts"
  private static let stepsName = "steps"
  private static let socketName = "socket"
  private static let mark = "given-up"
  private static let laterMark = "superseded"

  /// Where the folder for the holders is.
  package var stepsPath: String { "\(path)/\(Self.stepsName)" }
  private var recordPath: String { "\(path)/\(Self.recordName)" }

  /// A path for the socket that is short enough for any address, in this process.
  package var socketPath: String { "/proc/self/fd/\(folder.number)/\(Self.socketName)" }

  private init(
    _ id: RunID,
    in parent: consuming Descriptor,
    path: String,
    makes: Bool
  ) throws(Problem) {
    self.id = id
    self.path = path
    let folder = try PrivateFolder.open(id.text, in: parent.number, path: path, makes: makes)
    guard let folder else { throw Problem(path: path, what: "is gone") }
    let stepsPath = "\(path)/\(Self.stepsName)"
    let steps = try PrivateFolder.open(
      Self.stepsName,
      in: folder.number,
      path: stepsPath,
      makes: makes
    )
    guard let steps else {
      throw Problem(
        path: stepsPath,
        what: "is missing, and with it the record of how steps ended",
        help: "restore it from a backup, or give the run up"
      )
    }
    self.folder = folder
    self.steps = steps
    self.parent = parent
  }

  /// Opens the folder of a run, and creates what is missing of it; that is on disk afterwards.
  ///
  /// - Throws: why it cannot be used.
  package static func make(_ id: RunID, on vm: VMFolder) throws(Problem) -> FarRunFolder {
    let store = try RunStore(.beneath(vm), makes: true)
    let path = "\(store.path)/\(name)"
    guard
      let parent = try PrivateFolder.open(name, in: store.folder.number, path: path, makes: true)
    else { throw Problem(path: path, what: "is gone") }
    removeOld(in: parent.number)
    return try FarRunFolder(id, in: parent, path: "\(path)/\(id)", makes: true)
  }

  /// Opens the folder of a run; nil if there is none.
  ///
  /// - Throws: why it cannot be used.
  package static func existing(_ id: RunID, in store: RunStore) throws(Problem) -> FarRunFolder? {
    guard let parent = try parent(in: store),
      FileStatus(id.text, in: parent.number, follow: false) != nil
    else { return nil }
    return try FarRunFolder(id, in: parent, path: "\(store.path)/\(name)/\(id)", makes: false)
  }

  /// The runs that are not over and were not given up, oldest first.
  static func unfinished(in store: RunStore) -> [RunID] {
    guard let parent = try? parent(in: store) else { return [] }
    return all(in: parent.number).filter { !isMarked($0, in: parent.number) }
  }

  private static func isMarked(_ id: RunID, in parent: Int32) -> Bool {
    [mark, laterMark].contains { FileStatus("\(id)/\($0)", in: parent, follow: false) != nil }
  }

  private static func parent(in store: RunStore) throws(Problem) -> Descriptor? {
    try PrivateFolder.open(
      name,
      in: store.folder.number,
      path: "\(store.path)/\(name)",
      makes: false
    )
  }

  private static func all(in parent: Int32) -> [RunID] {
    ((try? namesInFolder(".", in: parent)) ?? []).compactMap { RunID($0) }.sorted()
  }

  // MARK: The record

  /// Reads the record as it is now.
  ///
  /// - Throws: why it cannot be read, or trusted.
  package func history() throws(Problem) -> FarHistory {
    guard let file = try openRecord(O_RDONLY) else { return FarHistory() }
    guard let read = FarHistory.read(try bytes(of: file)) else { throw damaged }
    return read.history
  }

  /// Opens the record to append to it; creates it if there is none.
  ///
  /// From then on the run is among the unfinished again.
  ///
  /// - Parameter vm: the VM's folder, for a new record.
  /// - Returns: the record.
  /// - Throws: why it cannot be done.
  package func record(on vm: VMFolder) throws(Problem) -> FarRecord {
    guard let file = try openRecord(O_RDWR | O_APPEND | O_CREAT) else { throw damaged }
    guard let (history, scan) = FarHistory.read(try bytes(of: file)) else { throw damaged }
    // Only a torn end: cutting gives back the space that was set aside.
    if scan.ending != .whole, ftruncate(file.number, off_t(scan.end)) != 0 {
      throw Problem(state: recordPath, errno)
    }
    unlinkat(folder.number, Self.laterMark, 0)
    let isNew = history.run.isEmpty
    let record = FarRecord(
      file,
      path: recordPath,
      history,
      framer: scan.framer,
      length: scan.end,
      isIntact: !isNew
    )
    if !isNew { return record }
    do {
      try record.append(.run(id.text, vm: vm.path))
    } catch {
      throw Problem(state: recordPath, error.number)
    }
    try PrivateFolder.sync(folder.number, path: path)
    return record
  }

  private var damaged: Problem {
    Problem(
      path: recordPath,
      what: "is damaged, and with it the record of how steps ended",
      help: "restore it from a backup, or give the run up"
    )
  }

  /// Opens the record; nil if there is none.
  private func openRecord(_ flags: Int32) throws(Problem) -> Descriptor? {
    let more = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
    let number = lockstep_openat(folder.number, Self.recordName, flags | more, 0o600)
    if number < 0 {
      if errno == ENOENT { return nil }
      throw Problem(state: recordPath, errno)
    }
    let file = Descriptor(owning: number)
    guard let status = FileStatus(of: number) else { throw Problem(state: recordPath, errno) }
    guard status.isRegular else {
      throw Problem(path: recordPath, what: "is \(status.kindWords), not a record")
    }
    try Problem.checkOwner(status, path: recordPath)
    return file
  }

  private func bytes(of file: borrowing Descriptor) throws(Problem) -> [UInt8] {
    do {
      return try JournalBytes(file, path: recordPath).withUnsafeBytes { Array($0) }
    } catch {
      throw Problem(path: recordPath, what: "cannot be read: \(SystemError.words(error.number))")
    }
  }

  // MARK: Its end

  private static let lastEndName = "last-end"

  /// Removes it, because the run is over.
  package func remove() {
    noteEnd()
    withdraw()
  }

  /// Removes it, because the run did not begin.
  package func withdraw() {
    // First out of the way in one step, so that no half of it is ever taken for a run.
    let gone = ".\(id)"
    if renameat(parent.number, id.text, parent.number, gone) != 0 { return }
    Self.remove(gone, in: parent.number)
  }

  private func noteEnd() {
    let words = "\(bootIdentifier() ?? "") \(Instant.now.nanoseconds)\n"
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC
    let number = lockstep_openat(parent.number, Self.lastEndName, flags, 0o600)
    if number >= 0 {
      let file = Descriptor(owning: number)
      let bytes = Array(words.utf8)
      _ = bytes.withUnsafeBytes { write(file.number, $0.baseAddress, $0.count) }
    }
  }

  /// Records that the run was abandoned for another.
  ///
  /// From then on it is not found among the unfinished, and its coordinator is told when it comes
  /// back.
  package func noteGivenUp(for other: RunID) {
    mark(Self.mark, other)
  }

  /// Records that a later run does its work again.
  ///
  /// From then on it is not found among the unfinished, unless its coordinator comes back.
  package func noteSuperseded(by other: RunID) { mark(Self.laterMark, other) }

  private func mark(_ name: String, _ other: RunID) {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let number = lockstep_openat(folder.number, name, flags, 0o600)
    if number < 0 { return }
    let file = Descriptor(owning: number)
    let bytes = Array("\(other)\n".utf8)
    _ = bytes.withUnsafeBytes { write(file.number, $0.baseAddress, $0.count) }
  }

  /// The run for which this one was abandoned, for people; nil for none.
  package var givenUpFor: String? {
    guard FileStatus(Self.mark, in: folder.number, follow: false) != nil else { return nil }
    let bytes = (try? firstBytes(of: Self.mark, in: folder.number, limit: 64)) ?? []
    let line = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    return RunID(line).map { "run \($0)" } ?? "another run"
  }

  /// When the last such run was over, if that was in this boot.
  ///
  /// What looks like a step and began before that was left behind by one on purpose.
  static func lastEnd(in store: RunStore) -> Instant? {
    guard let parent = try? parent(in: store),
      let bytes = try? firstBytes(of: lastEndName, in: parent.number, limit: 256)
    else { return nil }
    let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    guard words.count == 2, isThisBoot(String(words[0])), let moment = Int64(words[1]) else {
      return nil
    }
    return Instant(nanoseconds: moment)
  }

  private static let keptMarks = 20

  /// Removes what an interrupted removal has left, and runs that were given up long ago.
  private static func removeOld(in parent: Int32) {
    for name in (try? namesInFolder(".", in: parent)) ?? []
    where name.hasPrefix(".") && RunID(String(name.dropFirst())) != nil {
      remove(name, in: parent)
    }
    let marked = all(in: parent).filter { isMarked($0, in: parent) }
    for id in marked.dropLast(keptMarks) { remove(id.text, in: parent) }
  }

  private static func remove(_ name: String, in parent: Int32) {
    let steps = "\(name)/\(stepsName)"
    for held in (try? namesInFolder(steps, in: parent)) ?? [] {
      unlinkat(parent, "\(steps)/\(held)", 0)
    }
    unlinkat(parent, steps, AT_REMOVEDIR)
    for file in [socketName, mark, laterMark, recordName] { unlinkat(parent, "\(name)/\(file)", 0) }
    unlinkat(parent, name, AT_REMOVEDIR)
  }
}
