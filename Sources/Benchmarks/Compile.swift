import Glibc

/// Checks and shows large plans without starting anything: time and memory per step, and whether
/// they stay the same when the plan is ten times as large.
struct Compile {
  /// The ways to write a plan of many steps.
  enum Shape: CaseIterable {
    /// A few lines for all steps: two phases with a barrier across the deployment between them, for
    /// ten deployment jobs with ten release jobs and many instances each.
    case expanded
    /// A statement for each step, in phases of a hundred, one after the other.
    case written

    var title: String {
      switch self {
      case .expanded: "a short plan, many instances"
      case .written: "a plan written out in full"
      }
    }

    /// How many steps are in a group; the next group waits for all of them.
    func group(of steps: Int) -> Int { self == .expanded ? (steps + 1) / 2 : 100 }
  }

  /// Seconds of processor time for each of the other programs.
  ///
  /// Their work for a join grows faster than the number of steps that it joins.
  private static let limit = 60

  static func run(_ options: Options) throws(Failure) {
    let small = options.steps ?? 100_000
    let runs = options.runs ?? 3
    print("compile: \(runs) runs of each, in turn; the least time, for all steps and for one;")
    print("a growth of 10 is linear; peak is for the larger plan")
    for shape in Shape.allCases {
      // Two hundred steps are the fewest that both shapes can have.
      let few = try measure(shape, max(200, small / 200 * 200), runs, options)
      let many = try measure(shape, few.steps * 10, runs, options)
      print("\(shape.title):")
      let heads = [grouped(few.steps), "per step", grouped(many.steps), "per step"]
      var table = Table([""] + heads + ["growth", "peak", "per step"])
      for (a, b) in zip(few.contest.entries, many.contest.entries) {
        let (short, long) = (a.least { $0.wall }, b.least { $0.wall })
        let (less, more) = (peak(of: a), peak(of: b))
        table.add([
          a.name,
          time(short, of: a),
          microseconds(short / Double(few.steps)),
          time(long, of: b),
          microseconds(long / Double(many.steps)),
          fixed(long / short, 1),
          megabytes(more),
          // What one more step takes, without the program itself.
          bytes((more - less) / Double(many.steps - few.steps)),
        ])
      }
      print(table.text)
    }
  }

  /// The least peak of an entry's runs in bytes; not a number if it is unknown.
  private static func peak(of entry: Contest.Entry) -> Double {
    let peak = entry.least { Double($0.peak) }
    return peak > Double(Program.floor) ? peak : .nan
  }

  private static func time(_ value: Double, of entry: Contest.Entry) -> String {
    entry.isOutOfTime ? "> \(limit) s" : seconds(value)
  }

  private static func measure(
    _ shape: Shape,
    _ steps: Int,
    _ runs: Int,
    _ options: Options
  ) throws(Failure) -> (steps: Int, contest: Contest) {
    let scratch = try Scratch(in: options.scratch)
    let plan = scratch.path + "/compile.plan"
    let root = scratch.path + "/vcap"
    try makeRoot(root)
    switch shape {
    case .expanded: try writeExpanded(plan, steps)
    case .written: try writeWritten(plan, steps)
    }
    try writeNinja(scratch.path + "/build.ninja", steps, group: shape.group(of: steps))
    try writeMakefile(scratch.path + "/Makefile", steps, group: shape.group(of: steps))

    var contest = Contest()
    contest.add("lockstep check", Program(options.lockstep, ["check", plan]))
    let dryRun = ["dry-run", plan, "--vm", root]
    contest.add("lockstep dry-run", Program(options.lockstep, dryRun))
    contest.add("  with --all", Program(options.lockstep, dryRun + ["--all"]))
    contest.add("  as JSON", Program(options.lockstep, dryRun + ["--format", "json"]))
    contest.add("  as DOT", Program(options.lockstep, dryRun + ["--format", "dot"]))
    contest.add("ninja -n", installed: "ninja", ["-n", "-C", scratch.path], limit: limit)
    contest.add("make -n", installed: "make", ["-n", "-r", "-C", scratch.path], limit: limit)
    try contest.run(runs, warmUp: false)
    return (steps, contest)
  }

  private static let releaseJobs = (0..<10).map { "release-\($0)" }

  /// A VM root in which every step of the plans has something to run.
  private static func makeRoot(_ root: String) throws(Failure) {
    try makeFolder(root)
    try makeFolder(root + "/jobs")
    for name in releaseJobs {
      try makeFolder("\(root)/jobs/\(name)")
      try makeFolder("\(root)/jobs/\(name)/bin")
      for script in ["pre-start", "post-start"] {
        let path = "\(root)/jobs/\(name)/bin/\(script)"
        var file = try TextFile(path)
        try file.write("#!/bin/sh\n")
        try file.finish()
        if chmod(path, 0o755) != 0 { throw Failure("cannot change \(path): \(errorText())") }
      }
    }
  }

  static func writeExpanded(_ path: String, _ steps: Int) throws(Failure) {
    var file = try TextFile(path)
    try file.write("plan expanded {\n  default { timeout 1m }\n")
    let names = releaseJobs.joined(separator: ", ")
    for job in 0..<10 {
      try file.write("  deployment-job job-\(job) {\n")
      try file.write("    release-jobs \(names) instances \(steps / 200)\n  }\n")
    }
    try file.write("  phase pre-start { script pre-start }\n")
    try file.write("  barrier across deployment\n")
    try file.write("  phase post-start { script post-start }\n}\n")
    try file.finish()
  }

  static func writeWritten(_ path: String, _ steps: Int) throws(Failure) {
    var file = try TextFile(path)
    try file.write("plan written {\n")
    for group in 0..<(steps / 100) {
      try file.write("  phase phase-\(group) per deployment {\n    parallel {\n")
      for step in (group * 100)..<(group * 100 + 100) {
        try file.write("      run [\"/bin/echo\", \"\(step)\"] { timeout 1m }\n")
      }
      try file.write("    }\n  }\n")
    }
    try file.write("}\n")
    try file.finish()
  }

  /// Writes the same graph: each group waits for one node, which waits for the whole group before.
  static func writeNinja(_ path: String, _ steps: Int, group: Int) throws(Failure) {
    var file = try TextFile(path)
    try file.write("rule step\n  command = /bin/echo $out\n")
    for first in stride(from: 0, to: steps, by: group) {
      let end = min(first + group, steps)
      let before = first == 0 ? "" : " || join-\(first)"
      for step in first..<end { try file.write("build step-\(step): step\(before)\n") }
      try file.write("build join-\(end): phony")
      for step in first..<end { try file.write(" step-\(step)") }
      try file.write("\n")
    }
    try file.write("default join-\(steps)\n")
    try file.finish()
  }

  static func writeMakefile(_ path: String, _ steps: Int, group: Int) throws(Failure) {
    var file = try TextFile(path)
    try file.write("all: join-\(steps)\n")
    for first in stride(from: 0, to: steps, by: group) {
      let end = min(first + group, steps)
      let before = first == 0 ? "" : " join-\(first)"
      for step in first..<end { try file.write("step-\(step):\(before)\n\t/bin/echo \(step)\n") }
      try file.write("join-\(end):")
      for step in first..<end { try file.write(" step-\(step)") }
      try file.write("\n")
    }
    try file.finish()
  }
}
