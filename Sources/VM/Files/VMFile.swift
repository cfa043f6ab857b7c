import CLinux
import Glibc
import System
import Words

/// Reads small files beneath a root that tell something about it.
enum VMFile {
  /// Reads a whole file, links followed that end beneath the root.
  ///
  /// What it is is looked at before it is opened, so that no device or named pipe notices; and what
  /// was looked at is what is read, whoever moves folders in the meantime.
  ///
  /// - Parameters:
  ///   - path: relative to the folder.
  ///   - folder: the root.
  ///   - realPath: the same as a path without links; nil for any place.
  ///   - limit: more bytes than that are refused.
  /// - Returns: the bytes; nil where there is no such file.
  /// - Throws: why not, as the end of a sentence that begins with the path.
  static func read(
    _ path: String,
    in folder: Int32,
    beneath realPath: String?,
    limit: Int
  ) throws(PlainFailure) -> [UInt8]? {
    let number = lockstep_openat(folder, path, lockstep_O_PATH | O_CLOEXEC, 0)
    if number < 0 {
      // A link to nothing is something that somebody has put there.
      if errno == ENOENT, fileStatus(path, in: folder, follow: false) == nil { return nil }
      throw PlainFailure(words: "cannot be read: \(SystemError.words(errno))")
    }
    let place = Descriptor(owning: number)
    guard let end = place.realPath else {
      throw PlainFailure(words: "cannot be found again; mount /proc")
    }
    if let realPath, !isPath(end, beneath: realPath) {
      throw PlainFailure(words: "ends outside of the root, at \(quoted(end))")
    }
    guard let status = FileStatus(of: place.number) else {
      throw PlainFailure(words: "cannot be read: \(SystemError.words(errno))")
    }
    if !status.isRegular { throw PlainFailure(words: "is \(status.kindWords) and no file") }
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
