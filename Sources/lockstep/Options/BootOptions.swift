import Operations

/// The options of a run that go into the boot and shutdown units, with absolute paths.
enum BootOptions {
  static let all = PlanOptions.all + SelectionOptions.all + RunOptions.options

  /// For the run after a boot: everything that was given.
  static func boot(_ arguments: ParsedArguments) throws(CommandFailure) -> [String] {
    try words(arguments, all.map(\.name)) + [RunOptions.oncePerBootOption.name]
  }

  /// For the run at shutdown: without params and selections of steps, which belong to the other
  /// plan.
  static func shutdown(
    _ arguments: ParsedArguments,
    _ limit: Duration
  ) throws(CommandFailure) -> [String] {
    try words(arguments, RunOptions.options.map(\.name) + [PlanOptions.fact.name])
      + [
        RunOptions.waitOption.name, "\(limit.components.seconds)s", AbandonOption.option.name,
        "all=end",
      ]
  }

  /// The options with some names, except those for the machines, which are named by what was found.
  private static func words(
    _ arguments: ParsedArguments,
    _ names: [String]
  ) throws(CommandFailure) -> [String] {
    var words: [String] = []
    for option in all where option.name != PlanOptions.vm.name && names.contains(option.name) {
      for value in arguments.all(option.name) {
        words.append(option.name)
        if option.value == nil { continue }
        words.append(try absolute(value, option.name))
      }
    }
    return words
  }

  /// An option's value.
  ///
  /// A file is given by its absolute path.
  private static func absolute(
    _ value: String,
    _ option: String
  ) throws(CommandFailure) -> String {
    switch option {
    case RunOptions.stateOption.name: return try absolutePath(value)
    case PlanOptions.setFile.name:
      guard let equals = value.firstIndex(of: "=") else { return value }
      let path = try absolutePath(String(value[value.index(after: equals)...]))
      return "\(value[...equals])\(path)"
    case RunOptions.supervisorOption.name where value.hasPrefix("monit="):
      return "monit=\(try absolutePath(String(value.dropFirst("monit=".count))))"
    default: return value
    }
  }

  private static func absolutePath(_ path: String) throws(CommandFailure) -> String {
    if let whole = FileReader.absolute(path) { return whole }
    throw CommandFailure(
      message: "the current folder is gone",
      help: "give '\(path)' as an absolute path"
    )
  }
}
