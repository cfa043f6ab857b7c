import Glibc
import PlanGraph
import PlanLanguage

/// `lockstep check`: finds mistakes in plans without a machine.
enum CheckCommand {
  static let spec = CommandSpec(
    name: "check",
    summary: "find the mistakes in plans",
    arguments: "PLAN...",
    argumentCount: 1...4096,
    about: [
      "Reads plans, with everything that they include, and reports what is wrong with them. Looks "
        + "at no machine: a plan that declares no deployment job is taken to fit any."
    ],
    options: [
      OptionSpec(
        name: "--set",
        value: "NAME=VALUE",
        help: "give a param of the plan a value",
        isRepeatable: true
      ),
      OptionSpec(name: "--format", value: "FORMAT", help: "text (default) or json"),
    ],
    examples: [
      (line: "lockstep check site.plan", does: "exit status 0 if it can be run, 2 if not")
    ]
  )

  @Sendable
  static func run(_ arguments: ParsedArguments) throws(UsageError) -> Int32 {
    let parameters = try arguments.pairs("--set")
    let isJSON = try arguments.word("--format", among: ["text", "json"]) == "json"
    let color = try Terminal.usesColor(isJSON ? STDOUT_FILENO : STDERR_FILENO, arguments)
    var worst = ExitStatus.succeeded
    for argument in arguments.positionals {
      let plan = try PlanCompilation.load(argument)
      let built = PlanCompilation.build(plan, parameters: parameters, site: .unknown)
      let findings = Findings(plan, built)
      if isJSON {
        print(findings.json)
      } else {
        Terminal.complain(findings.text(color: color))
        if findings.diagnostics.isEmpty { print("\(safeForTerminal(argument)): no mistakes") }
      }
      if findings.hasErrors { worst = .wrong }
    }
    return worst.rawValue
  }
}
