import Glibc

/// Measures the lockstep command side by side with programs that do the same work.
@main
struct Main {
  static func main() {
    do throws(Failure) {
      try run(Array(CommandLine.arguments.dropFirst()))
    } catch {
      let line = "lockstep-bench: \(error.text)\n"
      _ = line.withCString { write(2, $0, strlen($0)) }
      exit(1)
    }
  }

  private static func run(_ arguments: [String]) throws(Failure) {
    if arguments.first == Spawn.bareLoopArgument {
      return try Spawn.bareLoop(Array(arguments.dropFirst()))
    }
    let options = try Options(arguments, ownPath: ownPath())
    if options.wantsHelp { return print(Options.usage, terminator: "") }
    guard access(options.lockstep, X_OK) == 0 else {
      throw Failure("no \(options.lockstep): build it with 'swift build -c release'")
    }
    // An interrupt ends the program that is being measured. That is a failure like any other, so
    // the files made for it are removed.
    signal(SIGINT, SIG_IGN)
    printMachine(options)
    for benchmark in options.benchmarks {
      switch benchmark {
      case .spawn: try Spawn.run(options)
      case .bare: try Bare.run(options)
      case .night: try Night.run(options)
      case .compile: try Compile.run(options)
      case .language: try Language.run(options)
      case .rehearse: try Rehearse.run(options)
      case .startup: try Startup.run(options)
      }
      fflush(nil)
    }
  }

  /// Prints what the figures depend on.
  private static func printMachine(_ options: Options) {
    let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    let load = contents(of: "/proc/loadavg")?.split(separator: " ").prefix(3) ?? []
    print("\(cores) cores, load \(load.joined(separator: " ")) over 1, 5 and 15 minutes")
    print("measuring \(options.lockstep)\n")
  }

  private static func ownPath() -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let bytes = buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
