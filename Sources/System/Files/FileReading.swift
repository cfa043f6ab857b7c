import CLinux
import Glibc

/// The first bytes of a regular file, at most `limit`.
///
/// - Throws: what open(2) and read(2) say; `EINVAL` for anything but a regular file, which is
///   opened without blocking, so that a named pipe cannot hang the caller.
package func firstBytes(
  of path: String,
  in folder: Int32 = AT_FDCWD,
  limit: Int
) throws(SystemError) -> [UInt8] {
  let file = try Descriptor(
    lockstep_openat(folder, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0),
    "open \(path)"
  )
  let status = FileStatus(of: file.number)
  guard status?.isRegular == true else {
    throw SystemError("read \(path)", number: status?.isFolder == true ? EISDIR : EINVAL)
  }
  var bytes = [UInt8](repeating: 0, count: limit)
  var length = 0
  while length < limit {
    let count = bytes.withUnsafeMutableBytes { buffer in
      read(file.number, buffer.baseAddress.map { $0 + length }, limit - length)
    }
    if count < 0 {
      if errno == EINTR { continue }
      throw SystemError("read \(path)", number: errno)
    }
    if count == 0 { break }
    length += count
  }
  bytes.removeLast(limit - length)
  return bytes
}

/// The target of a symbolic link; nil if it is not a link or cannot be read.
package func readLink(_ path: String, in folder: Int32 = AT_FDCWD) -> String? {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
    guard let base = buffer.baseAddress else { return nil }
    let length = readlinkat(folder, path, base, buffer.count - 1)
    guard length > 0, length < buffer.count - 1 else { return nil }
    buffer[length] = 0
    return String(cString: base)
  }
}

/// The last bytes of a regular file from an offset on, at most `most`; empty if there are none.
package func lastBytes(of path: String, from offset: Int, most: Int) -> [UInt8] {
  let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
  let descriptor = lockstep_openat(AT_FDCWD, path, flags, 0)
  guard descriptor >= 0 else { return [] }
  let file = Descriptor(owning: descriptor)
  guard let status = FileStatus(of: file.number), status.isRegular else { return [] }
  // A log that was cut meanwhile begins anew.
  let size = status.size
  let start = max(offset <= size ? offset : 0, size - most)
  var bytes = [UInt8](repeating: 0, count: size - start)
  let count = bytes.withUnsafeMutableBytes { pread(file.number, $0.baseAddress, $0.count, start) }
  return Array(bytes.prefix(max(0, count)))
}
