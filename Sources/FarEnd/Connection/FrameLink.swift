import Glibc
import System
import Wire

/// A connection to a near end: frames come in and go out, and neither ever blocks the loop.
///
/// What is sent is kept until it can be written. If the near end does not read, remarks are dropped
/// first; if too much is kept even so, the connection counts as lost.
final class FrameLink {
  /// How a connection ended.
  enum Loss: Hashable {
    /// The near end closed it.
    case closed
    /// Something is wrong with it; one line for people.
    case broken(String)
  }

  /// How it ended; nil as long as it is there.
  private(set) var loss: Loss?
  /// Everything that came so far, until `forgetHistory`.
  private(set) var history: [UInt8] = []
  /// Takes each message in turn.
  var take: (NearMessage) -> Void = { _ in }

  private let input: Descriptor
  private let output: Descriptor
  private let isSocket: Bool
  private let loop: EventLoop
  private var reader = FrameReader()
  private var readWatch: WatchToken?
  private var writeWatch: WatchToken?
  private var keepsHistory = true
  /// Whether the input cannot be watched, because reading it never waits.
  private(set) var isAlwaysReadable = false
  private var pending: [UInt8] = []
  private var written = 0

  /// More than this is not kept of remarks, in bytes.
  static let mostWithRemarks = 1 << 20
  /// More than this is not kept of anything, in bytes.
  static let most = 16 << 20
  /// How much is read at a time.
  private static let chunk = 1 << 16
  /// A pipe that can be written takes this much without blocking (pipe(7), PIPE_BUF).
  private static let safeWrite = 4096

  /// Takes over a connection, and watches it.
  ///
  /// - Parameters:
  ///   - input: where frames come from.
  ///   - output: where frames go.
  ///   - loop: calls when there is something to do.
  init(input: consuming Descriptor, output: consuming Descriptor, _ loop: EventLoop) {
    isSocket = FileStatus(of: output.number).map { $0.mode & S_IFMT == S_IFSOCK } ?? false
    self.input = input
    self.output = output
    self.loop = loop
    do {
      readWatch = try loop.watch(self.input.number, for: .reading) { [unowned self] in read() }
    } catch {
      if error.number == EPERM { isAlwaysReadable = true } else { fail("\(error)") }
    }
  }

  /// Takes over one socket.
  convenience init(socket: consuming Descriptor, _ loop: EventLoop) throws(SystemError) {
    let other = try Descriptor(fcntl(socket.number, F_DUPFD_CLOEXEC, 3), "dup")
    self.init(input: other, output: socket, loop)
  }

  /// Stops to keep what came.
  func forgetHistory() {
    keepsHistory = false
    history = []
  }

  /// Stops to watch it; nothing comes in or goes out any more.
  func close() {
    if let readWatch { loop.cancel(readWatch) }
    if let writeWatch { loop.cancel(writeWatch) }
    (readWatch, writeWatch) = (nil, nil)
    take = { _ in }
    if loss == nil { loss = .closed }
  }

  private func fail(_ words: String) { if loss == nil { loss = .broken(words) } }

  // MARK: Reading

  /// Reads what has come; once, even if there is more.
  func read() {
    if loss != nil { return }
    let bytes = [UInt8](unsafeUninitializedCapacity: Self.chunk) { buffer, count in
      repeat {
        let result = Glibc.read(input.number, buffer.baseAddress, buffer.count)
        if result >= 0 {
          count = result
          if result == 0 { end() }
          return
        }
      } while errno == EINTR
      count = 0
      if errno != EAGAIN { fail("the connection cannot be read: \(SystemError.words(errno))") }
    }
    if bytes.isEmpty { return }
    if keepsHistory { history += bytes }
    reader.add(bytes)
    takeMessages()
  }

  private func takeMessages() {
    do throws(WireFailure) {
      while loss == nil, let payload = try reader.next() {
        if let message = try NearMessage(payload: payload) { take(message) }
      }
    } catch {
      fail(error.words)
    }
  }

  private func end() {
    if reader.pending > 0 { fail("the connection ended within a frame") }
    if loss == nil { loss = .closed }
  }

  // MARK: Writing

  /// Sends a message as soon as it can be written.
  func send(_ message: FarMessage) {
    if case .remark = message, pending.count - written > Self.mostWithRemarks { return }
    if loss != nil { return }
    do throws(WireFailure) {
      try Frame.append(message.payload, to: &pending)
    } catch {
      return send(.failed("the answer would be \(error.words)"))
    }
    if pending.count - written > Self.most {
      fail("the near end does not read what it is sent")
    }
  }

  /// Sends bytes as they are.
  func send(bytes: [UInt8]) { pending += bytes }

  /// Whether everything was written.
  var isFlushed: Bool { written == pending.count }

  /// Writes what can be written now; the rest follows when the near end takes it.
  func flush() {
    while loss == nil, written < pending.count {
      let count = writeSome()
      if count < 0 { return fail("the connection cannot be written: \(SystemError.words(errno))") }
      if count == 0 { break }
      written += count
    }
    if isFlushed {
      pending.removeAll(keepingCapacity: pending.capacity <= Self.chunk)
      written = 0
      if let writeWatch { loop.cancel(writeWatch) }
      writeWatch = nil
      return
    }
    if written > Self.mostWithRemarks {
      pending.removeSubrange(..<written)
      written = 0
    }
    if writeWatch == nil, loss == nil {
      do {
        writeWatch = try loop.watch(output.number, for: .writing) { [unowned self] in flush() }
      } catch {
        fail("\(error)")
      }
    }
  }

  /// How much could be written; 0 if that has to wait, -1 if it fails.
  private func writeSome() -> Int {
    pending.withUnsafeBytes { bytes in
      let start = bytes.baseAddress.map { $0 + written }
      let length = bytes.count - written
      while true {
        let result: Int
        if isSocket {
          let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
          result = Glibc.send(output.number, start, length, flags)
        } else {
          // Whether it blocks is a property of the file that others may share, so it is not changed.
          var wanted = pollfd(fd: output.number, events: Int16(POLLOUT), revents: 0)
          if poll(&wanted, 1, 0) == 0 { return 0 }
          result = Glibc.write(output.number, start, min(length, Self.safeWrite))
        }
        if result >= 0 { return result }
        if errno == EAGAIN || errno == EWOULDBLOCK { return 0 }
        if errno != EINTR { return -1 }
      }
    }
  }
}
