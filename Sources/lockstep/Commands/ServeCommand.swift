import FarEnd
import Glibc
import Operations
import Wire

/// `lockstep serve`: the far end of a run that another machine coordinates.
enum ServeCommand {
  static let spec = CommandSpec(
    name: "serve",
    summary: "do the steps of a run that another machine coordinates",
    arguments: "",
    argumentCount: 0...0,
    about: [
      "The coordinator of a run starts this on each of its VMs, for example with ssh, and speaks to "
        + "it on standard input and output. People do not start it, and nothing has to be "
        + "installed for it but this program.",
      "If the connection is lost, the steps that are under way continue, their timeouts hold, and "
        + "their ends are recorded on the VM. The coordinator connects again and collects them. "
        + "When nothing is under way any more, this ends.",
    ],
    options: [
      OptionSpec(
        name: "--protocol",
        value: nil,
        help: "print the version of the protocol that this lockstep speaks, and end"
      )
    ],
    examples: []
  )

  static func run(
    _ arguments: ParsedArguments,
    _ console: Console
  ) throws(CommandFailure) -> ExitStatus {
    if arguments.isSet("--protocol") {
      Terminal.answer("\(WireProtocol.version)\n")
      return .succeeded
    }
    if isatty(STDIN_FILENO) == 1 || isatty(STDOUT_FILENO) == 1 {
      throw CommandFailure(
        message: "standard input or output is a terminal, and a coordinator must be there",
        help: "'lockstep run' starts this on each VM; connect without a terminal, as ssh -T does"
      )
    }
    Terminal.needNobody()
    let end = FarEnd.serve(version: Version.text) { words in
      Terminal.complain("lockstep serve: \(words)\n")
    }
    return end == .good ? .succeeded : .failed
  }
}
