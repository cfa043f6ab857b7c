import Glibc
import Testing

/// A named pipe by which a script and its test wait for each other.
///
/// It is open for reading and writing. So no open ever blocks, and what a script writes early is
/// kept.
final class Fifo {
  /// Where scripts find it.
  let path: String
  private let handle: Handle
  private var pending: [UInt8] = []

  init(_ path: String) throws {
    self.path = path
    try check(mkfifo(path, 0o666), "mkfifo \(path)")
    handle = try Handle(path, O_RDWR | O_NONBLOCK)
    chmod(path, 0o666)
  }

  /// The next line that a script writes.
  ///
  /// Fails the test if none comes.
  func line(_ location: SourceLocation = #_sourceLocation) throws -> String {
    let deadline = Deadline()
    while true {
      if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: pending[..<end], as: UTF8.self)
        pending.removeSubrange(...end)
        return line
      }
      var wanted = pollfd(fd: handle.number, events: Int16(POLLIN), revents: 0)
      guard poll(&wanted, 1, deadline.milliseconds) > 0 else {
        throw Hang(description: "nobody wrote to \(path)", location)
      }
      _ = handle.read(into: &pending)
    }
  }

  /// This many lines, in the order in which they arrive.
  func lines(_ count: Int, _ location: SourceLocation = #_sourceLocation) throws -> [String] {
    try (0..<count).map { _ in try line(location) }
  }

  /// Whether a script has written something that has not been read yet.
  var hasText: Bool {
    _ = handle.read(into: &pending)
    return !pending.isEmpty
  }

  /// Releases this many readers.
  func release(_ count: Int = 1) throws {
    try handle.write(Array(String(repeating: "go\n", count: count).utf8))
  }
}

/// When a wait is given up: far later than anything takes unless it is stuck.
struct Deadline {
  /// How long anything may take, in seconds.
  static let most = 60

  private let end: Int

  init() { end = Self.now + Self.most * 1000 }

  /// The time that is left, for poll(2).
  var milliseconds: Int32 { Int32(max(0, end - Self.now)) }

  private static var now: Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }
}

/// Something that should have happened long ago.
struct Hang: Error, CustomStringConvertible {
  var description: String

  init(description: String, _ location: SourceLocation) {
    self.description = "gave up after \(Deadline.most) seconds: \(description)"
    Issue.record("\(self.description)", sourceLocation: location)
  }
}
