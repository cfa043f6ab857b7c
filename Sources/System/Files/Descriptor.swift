import CLinux
import Glibc

/// An open file descriptor, closed when its owner releases it.
package struct Descriptor: ~Copyable, Sendable {
  /// The number, for calls that borrow it.
  package let number: Int32

  /// Takes over an open descriptor.
  package init(owning number: Int32) { self.number = number }

  /// Takes over what an opening call returned.
  ///
  /// - Parameters:
  ///   - result: the call's result; negative if it failed and set `errno`.
  ///   - operation: what was being done, for the error.
  /// - Throws: the error that the call left.
  package init(_ result: Int32, _ operation: @autoclosure () -> String) throws(SystemError) {
    if result < 0 {
      let number = errno
      throw SystemError(operation(), number: number)
    }
    self.number = result
  }

  deinit {
    // Linux frees the number even if close(2) fails, so there is nothing to retry.
    _ = close(number)
  }
}

extension Descriptor {
  /// Opens a folder to resolve names in, without asking for the right to list it.
  ///
  /// - Parameters:
  ///   - path: links in it are followed.
  ///   - folder: an open folder that a relative path begins in.
  /// - Returns: an `O_PATH` descriptor.
  /// - Throws: `ENOTDIR` for anything but a folder, and what open(2) says.
  package static func folder(_ path: String, in folder: Int32 = AT_FDCWD) throws(SystemError)
    -> Descriptor
  {
    try Descriptor(
      lockstep_openat(folder, path, lockstep_O_PATH | O_DIRECTORY | O_CLOEXEC, 0),
      "open folder \(path)"
    )
  }

  /// The absolute path at which the descriptor's file is found, links resolved; nil if it has
  /// none or /proc is not there.
  package var realPath: String? { Self.realPath(of: number) }

  /// See `realPath`.
  package static func realPath(of number: Int32) -> String? {
    readLink("/proc/self/fd/\(number)").flatMap { $0.hasPrefix("/") ? $0 : nil }
  }
}
