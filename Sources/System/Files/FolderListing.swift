import CLinux
import Glibc

/// One thing in a folder.
package struct FolderEntry {
  package var name: String
  /// Whether it is certainly a folder, and no link to one; not every file system tells.
  package var isFolder: Bool
}

/// The names in a folder, in the order of their bytes; `.` and `..` left out.
///
/// - Throws: what open(2) says, such as `ENOTDIR`.
package func namesInFolder(_ path: String, in folder: Int32 = AT_FDCWD) throws(SystemError)
  -> [String]
{
  try entriesOfFolder(path, in: folder).map(\.name)
}

/// What is in a folder, in the order of the names' bytes; `.` and `..` left out.
///
/// - Throws: what open(2) says, such as `ENOTDIR`.
package func entriesOfFolder(
  _ path: String,
  in folder: Int32 = AT_FDCWD
) throws(SystemError) -> [FolderEntry] {
  let descriptor = lockstep_openat(folder, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
  guard descriptor >= 0 else { throw SystemError("list \(path)", number: errno) }
  guard let stream = fdopendir(descriptor) else {
    let number = errno
    close(descriptor)
    throw SystemError("list \(path)", number: number)
  }
  defer { closedir(stream) }
  var entries: [FolderEntry] = []
  while let entry = readdir(stream) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
      tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != ".", name != ".." {
      entries.append(FolderEntry(name: name, isFolder: entry.pointee.d_type == UInt8(DT_DIR)))
    }
  }
  return entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
}

/// The first bytes of a regular file, at most `limit`.
///
/// - Throws: what open(2) and read(2) say; `EINVAL` for anything else than a regular file, which is
///   opened without waiting, so that a named pipe hangs nobody.
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

/// What a symbolic link says; nil where it is none or cannot be read.
package func readLink(_ path: String, in folder: Int32 = AT_FDCWD) -> String? {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
    guard let base = buffer.baseAddress else { return nil }
    let length = readlinkat(folder, path, base, buffer.count - 1)
    guard length > 0, length < buffer.count - 1 else { return nil }
    buffer[length] = 0
    return String(cString: base)
  }
}
