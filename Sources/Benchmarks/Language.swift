import Glibc

/// Formats and checks plans of growing size: steps and bytes per second, side by side with the time
/// that other tools take to read and plan the same graph.
struct Language {
  /// Seconds of processor time for each of the other programs.
  private static let limit = 20

  static func run(_ options: Options) throws(Failure) {
    let most = options.steps ?? 1_000_000
    let runs = options.runs ?? 3
    print("language: \(runs) runs of each, in turn; the least time, and the rate")
    for shape in Compile.Shape.allCases {
      print("\(shape.title):")
      var steps = 1000
      while steps <= most {
        try measure(shape, steps, runs, options)
        steps *= 10
      }
    }
  }

  private static func measure(
    _ shape: Compile.Shape,
    _ steps: Int,
    _ runs: Int,
    _ options: Options
  ) throws(Failure) {
    let scratch = try Scratch(in: options.scratch)
    let plan = scratch.path + "/plan.plan"
    switch shape {
    case .expanded: try Compile.writeExpanded(plan, steps)
    case .written: try Compile.writeWritten(plan, steps)
    }
    let group = shape.group(of: steps)
    try Compile.writeNinja(scratch.path + "/build.ninja", steps, group: group)
    try Compile.writeMakefile(scratch.path + "/Makefile", steps, group: group)
    // `fmt --check` accepts what `fmt` has written.
    _ = try Program(options.lockstep, ["fmt", plan]).run(output: "/dev/null")
    let size = fileSize(plan)

    var contest = Contest()
    // `fmt` reads and lays out; `check` reads and compiles, as a dry-run does before it prints.
    contest.add("lockstep fmt", Program(options.lockstep, ["fmt", "--check", plan]))
    contest.add("lockstep check", Program(options.lockstep, ["check", plan]))
    contest.add("ninja -n", installed: "ninja", ["-n", "-C", scratch.path], limit: limit)
    contest.add("make -n", installed: "make", ["-n", "-r", "-C", scratch.path], limit: limit)
    try contest.run(runs, warmUp: false)

    var table = Table(["\(grouped(steps)) steps", "time", "steps/s", "text/s", "check is"])
    let check = contest.entries.first { $0.name == "lockstep check" }?.least { $0.wall } ?? .nan
    for entry in contest.entries {
      let wall = entry.least { $0.wall }
      let isOurs = entry.name.hasPrefix("lockstep")
      table.add([
        entry.name,
        entry.isOutOfTime ? "> \(limit) s" : fixed(wall, 3, " s"),
        wall.isFinite ? grouped(Int(Double(steps) / wall)) : "-",
        isOurs ? megabytes(Double(size) / wall) : "-",
        isOurs ? "-" : fixed(wall / check, 1, " x faster"),
      ])
    }
    print(table.text)
  }

  private static func fileSize(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }
}
