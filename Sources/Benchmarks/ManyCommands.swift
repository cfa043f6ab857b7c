/// A contest that starts many small commands: a folder for it, the contenders, and a table.
struct ManyCommands: ~Copyable {
  let scratch: Scratch
  /// How many commands there are.
  let count: Int
  /// How many run at a time, as an argument.
  let parallel: String
  var contest = Contest()
  private let runs: Int

  init(_ options: Options) throws(Failure) {
    scratch = try Scratch(in: options.scratch)
    count = options.steps ?? 10_000
    runs = options.runs ?? 5
    parallel = String(options.parallel)
    contest.output = scratch.path + "/output"
  }

  /// The VM root.
  var root: String { scratch.path + "/vcap" }

  /// Adds make, with the Makefile in the scratch folder.
  mutating func addMake() {
    contest.add(
      "make -j\(parallel)",
      installed: "make",
      ["-j", parallel, "-C", scratch.path, "-r", "-s"]
    )
  }

  /// Adds a run of a plan in the scratch folder.
  mutating func addLockstep(_ options: Options, plan: String) {
    contest.add(
      "lockstep run",
      Program(
        options.lockstep,
        ["run", "\(scratch.path)/\(plan)", "--vm", root, "--parallel", parallel]
      )
    )
  }

  /// Runs the contest and prints its table; `thing` is what there are many of.
  mutating func run(_ name: String, of thing: String, _ options: Options) throws(Failure) {
    try contest.run(runs)
    print("\(name): \(grouped(count)) \(thing)s (\(options.script)), \(parallel) at a time,")
    print("\(runs) runs of each, in turn; CPU is that of the coordinator alone")
    print(contest.table(of: (count, thing)).text)
  }
}
