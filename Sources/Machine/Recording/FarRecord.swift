import CLinux
import Glibc
import Journal
package import System

/// The record of a run coordinated from elsewhere, open to be appended to.
///
/// An entry is handed to the kernel at once and outlives this process. It is not put on disk: a power
/// failure ends every process, and at worst an idempotent step is repeated then.
package final class FarRecord {
  /// What it says so far.
  package private(set) var history: FarHistory
  /// Whether it was there before, and nothing of it is missing.
  package let isIntact: Bool

  private let file: Descriptor
  private let path: String
  private var framer: JournalFramer
  private var length: Int
  /// The end of the space that is set aside; nil if the file system cannot do that.
  private var reserved: Int?
  /// Why nothing can be appended any more.
  private var failure: SystemError?

  /// How much is set aside at a time, in bytes.
  private static let chunk = 1 << 18
  /// How much of it must be left before an attempt is started: for its other entries, and those of
  /// attempts that are under way.
  private static let reserve = 1 << 16

  /// Takes over a file that is open for appending.
  init(
    _ file: consuming Descriptor,
    path: String,
    _ history: FarHistory,
    framer: JournalFramer,
    length: Int,
    isIntact: Bool
  ) {
    self.file = file
    self.path = path
    self.history = history
    self.framer = framer
    self.length = length
    self.isIntact = isIntact
    reserved = length
  }

  /// Appends an entry.
  ///
  /// - Throws: why it is not recorded; the file is then as it was.
  package func append(_ entry: FarRecordEntry) throws(SystemError) {
    if let failure { throw failure }
    if case .asked = entry { try makeRoom() }
    let framerBefore = framer
    var bytes: [UInt8] = []
    framer.append(entry.line.utf8, to: &bytes)
    var count = 0
    while count < bytes.count {
      let result = bytes.withUnsafeBytes { bytes in
        write(file.number, bytes.baseAddress.map { $0 + count }, bytes.count - count)
      }
      if result > 0 {
        count += result
      } else if result == 0 || errno != EINTR {
        let error = SystemError("write \(path)", number: result == 0 ? EIO : errno)
        framer = framerBefore
        // What follows a part of an entry could not be read.
        if count > 0, ftruncate(file.number, off_t(length)) != 0 { failure = error }
        throw error
      }
    }
    length += bytes.count
    history.take(entry)
  }

  /// Sets space aside, so that the end of what is started now can be recorded even if the disk is
  /// full by then.
  private func makeRoom() throws(SystemError) {
    guard let reserved, length + Self.reserve > reserved else { return }
    let from = max(length, reserved)
    while lockstep_reserve(file.number, off_t(from), off_t(Self.chunk)) != 0 {
      switch errno {
      case EINTR: continue
      case ENOSPC, EDQUOT, EFBIG:
        throw SystemError("set space aside for \(path)", number: errno)
      default:
        self.reserved = nil
        return
      }
    }
    self.reserved = from + Self.chunk
  }
}
