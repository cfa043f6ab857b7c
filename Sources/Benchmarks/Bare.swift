/// Many commands that do nothing, without logs in make's case: what a step costs that is no more than
/// a process.
///
/// Lockstep has no step without logs: what it is asked for is as near as the language comes, a `run` of
/// the bare command each. So it opens two files a step that make does not, and keeps a journal.
struct Bare {
  static func run(_ options: Options) throws(Failure) {
    let count = options.steps ?? 10_000
    let runs = options.runs ?? 5
    let parallel = String(options.parallel)
    let scratch = try Scratch(in: options.scratch)
    let root = scratch.path + "/vcap"
    for folder in ["", "/jobs", "/sys", "/sys/log"] { try makeFolder(root + folder) }
    try writePlan(scratch.path + "/bare.plan", count, options.script)
    try writeMakefile(scratch.path + "/Makefile", count, options.script)

    var contest = Contest()
    contest.output = scratch.path + "/output"
    contest.add(
      "make -j\(parallel)",
      installed: "make",
      ["-j", parallel, "-C", scratch.path, "-r", "-s"]
    )
    contest.add(
      "lockstep run",
      Program(
        options.lockstep,
        ["run", scratch.path + "/bare.plan", "--vm", root, "--parallel", parallel]
      )
    )
    try contest.run(runs)

    print("bare: \(grouped(count)) commands (\(options.script)), \(parallel) at a time,")
    print("\(runs) runs of each, in turn; CPU is that of the coordinator alone")
    print(contest.table(of: (count, "command")).text)
  }

  private static func writePlan(
    _ path: String,
    _ count: Int,
    _ command: String
  ) throws(Failure) {
    var file = try TextFile(path)
    try file.write("plan bare {\n  default { timeout 1m }\n  phase all per instance {\n")
    try file.write("    parallel {\n")
    for index in 0..<count {
      try file.write("      run [\"\(command)\"] as s\(index) { idempotent }\n")
    }
    try file.write("    }\n  }\n}\n")
    try file.finish()
  }

  private static func writeMakefile(
    _ path: String,
    _ count: Int,
    _ command: String
  ) throws(Failure) {
    var file = try TextFile(path)
    try file.write("all:")
    for index in 0..<count { try file.write(" s\(index)") }
    // Without anything that a shell is for, make executes the command itself.
    try file.write("\ns%:\n\t\(command)\n")
    try file.finish()
  }
}
