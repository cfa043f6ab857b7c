/// Many commands that do nothing: what a step costs that is only a process.
///
/// make keeps no logs. Lockstep has no step without logs, so its plan has a `run` of the command
/// for each step. It opens two files a step that make does not open, and it keeps a journal.
struct Bare {
  static func run(_ options: Options) throws(Failure) {
    var commands = try ManyCommands(options)
    let (count, folder, root) = (commands.count, commands.scratch.path, commands.root)
    for subfolder in ["", "/jobs", "/sys", "/sys/log"] { try makeFolder(root + subfolder) }
    try writePlan(folder + "/bare.plan", count, options.script)
    try writeMakefile(folder + "/Makefile", count, options.script)
    commands.addMake()
    commands.addLockstep(options, plan: "bare.plan")
    try commands.run("bare", of: "command", options)
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
    // The command has nothing that needs a shell, so make executes it directly.
    try file.write("\ns%:\n\t\(command)\n")
    try file.finish()
  }
}
