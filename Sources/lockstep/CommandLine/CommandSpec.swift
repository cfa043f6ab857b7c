import Words

/// One option of a command.
struct OptionSpec: Sendable {
  /// With its dashes: `--vm`.
  var name: String
  /// The name of its value; nil if it takes none.
  var value: String?
  var help: String
  var isRepeatable = false

  /// The form of the answer of most commands.
  static let format = OptionSpec(
    name: "--format",
    value: "FORMAT",
    help: "text (default) or json"
  )
}

/// The options and arguments of a command, used for parsing and for its help.
struct CommandSpec: Sendable {
  var name: String
  /// A one-line summary for the list of commands.
  var summary: String
  /// The text after the name in its usage line.
  var arguments: String
  /// The range of the number of positional arguments.
  var argumentCount: ClosedRange<Int>
  /// Paragraphs about what it does.
  var about: [String]
  var options: [OptionSpec]
  /// Command lines, each with what it does.
  var examples: [(line: String, does: String)]
  /// Whether a refusal ends with a line that says that nothing was started.
  var tellsRefusal = false

  /// The options of every command.
  static let common = [
    OptionSpec(
      name: "--color",
      value: "WHEN",
      help: "auto (default), always or never; NO_COLOR too"
    ),
    OptionSpec(name: "--help", value: nil, help: "show this text"),
  ]

  var allOptions: [OptionSpec] { options + Self.common }

  /// The whole help text, at most 80 columns wide.
  var help: String {
    var text = "\(summary)\n\nusage: lockstep \(name)"
    text += options.isEmpty ? "" : " [options]"
    text += arguments.isEmpty ? "\n" : " \(arguments)\n"
    for paragraph in about { text += "\n" + filled(paragraph, indent: 0) }
    text += "\noptions:\n"
    for option in allOptions {
      let head = "  \(option.name)\(option.value.map { " \($0)" } ?? "")"
      text += described(head, option.help + (option.isRepeatable ? " (repeatable)" : ""))
    }
    if !examples.isEmpty {
      text += "\nexamples:\n"
      for example in examples { text += "  \(example.line)\n" + filled(example.does, indent: 6) }
    }
    return text
  }
}

/// A term and its description in two columns.
func described(_ head: String, _ help: String, column: Int = 24) -> String {
  let lines = filled(help, indent: column)
  if head.utf8.count + 2 > column { return "\(head)\n\(lines)" }
  let gap = String(repeating: " ", count: column - head.utf8.count)
  return head + gap + lines.dropFirst(column)
}

/// Words in indented lines of at most 80 columns.
func filled(_ words: String, indent: Int) -> String {
  let margin = String(repeating: " ", count: indent)
  return wrapped(words, width: 80 - indent).map { "\(margin)\($0)\n" }.joined()
}
