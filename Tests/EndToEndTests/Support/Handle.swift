import Glibc

/// An open descriptor, closed with its last reference.
final class Handle: Sendable {
  /// The number, for calls that borrow it.
  let number: Int32

  /// Takes over an open descriptor.
  init(owning number: Int32) { self.number = number }

  /// Opens a file.
  convenience init(_ path: String, _ flags: Int32, mode: mode_t = 0o644) throws {
    try self.init(owning: check(open(path, flags | O_CLOEXEC, mode), "open \(path)"))
  }

  /// Writes a text to an existing file.
  static func write(_ text: String, to path: String) throws {
    try Handle(path, O_WRONLY).write(Array(text.utf8))
  }

  /// Both ends of a new pipe.
  static func pipe() throws -> (reading: Handle, writing: Handle) {
    var ends: [Int32] = [-1, -1]
    // pipe2 is not imported. A child of a parallel test closes what it was not given, so no end
    // stays open by accident.
    try check(Glibc.pipe(&ends), "pipe")
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (Handle(owning: ends[0]), Handle(owning: ends[1]))
  }

  /// Appends what can be read now.
  ///
  /// - Returns: whether there may be more to read.
  func read(into bytes: inout [UInt8]) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = buffer.withUnsafeMutableBytes { Glibc.read(number, $0.baseAddress, $0.count) }
    if count < 0 { return errno == EINTR || errno == EAGAIN }
    bytes += buffer.prefix(count)
    return count > 0
  }

  /// Writes all of the bytes.
  func write(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      rest = rest.dropFirst(try check(count, "write"))
    }
  }

  deinit { close(number) }
}

/// A system call of the test itself that failed.
struct SystemFailure: Error, CustomStringConvertible {
  var description: String
}

/// The result of a call.
///
/// A negative one is thrown, with what was being done.
@discardableResult
func check<Number: SignedInteger>(_ result: Number, _ operation: String) throws -> Number {
  if result < 0 {
    let number = errno
    throw SystemFailure(description: "\(operation): \(String(cString: strerror(number)))")
  }
  return result
}
