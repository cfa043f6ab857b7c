import Glibc

/// Writes files so that at every moment there is a whole one.
package enum FileReplacement {
  /// Puts new contents in a file's place: all of them or none, also when power fails.
  ///
  /// Its mode and owner are kept; a link is followed, and what it leads to is replaced.
  ///
  /// - Returns: why it could not be done, as a clause; nil where it was.
  package static func replace(_ path: String, with bytes: [UInt8]) -> String? {
    guard let target = FileReader.resolved(path) else { return words(errno) }
    var status = stat()
    guard stat(target, &status) == 0 else { return words(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { return "it is no regular file" }
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

  /// Writes a file that is not there yet; an existing one is left alone.
  ///
  /// - Returns: why it could not be done, as a clause; nil where it was.
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

  private static func fill(_ descriptor: Int32, with bytes: [UInt8], like status: stat) -> String? {
    if let reason = write(bytes, to: descriptor) { return reason }
    // Only root may give a file away; for anybody else it is theirs already.
    if geteuid() == 0, fchown(descriptor, status.st_uid, status.st_gid) != 0 { return words(errno) }
    if fchmod(descriptor, status.st_mode & 0o7777) != 0 { return words(errno) }
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
    number == EEXIST ? "it is there already" : String(cString: strerror(number))
  }
}
