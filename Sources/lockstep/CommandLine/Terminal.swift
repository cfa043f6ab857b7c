import Glibc
import Reports

/// The exit statuses of the command.
enum ExitStatus: Int32 {
  case succeeded = 0
  /// A step failed.
  case failed = 1
  /// The plan or the command line is wrong.
  case wrong = 2
  /// Refused; nothing was started.
  case refused = 3
}

/// Standard output and error.
enum Terminal {
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
          // Nobody reads on: a run must not fail for want of an audience.
          return
        }
        offset += written
      }
    }
  }

  /// Says something on standard error.
  static func complain(_ text: String) { write(Array(text.utf8), to: STDERR_FILENO) }

  /// Whether to use colours on a descriptor: `--color`, else NO_COLOR (no-color.org), else whether
  /// it is a terminal that can.
  static func usesColor(_ descriptor: Int32, _ arguments: ParsedArguments) throws(UsageError)
    -> Bool
  {
    switch try arguments.word("--color", among: ["auto", "always", "never"]) {
    case "always": return true
    case "never": return false
    default: break
    }
    if let noColor = environment("NO_COLOR"), !noColor.isEmpty { return false }
    if environment("TERM") == "dumb" { return false }
    return isatty(descriptor) != 0
  }

  /// A variable of our own environment.
  static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// The time of day, local: `05:21:07`.
  static func clock() -> String {
    var now = time(nil)
    var parts = tm()
    localtime_r(&now, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
  }
}
