import Glibc

/// A program to measure: its path and its arguments.
struct Program {
  /// What one run of it took.
  struct Cost {
    /// From just before it was started until it was gone, in seconds.
    var wall: Double
    /// Processor time of the program itself, without its children, in seconds; counted by the
    /// kernel in hundredths.
    var ownTime: Double
    /// The most memory that it held at once, in bytes.
    ///
    /// The largest of the processes that it starts and waits for counts too. A process begins with
    /// the peak of the process that started it, so a figure not above ``Program/floor`` is not its
    /// own.
    var peak: Int
  }

  var path: String
  var arguments: [String]
  /// Whether an exit status of 1 counts as success.
  private var isFailureFine = false

  /// The same program, with an exit status of 1 as a success.
  var mayFail: Program {
    var copy = self
    copy.isFailureFine = true
    return copy
  }

  /// What a program prints; nil if it fails.
  static func output(_ path: String, _ arguments: [String]) -> String? {
    var template = Array("/tmp/lockstep-bench-output.XXXXXX".utf8CString)
    let descriptor = template.withUnsafeMutableBufferPointer { name in
      name.baseAddress.map { mkstemp($0) } ?? -1
    }
    if descriptor < 0 { return nil }
    close(descriptor)
    let bytes = template.dropLast().map { UInt8(bitPattern: $0) }
    let file = String(decoding: bytes, as: UTF8.self)
    defer { unlink(file) }
    guard (try? Program(path, arguments).run(output: file)) != nil else { return nil }
    return contents(of: file)
  }

  /// Makes a program with its arguments, without its own name.
  init(_ path: String, _ arguments: [String]) {
    self.path = path
    self.arguments = arguments
  }

  /// The program that a shell would start for this word; nil if there is none.
  static func find(_ word: String) -> String? {
    let search = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    return search.split(separator: ":").lazy.map { "\($0)/\(word)" }.first { access($0, X_OK) == 0 }
  }

  /// The most memory that this program itself has held at once, in bytes.
  static var floor: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }

  /// The same program; the kernel ends it after so many seconds of processor time.
  func limited(toSeconds limit: Int) -> Program {
    Program("/bin/sh", ["-c", "ulimit -t \(limit); exec \"$0\" \"$@\"", path] + arguments)
  }

  /// Runs it once and waits for it; what it prints goes to `output`.
  ///
  /// - Throws: if it cannot be started or does not exit with 0; with the last line that it printed.
  func run(output: String = "/dev/null") throws(Failure) -> Cost {
    let began = now()
    let pid = try start(output: output)
    // The zombie stays, so that /proc can say what it used. The usage from `wait4` also counts
    // everything that the child itself waited for.
    var info = siginfo_t()
    while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
    let wall = now() - began
    let ownTime = Self.ownTime(of: pid)
    var status: Int32 = 0
    var usage = rusage()
    while wait4(pid, &status, 0, &usage) < 0 && errno == EINTR {}
    guard status == 0 || (isFailureFine && status == 1 << 8) else {
      let last = contents(of: output)?.split(separator: "\n").last.map { ": \($0)" } ?? ""
      let end = status & 0x7f == 0 ? "exit status \(status >> 8)" : "signal \(status & 0x7f)"
      throw Failure(
        "\(path) \(arguments.joined(separator: " ")): \(end)\(last)",
        isOutOfTime: status & 0x7f == SIGXCPU || status & 0x7f == SIGKILL
      )
    }
    return Cost(wall: wall, ownTime: ownTime, peak: usage.ru_maxrss * 1024)
  }

  private func start(output: String) throws(Failure) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    let search = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    var pid: pid_t = 0
    // This program ignores SIGINT from the keyboard, see `Main`; a child does not.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var interrupts = sigset_t()
    sigemptyset(&interrupts)
    sigaddset(&interrupts, SIGINT)
    posix_spawnattr_setsigdefault(&attributes, &interrupts)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    let failure = withCStrings([path] + arguments) { arguments in
      withCStrings(["PATH=\(search)", "LC_ALL=C"]) { environment in
        posix_spawn(&pid, path, &actions, &attributes, arguments, environment)
      }
    }
    if failure != 0 { throw Failure("cannot start \(path): \(errorText(failure))") }
    return pid
  }

  /// Fields 14 and 15 of /proc/PID/stat: user and system time of the process, all its threads
  /// together and without its children.
  private static func ownTime(of pid: pid_t) -> Double {
    guard let stat = contents(of: "/proc/\(pid)/stat"),
      let name = stat.lastIndex(of: ")")
    else { return .nan }
    // The name is field 2, the only field that can contain a blank.
    let fields = stat[name...].split(separator: " ")
    guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else {
      return .nan
    }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }
}

/// Seconds on a clock that only goes forward.
func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Passes the strings to `body` in C's form: pointers, with a null pointer after the last.
func withCStrings<Result>(
  _ strings: [String],
  _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  var pointers = strings.map { strdup($0) }
  pointers.append(nil)
  defer { for pointer in pointers { free(pointer) } }
  return pointers.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { preconditionFailure("it holds a null pointer") }
    return body(base)
  }
}
