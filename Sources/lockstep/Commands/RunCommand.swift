import Operations

/// `lockstep run`: executes a plan.
enum RunCommand {
  static let spec = CommandSpec(
    name: "run",
    summary: "execute a plan on a VM",
    arguments: "PLAN",
    argumentCount: 1...1,
    about: [
      "Executes the plan's steps, each as soon as everything that it waits for has passed. A failure "
        + "keeps what depends on it from starting; whatever does not still runs. The scripts' output "
        + "goes to the VM's own log files, sys/log/RELEASE-JOB/SCRIPT.stdout.log and .stderr.log; on a "
        + "machine that has nothing to do with BOSH, that of commands goes to /var/log/lockstep.",
      "A run that was broken off is looked for first. Nothing is started as long as a step of it still "
        + "runs, or one that may not be run twice is in doubt: 'lockstep resume' goes on with it, and "
        + "--abandon gives it up.",
      "The first SIGINT or SIGTERM asks what runs to end and starts nothing more but handlers; the "
        + "second ends everything at once.",
    ],
    options: PlanOptions.all + SelectionOptions.all + RunOptions.options
      + [RunOptions.oncePerBootOption, RunOptions.waitOption, AbandonOption.option],
    examples: [
      (line: "lockstep run bosh-deploy", does: "bring up this VM as BOSH would"),
      (
        line: "lockstep run site.plan --vm ./root --set batch=2",
        does: "another plan and folder, with a value for a param"
      ),
      (
        line: "lockstep run bosh-deploy --from start",
        does: "the phase 'start' and all that waits for it"
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
    let request = try RunOptions.request(arguments)
    let isQuiet = arguments.isSet(RunOptions.quietOption.name)
    return try ConsoleAudience.follow(console, isQuiet: isQuiet) {
      audience throws(CommandFailure) in
      try PlanRun(request, audience).run()
    }
  }
}
