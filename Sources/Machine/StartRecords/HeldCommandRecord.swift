import CHolder
import CLinux
import Glibc
package import PlanGraph
import System

/// The record that the holder of one command keeps: a file of a few lines of text (`record.h` in
/// `CHolder` tells which), made before the command starts and locked as long as the holder lives.
package struct HeldCommandRecord: Hashable, Sendable {
  /// The folder of the file, absolute.
  package var folder: String
  /// What the file is called, before its ending.
  ///
  /// 1 to 100 bytes, no `/` or blank, no `.` at the beginning. It stands for one attempt of one step,
  /// and is never used for another.
  package var name: String

  /// Names a record, which need not be there.
  package init(folder: String, name: String) {
    self.folder = folder
    self.name = name
  }

  /// What the record of an attempt of a step is called.
  package static func name(_ node: NodeID, attempt: Int) -> String { "\(node.index)-\(attempt)" }

  /// The file's path.
  package var path: String { "\(folder)/\(name).held" }

  /// Reads it, and looks whether its holder lives.
  package func read() -> HeldCommandState { look().state }

  /// Sees to it that nothing is started under this name any more, if nothing was.
  ///
  /// - Returns: whether nothing was: `read` says `absent` from now on. Otherwise it is under way or
  ///   over, or the record could not be made that would say so.
  package func withdraw() -> Bool {
    if case .absent = read(), holder_withdraw(folder, name) == 0 { return true }
    let (state, text) = look()
    return state == .absent && text != nil
  }

  /// Reads it, and looks whether its holder lives.
  ///
  /// - Returns: the state, and all that stands in it, where that is understood.
  func look() -> (state: HeldCommandState, text: HeldRecordContents?) {
    let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    let descriptor = lockstep_openat(AT_FDCWD, path, flags, 0)
    if descriptor < 0 { return (errno == ENOENT ? .absent : .lost, nil) }
    let file = Descriptor(owning: descriptor)
    // Before it is read: what a holder that is gone has written is all there.
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
  /// Looks which records there are, withdrawn ones among them.
  ///
  /// - Parameter folder: of the records of a run.
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
