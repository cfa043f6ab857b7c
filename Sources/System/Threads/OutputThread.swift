import CLinux
import Clock
import Glibc
import Words

/// Writes for people to a descriptor that may take its time, in a thread of its own.
///
/// A stopped terminal (Ctrl-S), a hanging connection or an unread pipe blocks a writer
/// indefinitely. A run must not wait for that. O_NONBLOCK is not a solution: it would apply to
/// everyone who has the same terminal open.
package final class OutputThread {
  /// How many bytes wait at most that may be lost; what is more is left out, and that is said.
  package static let limit = 1 << 20
  /// How long `finish` waits without a byte having been taken.
  package static let patience = Duration.seconds(60)

  private let shared: SharedOutput
  private var thread: HelperThread?

  /// Starts the thread.
  ///
  /// - Parameters:
  ///   - descriptor: stays open as long as the thread writes.
  ///   - limit: how many bytes wait at most that may be lost.
  /// - Throws: an error if no descriptor or thread is left.
  package init(_ descriptor: Int32, limit: Int = limit) throws(SystemError) {
    let shared = try SharedOutput(descriptor, limit: limit)
    self.shared = shared
    thread = try HelperThread { shared.work() }
  }

  /// Takes text to be written, and never waits.
  ///
  /// - Parameters:
  ///   - bytes: of any length, usually whole lines.
  ///   - mayBeLost: whether they may be dropped if too much is waiting already.
  package func write(_ bytes: [UInt8], mayBeLost: Bool = true) {
    shared.add(bytes, mayBeLost: mayBeLost)
  }

  /// Ends the thread when everything is written, or when nothing is read any more.
  ///
  /// - Parameter patience: how long to wait without a byte having been taken.
  /// - Returns: why not everything was written: the error number of write(2), or ETIMEDOUT if it
  ///   was not read; 0 if everything was written.
  @discardableResult
  package func finish(patience: Duration = patience) -> Int32 {
    guard let thread else { return 0 }
    self.thread = nil
    let failure = shared.waitUntilWritten(patience)
    // One that is in the midst of write(2) cannot be woken up, and ends with the process.
    if failure == ETIMEDOUT { thread.detach() } else { thread.join() }
    return failure
  }

  deinit { finish(patience: .zero) }
}

/// What the thread and its owner share.
private final class SharedOutput: Sendable {
  struct State {
    var waiting: [UInt8] = []
    /// Lines that were left out since the last that was not.
    var lost = 0
    var endsLine = true
    var isClosing = false
    /// The thread has ended.
    var isOver = false
    /// Bytes that were taken.
    var written = 0
    var failure: Int32 = 0
  }

  private let descriptor: Int32
  private let limit: Int
  private let state = Locked(State())
  /// Told when there is something to do.
  private let wake: Descriptor
  /// Signalled when something was done that is being awaited.
  private let news: Descriptor

  init(_ descriptor: Int32, limit: Int) throws(SystemError) {
    self.descriptor = descriptor
    self.limit = limit
    wake = try Descriptor(lockstep_event_create(), "eventfd")
    news = try Descriptor(lockstep_event_create(), "eventfd")
  }

  func add(_ bytes: [UInt8], mayBeLost: Bool) {
    let isFirst = state.withLock { state in
      if state.failure != 0 { return false }
      if mayBeLost, state.waiting.count + bytes.count > limit {
        state.lost += bytes.count { $0 == UInt8(ascii: "\n") }
        return false
      }
      let isFirst = state.waiting.isEmpty
      Self.tellLost(&state)
      state.waiting += bytes
      if let last = bytes.last { state.endsLine = last == UInt8(ascii: "\n") }
      return isFirst
    }
    if isFirst { _ = lockstep_event_tell(wake.number) }
  }

  private static func tellLost(_ state: inout State) {
    if state.lost == 0 { return }
    let words = "… \(state.lost) lines are left out here: they were not read in time\n"
    state.waiting += (state.endsLine ? "" : "\n").utf8
    state.waiting += words.utf8
    state.lost = 0
    state.endsLine = true
  }

  func waitUntilWritten(_ patience: Duration) -> Int32 {
    state.withLock { state in
      Self.tellLost(&state)
      state.isClosing = true
    }
    _ = lockstep_event_tell(wake.number)
    var before = -1
    while true {
      let (isOver, written, failure) = state.withLock { ($0.isOver, $0.written, $0.failure) }
      if isOver { return failure }
      if written == before { return ETIMEDOUT }
      before = written
      let milliseconds = Int32(clamping: patience.nanoseconds / 1_000_000)
      Self.wait(news.number, milliseconds)
    }
  }

  /// The thread.
  func work() {
    while true {
      let (bytes, isClosing) = state.withLock { state in
        defer { state.waiting = [] }
        return (state.waiting, state.isClosing)
      }
      if !bytes.isEmpty {
        write(bytes)
      } else if isClosing {
        break
      } else {
        Self.wait(wake.number, -1)
      }
    }
    state.withLock { $0.isOver = true }
    _ = lockstep_event_tell(news.number)
  }

  private func write(_ bytes: [UInt8]) {
    var offset = 0
    while offset < bytes.count {
      // In pieces, so that progress is visible.
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(
          descriptor,
          buffer.baseAddress.map { $0 + offset },
          min(bytes.count - offset, 4096)
        )
      }
      if count < 0 {
        let number = errno
        if number == EINTR { continue }
        if number == EAGAIN {
          // Another process made it non-blocking for everyone who has it open.
          var writable = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          _ = poll(&writable, 1, -1)
          continue
        }
        return state.withLock { state in
          state.failure = number
          state.waiting = []
          state.lost = 0
        }
      }
      offset += count
      let isClosing = state.withLock { state in
        state.written += count
        return state.isClosing
      }
      if isClosing { _ = lockstep_event_tell(news.number) }
    }
  }

  private static func wait(_ event: Int32, _ milliseconds: Int32) {
    var descriptor = pollfd(fd: event, events: Int16(POLLIN), revents: 0)
    // Whatever it returns, the state is checked again.
    _ = poll(&descriptor, 1, milliseconds)
    var count: UInt64 = 0
    _ = read(event, &count, MemoryLayout<UInt64>.size)
  }
}
