import Operations
import PlanLanguage
import Words

/// `lockstep check`: finds mistakes in plans without a machine.
enum CheckCommand {
  static let spec = CommandSpec(
    name: "check",
    summary: "find mistakes in plans",
    arguments: "PLAN...",
    argumentCount: 1...4096,
    about: [
      "Reads plans and everything that they include, and reports mistakes. It looks at no "
        + "machine: a plan that declares no deployment job is assumed to fit any machine. A "
        + "required param without a value is only a warning, because it is not a mistake in the "
        + "plan."
    ],
    options: [
      OptionSpec(
        name: "--set",
        value: "NAME=VALUE",
        help: "set a param of the plan",
        isRepeatable: true
      ),
      .format,
    ],
    examples: [
      (line: "lockstep check site.plan", does: "exit with 0 if the plan can be run, with 2 if not")
    ]
  )

  static func run(
    _ arguments: ParsedArguments,
    _ console: Console
  ) throws(CommandFailure) -> ExitStatus {
    let parameters = try arguments.pairs("--set")
    let isJSON = try arguments.isJSON()
    var worst = ExitStatus.succeeded
    var documents: [String] = []
    for argument in arguments.positionals {
      let findings: Findings
      do {
        findings = try PlanCheck.findings(argument, parameters: parameters)
      } catch {
        // The others are checked all the same.
        if arguments.positionals.count == 1 { throw error }
        error.notices.forEach(console.tell)
        worst = .wrong
        continue
      }
      if isJSON {
        documents += findings.json
      } else {
        Terminal.complain(findings.text(color: console.colorsErrors))
        Terminal.answer(filled("\(safeForTerminal(argument)): \(findings.verdict)", indent: 0))
      }
      if findings.hasErrors { worst = .wrong }
    }
    if isJSON { Terminal.answer(DiagnosticJSON.document(documents)) }
    return worst
  }
}
