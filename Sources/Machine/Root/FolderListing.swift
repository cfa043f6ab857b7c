import CLinux
import Glibc

/// One thing in a folder.
struct FolderEntry {
  var name: String
  /// Whether it is certainly a folder, and no link to one; not every file system tells.
  var isFolder: Bool
}

/// The names in a folder, in the order of their bytes; `.` and `..` left out.
///
/// - Throws: what open(2) says, such as `ENOTDIR`.
func namesInFolder(_ path: String, in folder: Int32 = AT_FDCWD) throws(SystemError) -> [String] {
  try entriesOfFolder(path, in: folder).map(\.name)
}

/// What is in a folder, in the order of the names' bytes; `.` and `..` left out.
///
/// - Throws: what open(2) says, such as `ENOTDIR`.
func entriesOfFolder(
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

/// What a path is, links followed or not; nil where it cannot be told, and `errno` says why.
func fileStatus(_ path: String, in folder: Int32 = AT_FDCWD, follow: Bool) -> stat? {
  var status = stat()
  let result = fstatat(folder, path, &status, follow ? 0 : AT_SYMLINK_NOFOLLOW)
  return result == 0 ? status : nil
}

extension stat {
  /// Whether it is a regular file.
  var isRegular: Bool { lockstep_is_regular(st_mode) != 0 }
  /// Whether it is a folder.
  var isFolder: Bool { lockstep_is_folder(st_mode) != 0 }
  /// Whether it is a symbolic link.
  var isLink: Bool { lockstep_is_link(st_mode) != 0 }

  /// What it is, for people, with its article.
  var kindWords: String {
    switch st_mode & S_IFMT {
    case S_IFREG: "a file"
    case S_IFDIR: "a folder"
    case S_IFLNK: "a link"
    case S_IFIFO: "a named pipe"
    case S_IFSOCK: "a socket"
    case S_IFCHR, S_IFBLK: "a device"
    default: "something else than a file"
    }
  }
}

/// The first bytes of a regular file, at most `limit`.
///
/// - Throws: what open(2) and read(2) say; `EINVAL` for anything else than a regular file, which is
///   opened without waiting, so that a named pipe hangs nobody.
func firstBytes(
  of path: String,
  in folder: Int32 = AT_FDCWD,
  limit: Int
) throws(SystemError) -> [UInt8] {
  let file = try Descriptor(
    lockstep_openat(folder, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0),
    "open \(path)"
  )
  var status = stat()
  guard fstat(file.number, &status) == 0, status.isRegular else {
    throw SystemError("read \(path)", number: status.isFolder ? EISDIR : EINVAL)
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
func readLink(_ path: String, in folder: Int32 = AT_FDCWD) -> String? {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
    guard let base = buffer.baseAddress else { return nil }
    let length = readlinkat(folder, path, base, buffer.count - 1)
    guard length > 0, length < buffer.count - 1 else { return nil }
    buffer[length] = 0
    return String(cString: base)
  }
}
