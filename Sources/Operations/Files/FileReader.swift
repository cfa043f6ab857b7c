import Glibc
import System

/// Why a file could not be read, as a phrase: `no such file`.
package struct UnreadableFile: Error {
  package var reason: String
}

/// Reads whole files.
package enum FileReader {
  /// The maximum size of a plan in bytes.
  package static let most = 1 << 28

  /// The bytes of a regular file, or of anything that can be read to its end, such as a pipe.
  ///
  /// Reading stops at a zero byte, which no text contains, because the file may be endless.
  package static func read(_ path: String) throws(UnreadableFile) -> [UInt8] {
    let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { throw UnreadableFile(reason: words(errno)) }
    defer { close(descriptor) }
    guard let status = FileStatus(of: descriptor) else {
      throw UnreadableFile(reason: words(errno))
    }
    if status.isFolder { throw UnreadableFile(reason: "it is a folder") }
    var bytes: [UInt8] = []
    let chunk = 1 << 16
    // If the size is known, the buffer never has to grow.
    bytes.reserveCapacity(min(status.size, most) + chunk)
    while true {
      var count = 0
      let start = bytes.count
      bytes.append(contentsOf: repeatElement(0, count: chunk))
      bytes.withUnsafeMutableBytes { buffer in
        repeat {
          count = Glibc.read(descriptor, buffer.baseAddress.map { $0 + start }, chunk)
        } while count < 0 && errno == EINTR
      }
      bytes.removeLast(chunk - max(0, count))
      if count < 0 { throw UnreadableFile(reason: words(errno)) }
      if count == 0 { return bytes }
      if bytes[start...].contains(0) { return bytes }
      if bytes.count > most { throw UnreadableFile(reason: "it has more than \(most >> 20) MiB") }
    }
  }

  /// Whether a path is a folder, or something that we may not inspect.
  package static func mayBeFolder(_ path: String) -> Bool { System.mayBeFolder(path) }

  /// Whether a path is a folder, links followed.
  package static func isFolder(_ path: String) -> Bool {
    FileStatus(path, follow: true)?.isFolder == true
  }

  /// The absolute path of a file without links; nil if it cannot be determined.
  package static func resolved(_ path: String) -> String? { resolvedPath(path) }

  /// The absolute path with links left as they are; nil if the current folder is gone.
  package static func absolute(_ path: String) -> String? {
    path.hasPrefix("/") ? path : resolved(".").map { "\($0)/\(path)" }
  }

  /// Whether two paths lead to the same file or folder.
  package static func isSame(_ one: String, _ other: String) -> Bool { isSameFile(one, other) }

  private static func words(_ number: Int32) -> String {
    switch number {
    case ENOENT: "no such file"
    case EACCES, EPERM: "permission denied"
    case EISDIR: "it is a folder"
    case ENOTDIR: "a part of the path is not a folder"
    case ELOOP: "its links form a loop"
    case ENAMETOOLONG: "the name is too long"
    default: String(cString: strerror(number))
    }
  }
}
