import Operations

/// The options of a run that go into the units for a boot and for the way down, in which every path
/// is absolute.
enum BootOptions {
  static let all = PlanOptions.all + SelectionOptions.all + RunOptions.options

  /// Of the run after a boot: all that was given for it.
  static func boot(_ arguments: ParsedArguments) throws(CommandFailure) -> [String] {
    try words(arguments, all.map(\.name)) + [RunOptions.oncePerBootOption.name]
  }

  /// Of the run on the way down: params and a choice of steps are those of the other plan.
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

  /// The options of some names, but for the machines, which are named by what was found.
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

  /// An option's value; where it names a file, by its whole path.
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
    throw CommandFailure(message: "the present folder is gone", help: "give '\(path)' as a whole")
  }
}
