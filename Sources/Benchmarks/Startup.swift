/// How long it takes until a command that has nothing to do is over.
struct Startup {
  static func run(_ options: Options) throws(Failure) {
    let runs = options.runs ?? 50
    var contest = Contest()
    contest.add("ninja --version", installed: "ninja", ["--version"])
    contest.add("lockstep --version", Program(options.lockstep, ["--version"]))
    try contest.run(runs)

    print("startup: \(runs) runs of each, in turn")
    var table = Table(["", "least", "ratio", "median", "ratio"])
    let base = contest.entries[0]
    for entry in contest.entries {
      table.add([
        entry.name,
        seconds(entry.least { $0.wall }),
        fixed(entry.least { $0.wall } / base.least { $0.wall }, 2),
        seconds(entry.median { $0.wall }),
        fixed(entry.median { $0.wall } / base.median { $0.wall }, 2),
      ])
    }
    print(table.text)
  }
}
