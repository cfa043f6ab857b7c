import Glibc

/// Whether a path is a folder, links followed, or one that we may not look at.
package func mayBeFolder(_ path: String) -> Bool {
  if let status = FileStatus(path, follow: true) { return status.isFolder }
  return errno == EACCES || errno == EPERM
}

/// The absolute path of a file without links in it; nil if it cannot be found out.
package func resolvedPath(_ path: String) -> String? {
  guard let pointer = realpath(path, nil) else { return nil }
  defer { free(pointer) }
  return String(cString: pointer)
}

/// Whether two paths lead to the same file or folder.
package func isSameFile(_ one: String, _ other: String) -> Bool {
  guard let first = FileStatus(one, follow: true) else { return false }
  return first.identity == FileStatus(other, follow: true)?.identity
}
