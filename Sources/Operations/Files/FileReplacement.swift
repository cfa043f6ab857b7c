import Glibc
import System

/// Writes files so that a complete one exists at every moment.
package enum FileReplacement {
  /// Replaces the contents of a file: completely or not at all, even if the power fails.
  ///
  /// The mode and owner are kept. A link is followed, and its target is replaced.
  ///
  /// - Returns: why it failed, as a phrase; nil if it succeeded.
  package static func replace(_ path: String, with bytes: [UInt8]) -> String? {
    guard let target = FileReader.resolved(path) else { return words(errno) }
    guard let status = FileStatus(target, follow: true) else { return words(errno) }
    guard status.isRegular else { return "it is no regular file" }
    if access(target, W_OK) != 0 { return words(errno) }
    let temporary = target + ".lockstep-\(getpid())"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return words(errno) }
    let failure = fill(descriptor, with: bytes, like: status)
    close(descriptor)
    if failure == nil, rename(temporary, target) == 0 { return nil }
    let reason = failure ?? words(errno)
    unlink(temporary)
    return reason
  }

  /// Writes a new file.
  ///
  /// An existing one is left alone.
  ///
  /// - Returns: why it failed, as a phrase; nil if it succeeded.
  package static func create(_ path: String, with bytes: [UInt8]) -> String? {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { return words(errno) }
    defer { close(descriptor) }
    if let reason = write(bytes, to: descriptor) {
      unlink(path)
      return reason
    }
    return nil
  }

  private static func fill(
    _ descriptor: Int32,
    with bytes: [UInt8],
    like status: FileStatus
  ) -> String? {
    if let reason = write(bytes, to: descriptor) { return reason }
    // Only root may change the owner; for others the file already belongs to them.
    if geteuid() == 0, fchown(descriptor, status.owner, status.group) != 0 { return words(errno) }
    if fchmod(descriptor, status.mode & 0o7777) != 0 { return words(errno) }
    return fsync(descriptor) == 0 ? nil : words(errno)
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) -> String? {
    var offset = 0
    while offset < bytes.count {
      let written = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress.map { $0 + offset }, buffer.count - offset)
      }
      if written < 0, errno != EINTR { return words(errno) }
      offset += max(0, written)
    }
    return nil
  }

  private static func words(_ number: Int32) -> String {
    number == EEXIST ? "it already exists" : String(cString: strerror(number))
  }
}
