import CLinux
import Glibc
import System
import Words

/// Reads small files in a VM's folder that describe it.
enum VMFile {
  /// Reads a whole file; follows links that stay inside the VM's folder.
  ///
  /// The kind of file is checked before it is opened, so that no device or named pipe notices. The
  /// file that was checked is the one that is read, even if folders are moved in the meantime.
  ///
  /// - Parameters:
  ///   - path: relative to the folder.
  ///   - folder: the root.
  ///   - realPath: the same as a path without links; nil for any place.
  ///   - limit: more bytes than that are refused.
  /// - Returns: the bytes; nil if there is no such file.
  /// - Throws: why not, as the end of a sentence that begins with the path.
  static func read(
    _ path: String,
    in folder: Int32,
    beneath realPath: String?,
    limit: Int
  ) throws(PlainFailure) -> [UInt8]? {
    let number = lockstep_openat(folder, path, lockstep_O_PATH | O_CLOEXEC, 0)
    if number < 0 {
      // Someone has put a dangling link there.
      if errno == ENOENT, FileStatus(path, in: folder, follow: false) == nil { return nil }
      throw PlainFailure(words: "cannot be read: \(SystemError.words(errno))")
    }
    let place = Descriptor(owning: number)
    guard let end = place.realPath else {
      throw PlainFailure(words: "cannot be located; mount /proc")
    }
    if let realPath, !isPath(end, beneath: realPath) {
      throw PlainFailure(words: "leads outside the VM's folder, to \(quoted(end))")
    }
    guard let status = FileStatus(of: place.number) else {
      throw PlainFailure(words: "cannot be read: \(SystemError.words(errno))")
    }
    if !status.isRegular { throw PlainFailure(words: "is \(status.kindWords), not a file") }
    let bytes: [UInt8]
    do {
      bytes = try firstBytes(of: "/proc/self/fd/\(place.number)", limit: limit + 1)
    } catch {
      throw PlainFailure(words: "cannot be read: \(SystemError.words(error.number))")
    }
    if bytes.count > limit { throw PlainFailure(words: "is longer than \(limit) bytes") }
    return bytes
  }
}
