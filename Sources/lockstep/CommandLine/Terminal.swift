import Glibc
import Words

/// Standard output and error.
enum Terminal {
  /// The error number of the first failed write to standard output; 0 for none.
  ///
  /// There is only one thread and one standard output.
  nonisolated(unsafe) private(set) static var outputFailure: Int32 = 0

  /// If 0, 1 or 2 is closed, opens something there that cannot be read or written.
  ///
  /// Otherwise a file that is opened later could get that number and the output meant for it.
  static func holdStandardDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // This is the lowest free number.
      _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }

  /// Makes sure that a run continues when its reader is gone, for example after the terminal was
  /// closed.
  static func needNobody() {
    for number in [SIGPIPE, SIGHUP] { signal(number, SIG_IGN) }
    // A file size limit (ulimit -f) for the journal is an error like a full disk.
    signal(SIGXFSZ, SIG_IGN)
    // Ctrl-\ ends the process at once. The Swift runtime might treat it as a crash, print a report
    // and let the run continue.
    var before = sigaction()
    if sigaction(SIGQUIT, nil, &before) == 0, before.sa_flags & SA_SIGINFO != 0 {
      signal(SIGQUIT, SIG_DFL)
    }
  }

  /// Prints the requested output.
  static func answer(_ text: String) { write(Array(text.utf8), to: STDOUT_FILENO) }

  /// Prints an answer that is made piece by piece.
  static func answer(_ write: (inout TextOutput) -> Void) {
    var output = TextOutput { self.write($0, to: STDOUT_FILENO) }
    write(&output)
    output.flush()
  }

  /// Prints a JSON document.
  static func answerJSON(_ write: (inout JSONWriter) -> Void) {
    var writer = JSONWriter { self.write($0, to: STDOUT_FILENO) }
    write(&writer)
    writer.finish()
  }

  /// Prints an answer in one of its two forms.
  static func answer(
    asJSON isJSON: Bool,
    json: (inout JSONWriter) -> Void,
    text: (inout TextOutput) -> Void
  ) {
    if isJSON { answerJSON(json) } else { answer(text) }
  }

  /// Writes all bytes, as far as the reader accepts them.
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
          // A run must not fail because its output cannot be written. Other commands report that at
          // the end.
          if descriptor == STDOUT_FILENO { noteOutputFailure(errno) }
          return
        }
        offset += written
      }
    }
  }

  /// Remembers the first error of standard output.
  static func noteOutputFailure(_ number: Int32) {
    if outputFailure == 0 { outputFailure = number }
  }

  /// Reports that standard output could not be written, unless the reader closed it.
  ///
  /// - Returns: whether it reported an error.
  static func complainOfOutput() -> Bool {
    if outputFailure == 0 { return false }
    if outputFailure != EPIPE, outputFailure != ETIMEDOUT {
      let words = String(cString: strerror(outputFailure))
      complain("lockstep: cannot write to standard output: \(words)\n")
    }
    return true
  }

  /// Prints something on standard error.
  static func complain(_ text: String) { write(Array(text.utf8), to: STDERR_FILENO) }

  /// A variable of this process's environment.
  static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
