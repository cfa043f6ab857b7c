import Operations
import PlanGraph
import PlanLanguage
import Words

/// A command line, sorted into options and the rest.
struct ParsedArguments {
  private(set) var positionals: [String] = []
  private var values: [String: [String]] = [:]

  /// Sorts arguments; `--name value` and `--name=value` are the same, `--` ends the options.
  ///
  /// - Parameters:
  ///   - arguments: those after the name of the command.
  ///   - spec: the command's specification.
  ///   - others: all commands, to suggest one for an option that this command does not have.
  /// - Throws: the mistake in the command line.
  init(
    _ arguments: [String],
    for spec: CommandSpec,
    among others: [CommandSpec]
  ) throws(CommandFailure) {
    var rest = arguments[...]
    var optionsMayFollow = true
    while let argument = rest.popFirst() {
      if !optionsMayFollow || argument == "-" || !argument.hasPrefix("-") {
        positionals.append(argument)
        continue
      }
      if argument == "--" {
        optionsMayFollow = false
        continue
      }
      let pieces = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = argument == "-h" ? "--help" : String(pieces[0])
      guard let option = spec.allOptions.first(where: { $0.name == name }) else {
        throw CommandFailure(
          message: "unknown option '\(name)'",
          help: Self.help(forUnknown: name, of: spec, others)
        )
      }
      let value: String
      if let wanted = option.value {
        if pieces.count > 1 {
          value = String(pieces[1])
        } else if let next = rest.popFirst() {
          value = next
        } else {
          throw CommandFailure(
            message: "'\(name)' needs a value",
            help: "write '\(name) \(wanted)'"
          )
        }
      } else if pieces.count > 1 {
        throw CommandFailure(message: "'\(name)' takes no value", help: "write '\(name)' alone")
      } else {
        value = ""
      }
      if !option.isRepeatable, values[name] != nil {
        throw CommandFailure(message: "'\(name)' is given twice")
      }
      values[name, default: []].append(value)
    }
    if isSet("--help") { return }
    if positionals.count < spec.argumentCount.lowerBound {
      throw CommandFailure(message: "\(spec.arguments) is missing")
    }
    if positionals.count > spec.argumentCount.upperBound {
      throw CommandFailure(
        message: "one argument too many: '\(positionals[spec.argumentCount.upperBound])'"
      )
    }
  }

  /// The option that was perhaps meant, or the commands that have this option.
  private static func help(
    forUnknown name: String,
    of spec: CommandSpec,
    _ others: [CommandSpec]
  ) -> String? {
    let owners = others.filter { $0.options.contains { $0.name == name } }
      .map { "'lockstep \($0.name)'" }
    if let last = owners.last {
      let list = owners.dropLast().joined(separator: ", ")
      return "it is an option of " + (list.isEmpty ? last : "\(list) and \(last)")
    }
    if let near = nearMiss(name, among: spec.allOptions.map(\.name)) {
      return "did you mean '\(near)'?"
    }
    // Such as --dry-run, which is a separate command.
    let command = String(name.drop { $0 == "-" })
    return others.contains { $0.name == command }
      ? "'lockstep \(command)' is a command of its own" : nil
  }

  /// Whether an option is given.
  func isSet(_ name: String) -> Bool { values[name] != nil }

  /// The value of an option; nil if it is not given.
  subscript(_ name: String) -> String? { values[name]?.last }

  /// The values of a repeatable option.
  func all(_ name: String) -> [String] { values[name] ?? [] }

  /// The value of an option as a whole number in a range.
  func int(_ name: String, in range: ClosedRange<Int>) throws(CommandFailure) -> Int? {
    guard let text = self[name] else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw CommandFailure(
        message: "'\(name)' takes a number from \(range.lowerBound) to \(range.upperBound), not "
          + "'\(text)'"
      )
    }
    return number
  }

  /// The value of an option as a duration above zero.
  func duration(_ name: String) throws(CommandFailure) -> Duration? {
    guard let text = self[name] else { return nil }
    guard let duration = Duration(planText: text), duration > .zero else {
      throw CommandFailure(message: "'\(name)' takes a duration such as 30s or 5m, not '\(text)'")
    }
    return duration
  }

  /// The value of an option as one of a few words.
  func word(_ name: String, among words: [String]) throws(CommandFailure) -> String? {
    guard let text = self[name] else { return nil }
    if words.contains(text) { return text }
    throw CommandFailure(
      message: "'\(name)' takes \(words.joined(separator: ", ")), not '\(text)'",
      help: nearMiss(text, among: words).map { "did you mean '\($0)'?" }
    )
  }

  /// The values of a repeatable option, each of the form `NAME=VALUE` or similar.
  func pairs(_ name: String, of what: String = "VALUE") throws(CommandFailure) -> [String: String] {
    var result: [String: String] = [:]
    for text in all(name) {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
        throw CommandFailure(message: "'\(name)' takes NAME=\(what), not '\(text)'")
      }
      let key = String(text[..<equals])
      if result.updateValue(String(text[text.index(after: equals)...]), forKey: key) != nil {
        throw CommandFailure(message: "'\(name) \(key)=…' is given twice")
      }
    }
    return result
  }

  /// Whether `--format` asks for JSON, for a command with text and JSON.
  func isJSON() throws(CommandFailure) -> Bool {
    try word("--format", among: ["text", "json"]) == "json"
  }
}
