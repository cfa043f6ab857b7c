import Operations
import Words

/// `lockstep resume`: goes on with a run that was broken off, or that did not succeed.
enum ResumeCommand {
  static let spec = CommandSpec(
    name: "resume",
    summary: "go on with a run that failed or was broken off",
    arguments: "[RUN]",
    argumentCount: 0...1,
    about: [
      "Goes on with the last run on a VM, or with the one of that name (its beginning will do). What "
        + "succeeded is not run again. What was cut short, failed or was never started is run, with "
        + "all of its attempts; a process of the earlier run that still goes on is waited for first.",
      "A 'run' that is not idempotent is never started a second time by itself: where it failed, or "
        + "nobody can tell how it ended, nothing is started before a person says which it is to be, "
        + "with --assume.",
    ],
    options: [
      OptionSpec(
        name: PlanOptions.vm.name,
        value: PlanOptions.vm.value,
        help:
          "the VM's folder, of several the first, in which the run is recorded; or all of them, as "
          + "for the run itself. Default: /var/vcap; where there is "
          + "none, /",
        isRepeatable: true
      ),
      RunOptions.stateOption,
      RunOptions.keepOption,
      OptionSpec(
        name: "--explain",
        value: nil,
        help: "say for every step why it would run or not; run and change nothing"
      ),
      AssumeOption.option,
      OptionSpec(
        name: "--accept-changes",
        value: nil,
        help: "go on although the plan or a script has changed, with what it is now; what has "
          + "changed runs again"
      ),
      OptionSpec(
        name: "--set",
        value: "NAME=VALUE",
        help: "give a secret param its value again; others are known",
        isRepeatable: true
      ),
      OptionSpec(
        name: "--set-file",
        value: "NAME=FILE",
        help: "the same from a file, less a last line feed",
        isRepeatable: true
      ),
      RunOptions.quietOption,
    ],
    examples: [
      (line: "lockstep resume --explain", does: "what would be run, and why"),
      (line: "lockstep resume", does: "go on with the last run on this VM"),
      (
        line: "lockstep resume --assume migrate=done",
        does: "the step 'migrate' was seen to by hand"
      ),
    ],
    tellsRefusal: true
  )

  @Sendable
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
      var output = Terminal.output()
      explanation.write(graph, to: &output)
      output.flush()
      return .succeeded
    }
    let isQuiet = arguments.isSet(RunOptions.quietOption.name)
    return try ConsoleAudience.follow(console, isQuiet: isQuiet) {
      audience throws(CommandFailure) in
      try Resumption(found, request) { audience.tell($0) }.run(audience)
    }
  }
}
