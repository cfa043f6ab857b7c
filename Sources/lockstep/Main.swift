import Glibc
import PlanLanguage

/// The command: brings machines up and down in the order that a plan says.
@main
enum Lockstep {
  /// The version, as `--version` prints it.
  static let version = "0.1.0"

  private static let commands: [Command] = [
    Command(RunCommand.spec, RunCommand.run),
    Command(DryRunCommand.spec, DryRunCommand.run),
    Command(CheckCommand.spec, CheckCommand.run),
    Command(FormatCommand.spec, FormatCommand.run),
    Command(NewCommand.spec, NewCommand.run),
    Command(DebugCommand.spec, DebugCommand.run),
  ]

  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    exit(dispatch(arguments))
  }

  private static func dispatch(_ arguments: [String]) -> Int32 {
    guard let first = arguments.first else {
      Terminal.complain(help)
      return ExitStatus.wrong.rawValue
    }
    switch first {
    case "--version", "-V", "version":
      print("lockstep \(version)")
      return ExitStatus.succeeded.rawValue
    case "--help", "-h", "help":
      return helpCommand(arguments.dropFirst().first)
    default: break
    }
    guard let command = commands.first(where: { $0.spec.name == first }) else {
      let near = nearMiss(first, among: commands.map(\.spec.name))
      Terminal.complain(
        "lockstep: no command '\(safeForTerminal(first))'"
          + (near.map { "; did you mean '\($0)'?" } ?? "")
          + "\n'lockstep --help' lists them\n"
      )
      return ExitStatus.wrong.rawValue
    }
    do throws(UsageError) {
      let parsed = try ParsedArguments(Array(arguments.dropFirst()), for: command.spec)
      if parsed.isSet("--help") {
        print(command.spec.help, terminator: "")
        return ExitStatus.succeeded.rawValue
      }
      return try command.run(parsed)
    } catch {
      Terminal.complain(
        "lockstep \(first): \(safeForTerminal(error.message))\n"
          + (error.help.map { "\(safeForTerminal($0))\n" } ?? "")
          + "'lockstep \(first) --help' tells more\n"
      )
      return ExitStatus.wrong.rawValue
    }
  }

  private static func helpCommand(_ name: String?) -> Int32 {
    guard let name else {
      print(help, terminator: "")
      return ExitStatus.succeeded.rawValue
    }
    guard let command = commands.first(where: { $0.spec.name == name }) else {
      Terminal.complain("lockstep: no command '\(safeForTerminal(name))'\n")
      return ExitStatus.wrong.rawValue
    }
    print(command.spec.help, terminator: "")
    return ExitStatus.succeeded.rawValue
  }

  private static var help: String {
    var text = """
      lockstep brings machines up and down in the order that a plan says.

      usage: lockstep COMMAND [options] ...

      commands:

      """
    for command in commands {
      text += described("  \(command.spec.name)", command.spec.summary)
    }
    return text + """

      A plan is a file, or the name of a bundled one: bosh-start, bosh-deploy,
      bosh-stop. 'lockstep COMMAND --help' tells about a command.

      A first look, which runs nothing and changes nothing:
        lockstep dry-run bosh-deploy --vm /var/vcap

      exit status:
        0    succeeded
        1    a step failed
        2    the plan or the command line is wrong
        3    refused; nothing was started
        130  stopped by SIGINT
        143  stopped by SIGTERM

      """
  }
}
