import CLinux
import Glibc
import System

/// Where a path leads, with links followed.
package enum Containment {
  /// Nothing is there: a component is missing, or a link points to nothing.
  case absent
  /// Inside the folder; with the absolute path, all links resolved.
  case inside(String)
  /// Somewhere else.
  case outside(String)
  /// It is unknown: the error number of opening it.
  case unknown(Int32)
}

extension Descriptor {
  /// Finds out whether a path leads to something inside `folder`.
  ///
  /// On a real VM `jobs/<release job>` is an absolute link into `data/jobs`, and `sys` is a link to
  /// `data/sys`. So links are allowed, and a path is judged by where it leads. Nothing is opened in
  /// a way that the file could notice.
  ///
  /// - Parameters:
  ///   - path: relative to this descriptor's folder.
  ///   - folder: an absolute path without links.
  /// - Returns: where it leads.
  package func containment(of path: String, beneath folder: String) -> Containment {
    let quick = lockstep_openat2(
      number,
      path,
      lockstep_O_PATH | O_CLOEXEC,
      0,
      lockstep_RESOLVE_BENEATH | lockstep_RESOLVE_NO_SYMLINKS
    )
    if quick >= 0 {
      // This folder is itself inside the VM's folder, and no link was on the way.
      close(quick)
      return .inside(path)
    }
    if errno == ENOENT { return .absent }
    // A link on the way, or a kernel or sandbox without the call.
    let followed = lockstep_openat(number, path, lockstep_O_PATH | O_CLOEXEC, 0)
    if followed < 0 { return errno == ENOENT ? .absent : .unknown(errno) }
    defer { close(followed) }
    guard let end = Descriptor.realPath(of: followed) else { return .unknown(ENOENT) }
    return isPath(end, beneath: folder) ? .inside(end) : .outside(end)
  }
}

/// Whether an absolute path without links is `folder` or inside it.
package func isPath(_ path: String, beneath folder: String) -> Bool {
  if folder == "/" || path == folder { return true }
  return path.utf8.count > folder.utf8.count && path.utf8.starts(with: folder.utf8)
    && path.utf8.dropFirst(folder.utf8.count).first == UInt8(ascii: "/")
}
