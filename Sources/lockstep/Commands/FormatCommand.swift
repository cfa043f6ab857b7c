import Glibc
import Operations
import PlanLanguage
import Words

/// `lockstep fmt`: formats plans.
enum FormatCommand {
  static let spec = CommandSpec(
    name: "fmt",
    summary: "format plans",
    arguments: "PLAN...",
    argumentCount: 1...4096,
    about: [
      "Rewrites plans in place. '-' reads standard input and writes standard output. There is one "
        + "style, without options. Only whitespace changes; every comment stays. A plan with "
        + "mistakes is left unchanged."
    ],
    options: [
      OptionSpec(
        name: "--check",
        value: nil,
        help: "write nothing; list the plans that would change and exit with 1"
      )
    ],
    examples: [
      (line: "lockstep fmt site.plan", does: "format a plan"),
      (
        line: "lockstep fmt --check plans/*.plan",
        does: "check the format of plans, for example in CI"
      ),
    ]
  )

  static func run(
    _ arguments: ParsedArguments,
    _ console: Console
  ) throws(CommandFailure) -> ExitStatus {
    let isCheck = arguments.isSet("--check")
    var worst = ExitStatus.succeeded
    for argument in arguments.positionals {
      let status = try format(argument, isCheck: isCheck, color: console.colorsErrors)
      if status == .wrong || worst == .succeeded { worst = status }
    }
    return worst
  }

  private static func format(
    _ argument: String,
    isCheck: Bool,
    color: Bool
  ) throws(CommandFailure) -> ExitStatus {
    let bytes: [UInt8]
    do {
      bytes = try FileReader.read(argument)
    } catch {
      throw CommandFailure(message: "cannot read the plan '\(argument)': \(error.reason)")
    }
    let name = argument == "-" ? "<stdin>" : argument
    let source = SourceFile(id: FileID(0), name: name, bytes: bytes)
    guard let formatted = Formatter.format(source) else {
      let renderer = DiagnosticRenderer(sources: [source], color: color)
      for diagnostic in Parser.parse(source).diagnostics where diagnostic.severity == .error {
        Terminal.complain(renderer.render(diagnostic) + "\n")
      }
      return .wrong
    }
    let text = Array(formatted.utf8)
    if argument == "-", !isCheck {
      Terminal.write(text, to: STDOUT_FILENO)
      return .succeeded
    }
    if text == bytes { return .succeeded }
    if isCheck {
      Terminal.answer(filled("\(safeForTerminal(name)) would change", indent: 0))
      return .failed
    }
    if let reason = FileReplacement.replace(argument, with: text) {
      throw CommandFailure(message: "cannot write '\(argument)': \(reason)")
    }
    return .succeeded
  }
}
