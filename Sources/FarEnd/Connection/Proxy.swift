import Glibc
import System
import Wire

/// Passes a connection on to another process of this machine, without looking at what passes.
enum Proxy {
  /// How it ended.
  enum End {
    /// One of the two sides ended it.
    case over
    /// The other process went away before it had answered; nothing was passed to the near end.
    case unanswered
  }

  private static let chunk = 1 << 16

  /// Passes bytes on until one side ends.
  ///
  /// - Parameters:
  ///   - first: what the near end has sent so far.
  ///   - socket: the connection to the other process.
  ///   - signals: a descriptor that can be read when a signal asks this process to end.
  /// - Returns: how it ended.
  static func run(_ first: [UInt8], _ socket: borrowing Descriptor, signals: Int32) -> End {
    // Two processes that read all the time are at its ends, so that a write does not block for long.
    let flags = fcntl(socket.number, F_GETFL)
    _ = fcntl(socket.number, F_SETFL, flags & ~O_NONBLOCK)
    guard write(first, to: socket.number) else { return .unanswered }
    var wasAnswered = false
    while true {
      var wanted = [STDIN_FILENO, socket.number, signals].map {
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
      if poll(&wanted, nfds_t(wanted.count), -1) < 0 {
        if errno == EINTR { continue }
        return .over
      }
      if wanted[2].revents != 0 { return .over }
      if wanted[1].revents != 0 {
        let bytes = read(socket.number)
        if bytes.isEmpty { return wasAnswered ? .over : .unanswered }
        wasAnswered = true
        guard write(bytes, to: STDOUT_FILENO) else { return .over }
      }
      if wanted[0].revents != 0 {
        let bytes = read(STDIN_FILENO)
        if bytes.isEmpty { return .over }
        guard write(bytes, to: socket.number) else { return wasAnswered ? .over : .unanswered }
      }
    }
  }

  /// What can be read now; nothing at the end, or if reading fails.
  private static func read(_ descriptor: Int32) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: chunk) { buffer, count in
      var result = 0
      repeat {
        result = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      } while result < 0 && errno == EINTR
      count = max(result, 0)
    }
  }

  /// Writes all of the bytes; returns whether that was possible.
  private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var count = 0
    while count < bytes.count {
      let result = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress.map { $0 + count }, bytes.count - count)
      }
      if result > 0 {
        count += result
      } else if result == 0 || errno != EINTR {
        return false
      }
    }
    return true
  }
}
