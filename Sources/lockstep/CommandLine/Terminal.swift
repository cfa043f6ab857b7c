import Glibc
import Words

/// Standard output and error.
enum Terminal {
  /// Why standard output could not be written, the first time; the error number, 0 for none.
  ///
  /// There is one thread only, and one standard output.
  nonisolated(unsafe) private(set) static var outputFailure: Int32 = 0

  /// Gives 0, 1 and 2 something that cannot be read or written where they are not open, so that no
  /// file that is opened later gets one of these numbers and the words meant for it.
  static func holdStandardDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest number that is free is this one.
      _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }

  /// Sees to it that a run goes on when nobody listens any more, were it because a terminal was
  /// closed.
  static func needNobody() {
    for number in [SIGPIPE, SIGHUP] { signal(number, SIG_IGN) }
    // A journal that may not grow any more (ulimit -f) is an error like a full disk.
    signal(SIGXFSZ, SIG_IGN)
    // Ctrl-\ ends the process at once. The Swift runtime may have taken it for a crash of ours, of which it
    // prints a page and then lets the run go on.
    var before = sigaction()
    if sigaction(SIGQUIT, nil, &before) == 0, before.sa_flags & SA_SIGINFO != 0 {
      signal(SIGQUIT, SIG_DFL)
    }
  }

  /// Standard output, for texts that are made piece by piece.
  static func output() -> TextOutput { TextOutput { write($0, to: STDOUT_FILENO) } }

  /// Standard output, for a JSON document.
  static func json() -> JSONWriter { JSONWriter { write($0, to: STDOUT_FILENO) } }

  /// Prints an answer that somebody asked for.
  static func answer(_ text: String) { write(Array(text.utf8), to: STDOUT_FILENO) }

  /// Writes all of the bytes, as far as the other side takes them.
  static func write(_ bytes: [UInt8], to descriptor: Int32) {
    bytes.withUnsafeBytes { buffer in
      var offset = 0
      while offset < buffer.count {
        let written = Glibc.write(
          descriptor,
          buffer.baseAddress.map { $0 + offset },
          buffer.count - offset
        )
        if written < 0 {
          if errno == EINTR { continue }
          // A run must not fail for want of an audience; who asked for a text is told at the end.
          if descriptor == STDOUT_FILENO { noteOutputFailure(errno) }
          return
        }
        offset += written
      }
    }
  }

  /// Remembers why standard output could not be written, the first time.
  static func noteOutputFailure(_ number: Int32) {
    if outputFailure == 0 { outputFailure = number }
  }

  /// Says that standard output could not be written, where that was so and is not the reader's wish.
  ///
  /// - Returns: whether it was so.
  static func complainOfOutput() -> Bool {
    if outputFailure == 0 { return false }
    if outputFailure != EPIPE, outputFailure != ETIMEDOUT {
      let words = String(cString: strerror(outputFailure))
      complain("lockstep: cannot write to standard output: \(words)\n")
    }
    return true
  }

  /// Says something on standard error.
  static func complain(_ text: String) { write(Array(text.utf8), to: STDERR_FILENO) }

  /// A variable of our own environment.
  static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
