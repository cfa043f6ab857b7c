import Operations
import Words

/// `lockstep resume`: continues a run that was interrupted or did not succeed.
enum ResumeCommand {
  static let spec = CommandSpec(
    name: "resume",
    summary: "continue a run that failed or was interrupted",
    arguments: "[RUN]",
    argumentCount: 0...1,
    about: [
      "Continues the last run on a VM, or the run called RUN (a unique prefix is enough). Steps "
        + "that succeeded do not run again. Steps that were cut short, failed or never started "
        + "run, with all of their attempts. If a process of the earlier run is still running, "
        + "lockstep waits for it first.",
      "A 'run' step that is not idempotent is never started twice automatically. If it failed, or "
        + "if nobody can tell how it ended, nothing starts until you decide with --assume.",
    ],
    options: [
      OptionSpec(
        name: PlanOptions.vm.name,
        value: PlanOptions.vm.value,
        help: "the VM's folder. For several VMs, name the first, in which the run is recorded, or "
          + "all, as for the run itself. Default: /var/vcap, or / if there is no /var/vcap",
        isRepeatable: true
      ),
      RunOptions.stateOption,
      RunOptions.keepOption,
      OptionSpec(
        name: "--explain",
        value: nil,
        help: "explain for every step why it would run or not; run and change nothing"
      ),
      AssumeOption.option,
      OptionSpec(
        name: "--accept-changes",
        value: nil,
        help: "continue with the changed plan or scripts; steps that have changed run again"
      ),
      OptionSpec(
        name: "--set",
        value: "NAME=VALUE",
        help: "give a secret param its value again; all other params are recorded",
        isRepeatable: true
      ),
      OptionSpec(
        name: "--set-file",
        value: "NAME=FILE",
        help: "the same, with the contents of a file without the trailing newline",
        isRepeatable: true
      ),
      RunOptions.quietOption,
    ],
    examples: [
      (line: "lockstep resume --explain", does: "show what would run, and why"),
      (line: "lockstep resume", does: "continue the last run on this VM"),
      (
        line: "lockstep resume --assume migrate=done",
        does: "continue after you completed the step 'migrate' by hand"
      ),
    ],
    tellsRefusal: true
  )

  static func run(
    _ arguments: ParsedArguments,
    _ console: Console
  ) throws(CommandFailure) -> ExitStatus {
    Terminal.needNobody()
    let request = ResumeRequest(
      run: RunReference(
        name: arguments.positionals.first,
        state: try RunOptions.state(arguments),
        vms: try PlanOptions.vms(arguments)
      ),
      parameters: try PlanOptions.parameters(arguments),
      assumptions: try AssumeOption.assumptions(arguments),
      acceptsChanges: arguments.isSet("--accept-changes"),
      keep: try RunOptions.keep(arguments)
    )
    let found = try request.run.find()
    if arguments.isSet("--explain") {
      let (explanation, graph) = try Resumption(found, request, tell: console.tell).explain()
      Terminal.answer { explanation.write(graph, to: &$0) }
      return .succeeded
    }
    let isQuiet = arguments.isSet(RunOptions.quietOption.name)
    return try ConsoleAudience.follow(console, isQuiet: isQuiet) {
      audience throws(CommandFailure) in
      try Resumption(found, request) { audience.tell($0) }.run(audience)
    }
  }
}
