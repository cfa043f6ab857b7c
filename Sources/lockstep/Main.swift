import BundledPlans
import CHolder
import Glibc
import Operations
import PlanLanguage
import Words

/// The command: brings machines up and down in the order of a plan.
@main
enum Lockstep {
  static let commands: [Command] = [
    Command(RunCommand.spec, RunCommand.run),
    Command(ResumeCommand.spec, ResumeCommand.run),
    Command(DryRunCommand.spec, DryRunCommand.run),
    Command(AuditCommand.spec, AuditCommand.run),
    Command(CheckCommand.spec, CheckCommand.run),
    Command(TestCommand.spec, TestCommand.run),
    Command(DiffCommand.spec, DiffCommand.run),
    Command(ProveCommand.spec, ProveCommand.run),
    Command(FormatCommand.spec, FormatCommand.run),
    Command(ExplainCommand.spec, ExplainCommand.run),
    Command(FactsCommand.spec, FactsCommand.run),
    Command(HostsCommand.spec, HostsCommand.run),
    Command(NewCommand.spec, NewCommand.run),
    Command(RenderCommand.spec, RenderCommand.run),
    Command(LogrotateCommand.spec, LogrotateCommand.run),
    Command(InstallBootCommand.spec, InstallBootCommand.run),
    Command(ServeCommand.spec, ServeCommand.run),
    Command(DebugCommand.spec, DebugCommand.run),
  ]

  static func main() {
    // This comes first, because a holder does nothing of what follows.
    holder_take_over(CommandLine.argc, CommandLine.unsafeArgv)
    let arguments = Array(CommandLine.arguments.dropFirst())
    Terminal.holdStandardDescriptors()
    var status = dispatch(arguments)
    // What a run did counts, not whether it could be shown.
    if Terminal.complainOfOutput(), status == .succeeded,
      ![RunCommand.spec.name, ResumeCommand.spec.name].contains(arguments.first)
    {
      status = .failed
    }
    exit(status.number)
  }

  private static func dispatch(_ arguments: [String]) -> ExitStatus {
    var console: Console?
    do throws(CommandFailure) {
      return try answer(arguments, &console)
    } catch {
      let command = commands.first { $0.spec.name == arguments.first }?.spec
      tell(error, of: command, isColored: console?.colorsErrors ?? false)
      return error.status
    }
  }

  private static func answer(
    _ arguments: [String],
    _ console: inout Console?
  ) throws(CommandFailure) -> ExitStatus {
    guard let first = arguments.first else {
      Terminal.complain(help)
      return .wrong
    }
    switch first {
    case "--version", "-V", "version":
      Terminal.answer("lockstep \(Version.text)\n")
      return .succeeded
    case "--help", "-h", "help":
      Terminal.answer(try arguments.dropFirst().first.map(command)?.spec.help ?? help)
      return .succeeded
    default: break
    }
    let command = try command(first)
    let parsed = try ParsedArguments(
      Array(arguments.dropFirst()),
      for: command.spec,
      among: commands.map(\.spec)
    )
    if parsed.isSet("--help") {
      Terminal.answer(command.spec.help)
      return .succeeded
    }
    let ready = try Console(first, parsed)
    console = ready
    return try command.run(parsed, ready)
  }

  /// Reports a failure: what is wrong, and the consequence.
  private static func tell(
    _ failure: CommandFailure,
    of command: CommandSpec?,
    isColored: Bool
  ) {
    let text = NoticeText(command: command?.name, isColored: isColored)
    for notice in failure.notices { Terminal.complain(text.text(notice)) }
    guard let command else { return Terminal.complain("'lockstep --help' lists them\n") }
    if failure.isOfCommandLine {
      Terminal.complain("'lockstep \(command.name) --help' tells more\n")
    }
    if failure.status == .refused, command.tellsRefusal {
      Terminal.complain("lockstep \(command.name): refused, nothing was started\n")
    }
  }

  /// The command with a name.
  private static func command(_ name: String) throws(CommandFailure) -> Command {
    if let command = commands.first(where: { $0.spec.name == name }) { return command }
    var help: String?
    let near = nearMiss(name, among: commands.map(\.spec.name) + ["help", "version"])
    if name.hasPrefix("-") {
      let option = nearMiss(name, among: ["--version", "--help"])
      help =
        option.map { "did you mean '\($0)'?" }
        ?? "options come after the command, as in lockstep run PLAN --vm ROOT"
    } else if let foreign = foreignCommands[name.lowercased()] {
      help = foreign
    } else if name.hasSuffix(".plan") || BundledPlans.names.contains(name) {
      help = "to look at the plan: lockstep dry-run \(name)"
    } else if let near {
      help = "did you mean '\(near)'?"
    }
    throw CommandFailure(message: "no command '\(name)'", help: help)
  }

  /// Names that other tools use for our commands.
  private static let foreignCommands = [
    "validate": "'lockstep check' looks for mistakes in a plan",
    "lint": "'lockstep check' looks for mistakes in a plan",
    "verify": "'lockstep check' looks for mistakes in a plan",
    "format": "'lockstep fmt' formats a plan",
    "plan": "'lockstep dry-run PLAN' shows what would happen",
    "preview": "'lockstep dry-run PLAN' shows what would happen",
    "show": "'lockstep dry-run PLAN' shows what would happen",
    "graph": "'lockstep dry-run PLAN --format svg' draws the graph",
    "apply": "'lockstep run PLAN' runs a plan",
    "exec": "'lockstep run PLAN' runs a plan",
    "deploy": "'lockstep run bosh-deploy' runs the bundled plan",
    "up": "'lockstep run bosh-start' brings a VM up",
    "start": "'lockstep run bosh-start' brings a VM up",
    "down": "'lockstep run bosh-stop' brings a VM down",
    "stop": "'lockstep run bosh-stop' brings a VM down",
    "restart": "'lockstep run bosh-restart' brings a VM down and up again",
    "errand": "'lockstep run bosh-errand --set errand=NAME' runs an errand",
    "run-errand": "'lockstep run bosh-errand --set errand=NAME' runs an errand",
    "continue": "'lockstep resume' continues a run",
    "retry": "'lockstep resume' continues a run",
    "status": "'lockstep resume --explain' says how far the last run came",
    "init": "'lockstep new NAME' writes a first plan",
    "create": "'lockstep new NAME' writes a first plan",
    "compare": "'lockstep diff OLD NEW' compares two plans",
  ]

  private static var help: String {
    var text = """
      lockstep brings machines up and down in the order that a plan gives.

      usage: lockstep COMMAND [options] ...

      commands:

      """
    for command in commands {
      text += described("  \(command.spec.name)", command.spec.summary, column: 16)
    }
    return text + """

      PLAN is a file or the name of a bundled plan: bosh-start, bosh-deploy,
      bosh-stop, bosh-restart, bosh-errand. 'lockstep COMMAND --help' explains a
      command.

      To take a first look (this runs nothing and changes nothing):
        lockstep dry-run bosh-deploy --vm /var/vcap

      exit status:
        0    succeeded
        1    a step failed, or the output could not be written
        2    the plan or the command line is wrong
        3    refused; nothing was started
        65   the record of a run is damaged
        130  stopped by SIGINT
        143  stopped by SIGTERM

      """
  }
}
