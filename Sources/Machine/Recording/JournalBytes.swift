import CLinux
import Glibc
import System

/// All bytes of a journal, in memory.
package struct JournalBytes: ~Copyable {
  private let memory: UnsafeMutableRawBufferPointer
  /// How many bytes there are.
  package let count: Int

  /// The longest that is read, in bytes: tens of millions of records.
  static let limit = 1 << 32

  /// Reads a file up to its length at the start of the call.
  ///
  /// - Parameters:
  ///   - file: a regular file, at its beginning.
  ///   - path: for errors.
  /// - Throws: `EFBIG` beyond `limit`, and what read(2) says.
  init(_ file: borrowing Descriptor, path: String) throws(SystemError) {
    (memory, count) = try Self.read(file, path)
  }

  private static func read(
    _ file: borrowing Descriptor,
    _ path: String
  ) throws(SystemError) -> (UnsafeMutableRawBufferPointer, Int) {
    guard let status = FileStatus(of: file.number) else {
      throw SystemError("read \(path)", number: errno)
    }
    let size = status.size
    guard size <= limit else { throw SystemError("read \(path)", number: EFBIG) }
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
    var length = 0
    while length < size {
      let result = Glibc.read(file.number, memory.baseAddress.map { $0 + length }, size - length)
      if result == 0 { break }
      if result > 0 {
        length += result
      } else if errno != EINTR {
        let number = errno
        memory.deallocate()
        throw SystemError("read \(path)", number: number)
      }
    }
    return (memory, length)
  }

  deinit { memory.deallocate() }

  /// Lends the bytes.
  ///
  /// - Throws: what `body` throws.
  package func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(rebasing: memory[..<count]))
  }
}
