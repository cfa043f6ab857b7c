import CHolder
import CLinux
import Glibc
package import PlanGraph
import System

/// The record that the holder of one command keeps: a file of a few lines of text (described in
/// `record.h` of `CHolder`), created before the command starts and locked as long as the holder
/// lives.
package struct HeldCommandRecord: Hashable, Sendable {
  /// The folder of the file, absolute.
  package var folder: String
  /// The file's name without its extension.
  ///
  /// 1 to 100 bytes, without `/` or blank and not beginning with `.`. It belongs to one attempt of
  /// one step, and is never used for another.
  package var name: String

  /// Names a record, which need not exist.
  package init(folder: String, name: String) {
    self.folder = folder
    self.name = name
  }

  /// The name of the record of a step's attempt.
  package static func name(_ node: NodeID, attempt: Int) -> String { "\(node.index)-\(attempt)" }

  /// The file's path.
  package var path: String { "\(folder)/\(name).held" }

  /// Reads it, and checks whether its holder is alive.
  package func read() -> HeldCommandState { inspect().state }

  /// Makes sure that nothing is started under this name any more, if nothing was started yet.
  ///
  /// - Returns: whether nothing was started: `read` returns `absent` from now on. If false, the
  ///   command is running or over, or the record that says so could not be written.
  package func withdraw() -> Bool {
    if case .absent = read(), holder_withdraw(folder, name) == 0 { return true }
    let (state, text) = inspect()
    return state == .absent && text != nil
  }

  /// Reads it, and checks whether its holder is alive.
  ///
  /// - Returns: the state, and the contents if they are understood.
  func inspect() -> (state: HeldCommandState, text: HeldRecordContents?) {
    let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    let descriptor = lockstep_openat(AT_FDCWD, path, flags, 0)
    if descriptor < 0 { return (errno == ENOENT ? .absent : .lost, nil) }
    let file = Descriptor(owning: descriptor)
    // Checked before reading: everything that a dead holder has written is there.
    let isHeld = flock(file.number, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    guard let text = HeldRecordContents(bytes(of: file), name: name) else { return (.lost, nil) }
    if isHeld { return (.running(text.holder), text) }
    if text.isWithdrawn { return (.absent, text) }
    if let (end, byTimeout) = text.end { return (.ended(end, byTimeout: byTimeout), text) }
    if let command = text.command?.living { return (.running(command.process), text) }
    return (.lost, text)
  }

  private func bytes(of file: borrowing Descriptor) -> [UInt8] {
    let size = Int(holder_record_size)
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = max(pread(file.number, buffer.baseAddress, size, 0), 0)
    }
  }
}

extension HeldCommandRecord {
  /// Finds the existing records, including withdrawn ones.
  ///
  /// - Parameter folder: the one with the records of a run.
  /// - Returns: the last attempt of each step that has any.
  package static func lastAttempts(in folder: String) -> [NodeID: Int] {
    var result: [NodeID: Int] = [:]
    for name in (try? namesInFolder(folder)) ?? [] where name.hasSuffix(".held") {
      let numbers = name.dropLast(".held".count).split(separator: "-")
      guard numbers.count == 2, let index = UInt32(numbers[0]), let attempt = Int(numbers[1]) else {
        continue
      }
      result[NodeID(index)] = max(result[NodeID(index)] ?? 0, attempt)
    }
    return result
  }
}
