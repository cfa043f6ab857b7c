import VM

/// The names of units and their parts.
enum BootName {
  /// The path of the lockstep program.
  static func program() throws(CommandFailure) -> String {
    guard let program = FileReader.resolved("/proc/self/exe") else {
      throw CommandFailure(
        message: "cannot find the path of lockstep itself",
        help: "mount /proc"
      )
    }
    return program
  }

  /// `site` for `plans/site.plan`, `bosh-start` for the bundled plan of that name.
  static func plan(_ argument: String) -> String {
    let base = argument.split(separator: "/").last.map(String.init) ?? argument
    return base.hasSuffix(".plan") && base != ".plan" ? String(base.dropLast(5)) : base
  }

  /// The name of the unit that runs a plan after a boot.
  ///
  /// - Parameters:
  ///   - argument: the plan as given.
  ///   - folders: the folders of its machines.
  /// - Returns: the name of its file.
  static func unit(plan argument: String, folders: [String]) -> String {
    BootUnit.name(plan: plan(argument), folders: folders.filter(isUnusual))
  }

  /// Whether a folder differs from the default one.
  static func isUnusual(_ path: String) -> Bool {
    path != VMFolder.defaultPath && path != VMFolder.standard
      && path != FileReader.resolved(VMFolder.standard)
  }
}
