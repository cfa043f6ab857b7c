/// How long a command takes that has nothing to do.
struct Startup {
  static func run(_ options: Options) throws(Failure) {
    let runs = options.runs ?? 50
    var contest = Contest()
    contest.add("ninja --version", installed: "ninja", ["--version"])
    contest.add("lockstep --version", Program(options.lockstep, ["--version"]))
    try contest.run(runs)

    print("startup: \(runs) runs of each, in turn")
    print(contest.table().text)
  }
}
