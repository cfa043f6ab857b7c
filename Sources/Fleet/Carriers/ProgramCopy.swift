import CLinux
import Glibc
package import System
import Words

/// A program that is copied to machines without it: usually the one that is running.
package final class ProgramCopy: Sendable {
  /// The name of the copy: one for each content.
  package let name: String
  /// The SHA-256 of its content, in hexadecimal digits.
  package let digest: String
  /// How many bytes it has.
  package let size: Int
  /// For which machines it is, as the kernel calls them.
  package let machineType: String
  private let file: Descriptor

  /// Reads a program.
  ///
  /// - Parameter path: of the executable.
  /// - Throws: why it cannot be read.
  package init(path: String = "/proc/self/exe") throws(SystemError) {
    file = try Descriptor(
      lockstep_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0),
      "open \(path)"
    )
    var status = stat()
    if fstat(file.number, &status) != 0 { throw SystemError("stat \(path)", number: errno) }
    size = Int(status.st_size)
    guard let map = mmap(nil, max(size, 1), PROT_READ, MAP_PRIVATE, file.number, 0),
      map != MAP_FAILED
    else { throw SystemError("map \(path)", number: errno) }
    defer { munmap(map, max(size, 1)) }
    digest = SHA256.hexadecimal(UnsafeRawBufferPointer(start: map, count: size))
    name = "lockstep-\(digest.prefix(16))"
    machineType = ThisMachine.type
  }

  /// Some of its bytes; none at its end.
  ///
  /// - Parameters:
  ///   - offset: where they begin.
  ///   - most: how many at most.
  /// - Returns: the bytes; fewer than `most` near its end, or if it cannot be read.
  func bytes(from offset: Int, most: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
      count = max(pread(file.number, buffer.baseAddress, most, off_t(offset)), 0)
    }
  }
}
