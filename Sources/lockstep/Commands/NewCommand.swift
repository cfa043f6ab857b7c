import Glibc
import Operations
import Words

/// `lockstep new`: writes a first plan.
enum NewCommand {
  static let spec = CommandSpec(
    name: "new",
    summary: "write a first plan from a VM's release jobs or a template",
    arguments: "[FILE]",
    argumentCount: 0...1,
    about: [
      "Writes a plan to start from into FILE, which must not exist yet, or to standard output. "
        + "With --vm, the plan has the phases for which the release jobs of that VM have scripts. "
        + "Without --vm, it is one of the templates:",
      PlanTemplate.allCases.map { "\($0.rawValue) (\($0.summary))" }.joined(separator: ", ") + ".",
    ],
    options: [
      OptionSpec(name: "--vm", value: "ROOT", help: "the VM's folder, laid out like /var/vcap"),
      OptionSpec(
        name: "--template",
        value: "NAME",
        help: PlanTemplate.allCases.map(\.rawValue).joined(separator: ", ") + "; default minimal"
      ),
    ],
    examples: [
      (
        line: "lockstep new site.plan --vm /var/vcap",
        does: "write a plan for the release jobs of this VM"
      ),
      (line: "lockstep new --template rolling", does: "print a plan for a rolling upgrade"),
    ]
  )

  static func run(
    _ arguments: ParsedArguments,
    _ console: Console
  ) throws(CommandFailure) -> ExitStatus {
    let names = PlanTemplate.allCases.map(\.rawValue)
    let template = try arguments.word("--template", among: names).flatMap(PlanTemplate.init)
    if template != nil, arguments.isSet("--vm") {
      throw CommandFailure(message: "'--vm' and '--template' exclude each other")
    }
    let file = arguments.positionals.first
    let name = planName(for: file)
    let text =
      if let path = arguments["--vm"] {
        PlanTemplate.text(name: name, on: try VMSelection.open(path))
      } else {
        (template ?? .minimal).text(name: name)
      }
    guard let file, file != "-" else {
      Terminal.write(Array(text.utf8), to: STDOUT_FILENO)
      return .succeeded
    }
    if let reason = FileReplacement.create(file, with: Array(text.utf8)) {
      throw CommandFailure(message: "cannot write '\(file)': \(reason)")
    }
    Terminal.answer(
      filled("wrote \(safeForTerminal(file)); look at it with", indent: 0)
        + "  lockstep dry-run \(safeForTerminal(shellWords([file])))\n"
    )
    return .succeeded
  }

  /// `site` for `plans/site.plan`: a valid name in the language, whatever the file is called.
  private static func planName(for file: String?) -> String {
    let base = (file ?? "first").split(separator: "/").last.map(String.init) ?? "first"
    let stem = base.hasSuffix(".plan") ? String(base.dropLast(5)) : base
    var name = ""
    for scalar in stem.unicodeScalars {
      switch scalar {
      case "a"..."z", "A"..."Z", "_": name.unicodeScalars.append(scalar)
      case "0"..."9", "-": if !name.isEmpty { name.unicodeScalars.append(scalar) }
      default: if !name.isEmpty, !name.hasSuffix("-") { name.append("-") }
      }
    }
    while name.hasSuffix("-") { name.removeLast() }
    return name.isEmpty ? "first" : name
  }
}
