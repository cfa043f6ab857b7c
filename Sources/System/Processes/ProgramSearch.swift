import CLinux
import Glibc

/// Where programs are looked for.
package enum ProgramSearch {
  /// The value of PATH that every step gets, BOSH's own.
  package static let searchPath = "/usr/sbin:/usr/bin:/sbin:/bin"

  /// The executable that a name means, as execvp(3) would find it; nil if a name without a slash
  /// is in no folder of the path.
  package static func find(_ name: String, in searchPath: String) -> String? {
    if name.contains("/") { return name }
    for folder in searchPath.split(separator: ":") {
      let path = "\(folder)/\(name)"
      if let status = FileStatus(path, follow: true), status.isRegular, access(path, X_OK) == 0 {
        return path
      }
    }
    return nil
  }
}
