import Testing

/// The command, with one of its calls made to fail.
struct FaultyCalls {
  private let call: String
  private let error: String
  private let isEverybody: Bool
  private let path: String?

  /// Says which call fails.
  ///
  /// - Parameters:
  ///   - call: the name of the call.
  ///   - error: the name of its error.
  ///   - isEverybody: whether calls of the processes it starts fail as well.
  ///   - path: the path that the call must be about; nil for any.
  init(_ call: String, _ error: String, isEverybody: Bool = false, path: String? = nil) {
    (self.call, self.error, self.isEverybody, self.path) = (call, error, isEverybody, path)
  }

  /// Whether an strace that can do this is installed.
  static let work = Tool.strace.works(
    "-qq",
    "-f",
    "-b",
    "execve",
    "-e",
    "inject=fsync:error=EIO:when=1",
    "/bin/true"
  )

  /// Starts the command.
  ///
  /// Of `write`, only those to existing journals count. The many writes to an eventfd cannot fail.
  ///
  /// - Parameters:
  ///   - arguments: its arguments.
  ///   - sandbox: where to run it.
  ///   - times: which calls fail, counted from 1 in each thread; nil for none.
  /// - Returns: strace, which ends as the command does.
  /// - Throws: an error if it cannot be started.
  func start(
    _ arguments: [String],
    in sandbox: Sandbox,
    times: String?
  ) throws -> RunningCommand {
    var own = ["-qq", "-f", "-o", sandbox["calls"], "-e", "trace=\(call)"]
    if !isEverybody { own += ["-b", "execve"] }
    if let path { own += ["-P", path] }
    if call == "write" {
      let runs = sandbox["vm/data/lockstep/runs"]
      let journals = FileTree.names(runs).map { "\(runs)/\($0)/journal" }
      for path in ["/dev/null"] + journals { own += ["-P", path] }
    }
    if let times { own += ["-e", "inject=\(call):error=\(error):when=\(times)"] }
    return try RunningCommand(
      Tool.strace.path,
      own + [Lockstep.path] + arguments,
      environment: Lockstep.tracedEnvironment,
      folder: sandbox.path
    )
  }

  /// How often the call is made by the thread that makes it most often.
  func count(of world: RecordingVM) throws -> Int {
    let arguments = world.isUntouched ? RecordingVM.run : RecordingVM.resume
    try start(arguments, in: world.sandbox, times: nil).finish().expect(0)
    var counts: [Substring: Int] = [:]
    for line in world.sandbox.lines("calls") where line.contains("\(call)(") {
      guard let thread = line.split(separator: " ").first else { continue }
      counts[thread, default: 0] += 1
    }
    return counts.values.max() ?? 0
  }
}
