import Glibc
import VM

/// The command lines of the units for a boot and for the way down, in which every path is absolute.
struct BootCommandLine {
  let arguments: ParsedArguments

  init(_ arguments: ParsedArguments) { self.arguments = arguments }

  /// Where lockstep itself is.
  static var program: String {
    get throws(UsageError) {
      guard let program = FileReader.resolved("/proc/self/exe") else {
        throw UsageError(
          message: "where lockstep itself is cannot be found out",
          help: "mount /proc"
        )
      }
      return program
    }
  }

  /// `site` for `plans/site.plan`, `bosh-start` for the bundled plan of that name.
  static func planName(_ argument: String) -> String {
    let base = argument.split(separator: "/").last.map(String.init) ?? argument
    return base.hasSuffix(".plan") && base != ".plan" ? String(base.dropLast(5)) : base
  }

  /// The run after a boot, with all that was given for it.
  func boot(_ preparation: Preparation) throws(UsageError) -> [String] {
    try words(preparation, InstallBootCommand.runOptions.map(\.name))
      + [RunOptions.oncePerBootOption.name]
  }

  /// The run on the way down: params and a choice of steps are those of the other plan.
  func shutdown(_ preparation: Preparation, _ limit: Duration) throws(UsageError) -> [String] {
    let names = RunOptions.options.map(\.name) + ["--fact"]
    return try words(preparation, names)
      + [
        RunOptions.waitOption.name, "\(limit.components.seconds)s", Abandonment.option.name,
        "all=end",
      ]
  }

  private func words(_ preparation: Preparation, _ names: [String]) throws(UsageError) -> [String] {
    let key = preparation.input.plan.key
    let bundled = PlanCompilation.bundledPrefix
    var words = ["run", key.hasPrefix(bundled) ? String(key.dropFirst(bundled.count)) : key]
    for (name, vm) in preparation.vms.all {
      words += [VMSelection.option.name, name.isEmpty ? vm.path : "\(name)=\(vm.path)"]
    }
    for option in InstallBootCommand.runOptions
    where option.name != VMSelection.option.name && names.contains(option.name) {
      for value in arguments.all(option.name) {
        words.append(option.name)
        if option.value == nil { continue }
        words.append(try Self.absolute(value, option.name))
      }
    }
    return words
  }

  /// An option's value; where it names a file, by its whole path.
  private static func absolute(_ value: String, _ option: String) throws(UsageError) -> String {
    switch option {
    case RunOptions.stateOption.name: return try absolutePath(value)
    case "--set-file":
      guard let equals = value.firstIndex(of: "=") else { return value }
      let path = try absolutePath(String(value[value.index(after: equals)...]))
      return "\(value[...equals])\(path)"
    case "--supervisor" where value.hasPrefix("monit="):
      return "monit=\(try absolutePath(String(value.dropFirst("monit=".count))))"
    default: return value
    }
  }

  static func absolutePath(_ path: String) throws(UsageError) -> String {
    if path.hasPrefix("/") { return path }
    guard let here = FileReader.resolved(".") else {
      throw UsageError(message: "the present folder is gone", help: "give '\(path)' as a whole")
    }
    return "\(here)/\(path)"
  }
}
