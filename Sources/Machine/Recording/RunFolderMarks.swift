import CLinux
import Glibc
import System
import VM

extension RunFolder {
  /// Whether a process is writing its journal.
  var isBeingWritten: Bool {
    let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
    let number = lockstep_openat(folder.number, "journal", flags, 0)
    if number < 0 { return false }
    let file = Descriptor(owning: number)
    return flock(file.number, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  /// Whether a process seems to be writing its journal; takes no lock.
  package var isDriven: Bool {
    guard let status = FileStatus("journal", in: folder.number, follow: false) else { return false }
    return LockHolder.find(of: status.identity) != nil
  }

  private static let mark = "given-up"

  /// Records that this run was abandoned for another.
  package func noteGivenUp(for other: RunID) {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let number = lockstep_openat(folder.number, Self.mark, flags, 0o600)
    if number < 0 { return }
    let file = Descriptor(owning: number)
    let bytes = Array("\(other)\n".utf8)
    _ = bytes.withUnsafeBytes { write(file.number, $0.baseAddress, $0.count) }
  }

  /// The run for which this one was abandoned; nil for none.
  package var givenUpFor: String? {
    guard let bytes = try? firstBytes(of: Self.mark, in: folder.number, limit: 64),
      let line = bytes.split(separator: UInt8(ascii: "\n")).first
    else { return nil }
    return RunID(String(decoding: line, as: UTF8.self))?.text
  }
}
