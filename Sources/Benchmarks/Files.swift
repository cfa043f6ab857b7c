import Glibc

/// A text file that is written from beginning to end, in large pieces.
///
/// Its text can be a hundred megabytes and is never held in memory: no measured peak can be below
/// the peak of the program that measures (see ``Program``).
struct TextFile: ~Copyable {
  private let path: String
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  /// Makes the file, or empties it.
  init(_ path: String) throws(Failure) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    if descriptor < 0 { throw Failure("cannot write \(path): \(errorText())") }
    buffer.reserveCapacity(1 << 17)
  }

  deinit { close(descriptor) }

  /// Adds text.
  mutating func write(_ text: String) throws(Failure) {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= 1 << 16 { try flush() }
  }

  /// Writes what is left; without this call the file is incomplete.
  consuming func finish() throws(Failure) { try flush() }

  private mutating func flush() throws(Failure) {
    var start = 0
    while start < buffer.count {
      let count = buffer[start...].withUnsafeBytes { piece in
        Glibc.write(descriptor, piece.baseAddress, piece.count)
      }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { throw Failure("cannot write \(path): \(errorText())") }
      start += count
    }
    buffer.removeAll(keepingCapacity: true)
  }
}

/// A new folder for one benchmark; it is removed with everything in it when it is no longer needed.
struct Scratch: ~Copyable {
  /// Its absolute path.
  let path: String

  /// Makes a folder in `parent`.
  init(in parent: String) throws(Failure) {
    var template = Array("\(parent)/lockstep-bench.XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map { mkdtemp($0) != nil } ?? false
    }
    if !made { throw Failure("cannot make a folder in \(parent): \(errorText())") }
    let bytes = template.dropLast().map { UInt8(bitPattern: $0) }
    path = String(decoding: bytes, as: UTF8.self)
  }

  deinit { _ = try? Program("/bin/rm", ["-rf", path]).run() }
}

/// Makes one folder; its parent must exist.
func makeFolder(_ path: String) throws(Failure) {
  if mkdir(path, 0o755) != 0 { throw Failure("cannot make \(path): \(errorText())") }
}

/// The contents of a small file, such as those of /proc; nil if it cannot be read.
func contents(of path: String) -> String? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  if descriptor < 0 { return nil }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var piece = [UInt8](repeating: 0, count: 4096)
  while true {
    let count = read(descriptor, &piece, piece.count)
    if count < 0 { return nil }
    if count == 0 { return String(decoding: bytes, as: UTF8.self) }
    bytes += piece[..<count]
  }
}

/// Words for the error of the last system call.
func errorText(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }
