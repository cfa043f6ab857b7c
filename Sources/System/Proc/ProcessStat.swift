import CLinux
import Glibc

/// What /proc/PID/stat says of a process (proc(5)).
package struct ProcessStat: Hashable, Sendable {
  package var process: Int32
  /// `R`, `S`, `D`, `Z`, …, as a byte.
  var state: UInt8
  package var parent: Int32
  package var group: Int32
  package var session: Int32
  /// The device of its controlling terminal; 0 for none.
  package var terminal: UInt64
  /// Clock ticks since boot at which it started; with the pid it distinguishes a process from a
  /// later one with the same number.
  package var startTime: UInt64

  /// Whether it has ended, and at most waits to be reaped.
  package var isDead: Bool { state == UInt8(ascii: "Z") || state == UInt8(ascii: "X") }

  /// How long it has been running, including time in which the machine was suspended.
  package var age: Duration {
    var now = timespec()
    clock_gettime(CLOCK_BOOTTIME, &now)
    let perSecond = UInt64(sysconf(Int32(_SC_CLK_TCK)))
    let started =
      Duration.seconds(Int64(startTime / perSecond))
      + .milliseconds(Int64(startTime % perSecond * 1000 / perSecond))
    return .seconds(Int64(now.tv_sec)) + .nanoseconds(Int64(now.tv_nsec)) - started
  }

  /// Reads it; nil if there is no such process.
  package init?(_ process: Int32) {
    let file = lockstep_openat(AT_FDCWD, "/proc/\(process)/stat", O_RDONLY | O_CLOEXEC, 0)
    guard file >= 0 else { return nil }
    defer { close(file) }
    let parsed = withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 1) { buffer in
      let length = read(file, buffer.baseAddress, buffer.count)
      return length > 0 ? Self.parse(UnsafeRawBufferPointer(rebasing: buffer[..<length])) : nil
    }
    guard var parsed else { return nil }
    parsed.process = process
    self = parsed
  }

  private init() {
    process = 0
    state = 0
    parent = 0
    group = 0
    session = 0
    terminal = 0
    startTime = 0
  }

  /// Reads the fields after the name, which is in parentheses and may itself contain parentheses.
  private static func parse(_ bytes: UnsafeRawBufferPointer) -> ProcessStat? {
    guard let close = bytes.lastIndex(of: UInt8(ascii: ")")), close + 2 < bytes.count else {
      return nil
    }
    var result = ProcessStat()
    result.state = bytes[close + 2]
    // Fields are numbered as in proc(5); the state is 3.
    var field = 3
    var value: UInt64 = 0
    for byte in bytes[(close + 3)...] {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        value = value &* 10 &+ UInt64(byte - UInt8(ascii: "0"))
      case UInt8(ascii: " "):
        switch field {
        case 4: result.parent = Int32(truncatingIfNeeded: value)
        case 5: result.group = Int32(truncatingIfNeeded: value)
        case 6: result.session = Int32(truncatingIfNeeded: value)
        case 7: result.terminal = value
        case 22:
          result.startTime = value
          return result
        default: break
        }
        field += 1
        value = 0
      default: break
      }
    }
    return nil
  }

  /// The process that a thread belongs to; nil if there is no such thread.
  ///
  /// The first thread of a process has the number of the process. The kernel also opens
  /// `/proc/NUMBER` for the other threads, although it does not list them.
  package static func process(ofThread number: Int32) -> Int32? {
    guard let bytes = try? firstBytes(of: "/proc/\(number)/status", limit: 4096) else { return nil }
    for line in bytes.split(separator: UInt8(ascii: "\n")) where line.starts(with: "Tgid:".utf8) {
      let digits = line.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      return Int32(String(decoding: digits, as: UTF8.self))
    }
    return nil
  }

  /// All processes that are visible to this one.
  package static func all() -> [ProcessStat] {
    guard let stream = opendir("/proc") else { return [] }
    defer { closedir(stream) }
    var found: [ProcessStat] = []
    while let entry = readdir(stream) {
      let number = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: 256) { atoi($0) }
      }
      if number > 0, let process = ProcessStat(number) { found.append(process) }
    }
    return found
  }
}
