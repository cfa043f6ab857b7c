import CLinux
import Glibc

/// One thing in a folder.
package struct FolderEntry {
  package var name: String
  /// Whether it is certainly a folder and not a link to one; not every file system says.
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
