import Glibc
import Testing

/// A named pipe by which a script and its test wait for one another.
///
/// It is held open for both directions, so that neither side's open ever waits, and what a script
/// writes before the test looks is kept.
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

  /// The next line that a script writes; fails the test where none comes.
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

  /// As many lines, in the order of their coming.
  func lines(_ count: Int, _ location: SourceLocation = #_sourceLocation) throws -> [String] {
    try (0..<count).map { _ in try line(location) }
  }

  /// Whether a script has written something that was not read yet.
  var hasText: Bool {
    _ = handle.read(into: &pending)
    return !pending.isEmpty
  }

  /// Lets as many readers go on.
  func release(_ count: Int = 1) throws {
    try handle.write(Array(String(repeating: "go\n", count: count).utf8))
  }
}

/// When a wait is given up: far later than anything takes that is not stuck.
struct Deadline {
  /// How long anything may take, in seconds.
  static let most = 60

  private let end: Int

  init() { end = Self.now + Self.most * 1000 }

  /// What is left, for poll(2).
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
