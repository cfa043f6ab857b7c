import Glibc
import Testing

/// The built command.
enum Lockstep {
  /// It is next to the test bundle, which is the running executable.
  ///
  /// `LOCKSTEP_BINARY` names another.
  static let path: String = {
    if let given = variable("LOCKSTEP_BINARY") { return given }
    let tests = FileTree.target(ofLink: "/proc/self/exe") ?? ""
    let folder = tests.lastIndex(of: "/").map { tests[..<$0] } ?? ""
    return "\(folder)/lockstep"
  }()

  /// The command's whole environment, unless a test says otherwise.
  ///
  /// Options for sanitizers apply to it as well.
  static let environment: [String: String] = {
    var environment = ["PATH": "/usr/bin:/bin"]
    for name in ["ASAN_OPTIONS", "TSAN_OPTIONS"] { environment[name] = variable(name) }
    return environment
  }()
  /// The same if it is traced.
  ///
  /// An address sanitizer then cannot search for leaks, because it would have to trace too.
  static let tracedEnvironment = environment.merging(["ASAN_OPTIONS": "detect_leaks=0"]) { $1 }
}

extension Sandbox {
  /// Runs the command in this folder, waits for its end and checks its output.
  @discardableResult
  func lockstep(
    _ arguments: String...,
    environment: [String: String] = [:],
    input: Input = .nothing,
    stdout: Output = .pipe,
    stderr: Output = .pipe,
    location: SourceLocation = #_sourceLocation
  ) throws -> FinishedCommand {
    let running = try start(
      arguments,
      environment: environment,
      input: input,
      stdout: stdout,
      stderr: stderr
    )
    let finished = try running.finish(location)
    let isColored = arguments.contains("--color=always")
    finished.checkManners(mayBeColored: isColored, location)
    return finished
  }

  /// Runs the command in the same way, with a list of arguments.
  @discardableResult
  func lockstep(
    all arguments: [String],
    location: SourceLocation = #_sourceLocation
  ) throws -> FinishedCommand {
    let finished = try start(arguments).finish(location)
    finished.checkManners(mayBeColored: false, location)
    return finished
  }

  /// Starts the command in this folder.
  func start(
    _ arguments: [String],
    environment: [String: String] = [:],
    input: Input = .nothing,
    stdout: Output = .pipe,
    stderr: Output = .pipe
  ) throws -> RunningCommand {
    try RunningCommand(
      Lockstep.path,
      arguments,
      environment: Lockstep.environment.merging(environment) { _, own in own },
      folder: path,
      input: input,
      stdout: stdout,
      stderr: stderr
    )
  }
}
