import BareLoop
import Glibc

/// Many small scripts, each with both log files: what a plan costs over starting them at all.
///
/// All contenders start the same files in the same VM root and append to the same logs. The bare
/// loop does what has to be done for each and nothing else, so its time is the machine's own. It
/// is this very program, started again, so that all of them are children measured alike. It gives
/// each script a process group, as a BOSH agent does, or also a session, as Lockstep does: with
/// `sched_autogroup_enabled` the kernel shares the processors out among sessions first, so that
/// on a busy machine the two differ.
struct Spawn {
  /// The first argument that makes this program the bare loop.
  static let bareLoopArgument = "--bare-loop"

  static func run(_ options: Options) throws(Failure) {
    let count = options.steps ?? 10_000
    let runs = options.runs ?? 5
    let parallel = String(options.parallel)
    let scratch = try Scratch(in: options.scratch)
    let root = scratch.path + "/vcap"
    _ = try BenchmarkRoot(root, count, copying: options.script)
    try writePlan(scratch.path + "/spawn.plan")
    try writeMakefile(scratch.path + "/Makefile", root, count)
    try writeNinja(scratch.path + "/build.ninja", root, count)

    var contest = Contest()
    contest.output = scratch.path + "/output"
    let bareLoop = [bareLoopArgument, root, String(count), parallel]
    contest.add("bare C loop", Program("/proc/self/exe", bareLoop + ["groups"]))
    contest.add("  in sessions", Program("/proc/self/exe", bareLoop + ["sessions"]))
    contest.add(
      "lockstep run",
      Program(
        options.lockstep,
        ["run", scratch.path + "/spawn.plan", "--vm", root, "--parallel", parallel]
      )
    )
    contest.add(
      "ninja -j\(parallel)",
      installed: "ninja",
      ["-j", parallel, "-C", scratch.path, "--quiet"]
    )
    contest.add(
      "make -j\(parallel)",
      installed: "make",
      ["-j", parallel, "-C", scratch.path, "-r", "-s"]
    )
    try contest.run(runs)

    print("spawn: \(grouped(count)) scripts (\(options.script)), \(parallel) at a time,")
    print("\(runs) runs of each, in turn; CPU is that of the coordinator alone")
    print(contest.table(of: (count, "script")).text)
  }

  /// Is the bare loop: the VM root, how many scripts, how many at a time, `groups` or `sessions`.
  static func bareLoop(_ arguments: [String]) throws(Failure) {
    guard arguments.count == 4, let count = Int(arguments[1]), let parallel = Int32(arguments[2])
    else { throw Failure("\(bareLoopArgument) takes a root, a count, a parallelism, a kind") }
    let failure = withCStrings((0..<count).map(BenchmarkRoot.name)) { names in
      names.withMemoryRebound(to: UnsafePointer<CChar>?.self, capacity: count) { names in
        bare_loop(arguments[0], names, Int32(count), parallel, arguments[3] == "sessions" ? 1 : 0)
      }
    }
    if failure != 0 { throw Failure("the bare loop failed: \(errorText(failure))") }
  }

  private static func writePlan(_ path: String) throws(Failure) {
    var file = try TextFile(path)
    try file.write("plan spawn { phase pre-start { script pre-start } }\n")
    try file.finish()
  }

  private static func writeNinja(_ path: String, _ root: String, _ count: Int) throws(Failure) {
    var file = try TextFile(path)
    try file.write("rule script\n  command = \(command(root, "$out"))\n")
    for index in 0..<count { try file.write("build \(BenchmarkRoot.name(index)): script\n") }
    try file.finish()
  }

  private static func writeMakefile(_ path: String, _ root: String, _ count: Int) throws(Failure) {
    var file = try TextFile(path)
    try file.write("all:")
    for index in 0..<count { try file.write(" \(BenchmarkRoot.name(index))") }
    try file.write("\njob-%:\n\t\(command(root, "$@"))\n")
    try file.finish()
  }

  /// What a shell is asked to do for the release job with this name.
  private static func command(_ root: String, _ name: String) -> String {
    let log = "\(root)/sys/log/\(name)/pre-start"
    return "exec \(root)/jobs/\(name)/bin/pre-start >>\(log).stdout.log 2>>\(log).stderr.log"
  }
}
