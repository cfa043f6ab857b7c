import BareLoop
import Glibc

/// Many small scripts, each with both log files: what a plan costs on top of starting them.
///
/// All contenders start the same files in the same VM root and append to the same logs. The bare
/// loop does only what each script needs, so its time is what the machine itself costs. It is this
/// program, started again, so that all contenders are children that are measured in the same way.
/// It gives each script a process group, as a BOSH agent does, or also a session, as Lockstep does.
/// With `sched_autogroup_enabled` the kernel first divides the processors among sessions, so the
/// two differ on a busy machine.
struct Spawn {
  /// The first argument that makes this program the bare loop.
  static let bareLoopArgument = "--bare-loop"

  static func run(_ options: Options) throws(Failure) {
    var commands = try ManyCommands(options)
    let (count, folder, root) = (commands.count, commands.scratch.path, commands.root)
    _ = try BenchmarkRoot(root, count, copying: options.script)
    try writePlan(folder + "/spawn.plan")
    try writeMakefile(folder + "/Makefile", root, count)
    try writeNinja(folder + "/build.ninja", root, count)
    let bareLoop = [bareLoopArgument, root, String(count), commands.parallel]
    commands.contest.add("bare C loop", Program("/proc/self/exe", bareLoop + ["groups"]))
    commands.contest.add("  in sessions", Program("/proc/self/exe", bareLoop + ["sessions"]))
    commands.addLockstep(options, plan: "spawn.plan")
    commands.contest.add(
      "ninja -j\(commands.parallel)",
      installed: "ninja",
      ["-j", commands.parallel, "-C", folder, "--quiet"]
    )
    commands.addMake()
    try commands.run("spawn", of: "script", options)
  }

  /// Runs the bare loop: the VM root, how many scripts, how many at a time, `groups` or `sessions`.
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

  /// The shell command for the release job with this name.
  private static func command(_ root: String, _ name: String) -> String {
    let log = "\(root)/sys/log/\(name)/pre-start"
    return "exec \(root)/jobs/\(name)/bin/pre-start >>\(log).stdout.log 2>>\(log).stderr.log"
  }
}
