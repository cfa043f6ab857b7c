import Glibc

/// What the command line says.
struct Options {
  /// The benchmarks, in the order in which they run.
  enum Benchmark: String, CaseIterable {
    case spawn, bare, night, compile, language, rehearse, startup
  }

  static let usage = """
    usage: lockstep-bench [OPTION]... [spawn] [bare] [night] [compile] [language]
                          [rehearse] [startup]

    Measures the lockstep command side by side with other programs that do the
    same work. Without a name, it runs all benchmarks.

      spawn            start many small scripts: a bare C loop, make, ninja
      bare             start bare commands without logs: make
      night            barriers, ends, timeouts, much output, a long journal
      compile          check and dry-run large plans: ninja -n, make -n
      language         fmt and check of plans of 1000 steps and more:
                       ninja -n, make -n
      rehearse         dry-run --what-if all, and the tests of a plan
      startup          lockstep --version: ninja --version

      --lockstep PATH  the command to measure (default: next to this program)
      --runs N         runs of each program (default: 5 for spawn, bare, rehearse;
                       3 for compile, language; 50 for startup)
      --steps N        how many scripts or commands (default 10000); compile
                       measures N steps and ten times as many (default 100000);
                       language stops at N steps (default 1000000)
      --parallel N     how many scripts run at a time (default 64)
      --script PATH    the program to run as the script (default /bin/true)
      --scratch FOLDER where to make files; they are removed (default /tmp)
      --help           print this text

    """

  var benchmarks: [Benchmark] = []
  var lockstep: String
  var runs: Int?
  var steps: Int?
  var parallel = 64
  var script = "/bin/true"
  var scratch = "/tmp"
  var wantsHelp = false

  /// Reads the arguments that follow the program's name; `ownPath` is where the program is.
  init(_ arguments: [String], ownPath: String) throws(Failure) {
    let folder = ownPath.split(separator: "/").dropLast().map { "/" + $0 }.joined()
    lockstep = folder + "/lockstep"
    var rest = arguments[...]
    while let word = rest.popFirst() {
      if let benchmark = Benchmark(rawValue: word) {
        benchmarks.append(benchmark)
        continue
      }
      if word == "--help" {
        wantsHelp = true
        continue
      }
      guard let value = rest.popFirst() else { throw Failure("\(word): see lockstep-bench --help") }
      switch word {
      case "--lockstep": lockstep = value
      case "--script": script = value
      case "--scratch": scratch = value
      case "--runs": runs = try Self.number(value, for: word)
      case "--steps": steps = try Self.number(value, for: word)
      case "--parallel": parallel = try Self.number(value, for: word)
      default: throw Failure("\(word): see lockstep-bench --help")
      }
    }
    if benchmarks.isEmpty { benchmarks = Benchmark.allCases }
  }

  private static func number(_ text: String, for option: String) throws(Failure) -> Int {
    guard let number = Int(text), (1...1_000_000).contains(number) else {
      throw Failure("\(option) takes a number from 1 to 1000000, not '\(text)'")
    }
    return number
  }
}
