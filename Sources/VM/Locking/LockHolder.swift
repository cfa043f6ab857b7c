import CLinux
import Clock
import Glibc
package import System
import Words

/// The process that holds a lock, as far as it is visible.
package struct LockHolder: Hashable {
  var process: pid_t
  /// Its arguments, separated by blanks; empty if they are not visible.
  var command: String
  /// When it started, in seconds since 1970; nil if that cannot be seen.
  var start: Int?

  /// Whether it is the far end of a run that is coordinated from another machine.
  var isFarEnd = false

  /// The longest command that is shown, in characters.
  private static let longest = 60

  /// Finds who holds a lock of flock(2) on a file.
  ///
  /// - Returns: nil if that process is over and its children have the lock, or if the kernel does
  ///   not say: for a process in another pid namespace, or on a file system such as btrfs, where it
  ///   names another device than stat(2).
  package static func find(of file: FileIdentity) -> LockHolder? {
    guard let bytes = try? procFile("locks", limit: 1 << 22),
      let process = process(holding: file, in: String(decoding: bytes, as: UTF8.self)),
      let status = ProcessStat(process), !status.isDead
    else { return nil }
    let arguments = (try? procFile("\(process)/cmdline", limit: 4096)) ?? []
    let command = arguments.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    return LockHolder(
      process: process,
      command: withoutValues(command).joined(separator: " "),
      start: startOfProcess(ticks: status.startTime),
      isFarEnd: command.count > 1 && command[1] == "serve"
        && command[0].split(separator: "/").last?.hasPrefix("lockstep") == true
    )
  }

  /// Reads /proc/locks (proc(5)), with lines such as `1: FLOCK  ADVISORY  WRITE 708 08:01:131 0
  /// EOF`.
  ///
  /// - Parameters:
  ///   - file: what is locked.
  ///   - text: of the file.
  /// - Returns: the process; nil if there is no such line, or one that only waits (`1: -> FLOCK`).
  static func process(holding file: FileIdentity, in text: String) -> pid_t? {
    let major = lockstep_major(file.device)
    let minor = lockstep_minor(file.device)
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count >= 6, fields[1] == "FLOCK" else { continue }
      let place = fields[5].split(separator: ":")
      guard place.count == 3, UInt32(place[0], radix: 16) == major,
        UInt32(place[1], radix: 16) == minor, UInt64(place[2]) == UInt64(file.number),
        let process = pid_t(fields[4]), process > 0
      else { continue }
      return process
    }
    return nil
  }

  /// The arguments without what `--set` gives to params: one of them may be a secret.
  static func withoutValues(_ arguments: [String]) -> [String] {
    var isSetting = false
    return arguments.map { argument in
      let head = isSetting ? "" : "--set="
      isSetting = argument == "--set"
      guard argument.hasPrefix(head),
        let equals = argument.dropFirst(head.count).firstIndex(of: "=")
      else { return argument }
      return argument[...equals] + "…"
    }
  }

  /// Files of /proc say that they are empty, and have to be read to their end.
  private static func procFile(_ name: String, limit: Int) throws(SystemError) -> [UInt8] {
    try firstBytes(of: "/proc/\(name)", limit: limit)
  }

  /// When a process started, in seconds since 1970; nil if that is unknown.
  package static func startOfProcess(ticks: UInt64) -> Int? {
    let perSecond = sysconf(Int32(_SC_CLK_TCK))
    guard perSecond > 0 else { return nil }
    // From the difference of the clocks, and not from each alone, so that the result is always the
    // same.
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let nanoseconds = Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    let boot = nanoseconds - Instant.now.nanoseconds
    return Int((boot / 1_000_000 + Int64(ticks) * 1000 / Int64(perSecond)) / 1000)
  }

  /// For people: `process 708 ('lockstep run p.plan', since 2026-11-21 07:55:12 UTC)`.
  var words: String {
    var facts: [String] = []
    if !command.isEmpty {
      let isLong = command.count > Self.longest
      facts.append(quoted(isLong ? command.prefix(Self.longest - 1) + "…" : command))
    }
    if isFarEnd { facts.append("for a run that is coordinated from another machine") }
    if let start { facts.append("since \(Self.words(second: start))") }
    return "process \(process)" + (facts.isEmpty ? "" : " (\(facts.joined(separator: ", ")))")
  }

  /// A moment for people, in UTC.
  package static func words(second: Int) -> String {
    var second = second
    var parts = tm()
    gmtime_r(&second, &parts)
    func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let date = [parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday].map(two)
    let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map(two)
    return "\(date.joined(separator: "-")) \(clock.joined(separator: ":")) UTC"
  }
}
