import Operations

/// `lockstep run`: executes a plan.
enum RunCommand {
  static let spec = CommandSpec(
    name: "run",
    summary: "execute a plan on a VM",
    arguments: "PLAN",
    argumentCount: 1...1,
    about: [
      "Executes the steps of the plan. Each step starts as soon as everything that it waits for "
        + "has passed. If a step fails, the steps that depend on it do not start; all others "
        + "still run. Scripts write to the VM's own log files, "
        + "sys/log/RELEASE-JOB/SCRIPT.stdout.log and .stderr.log. On a machine without BOSH, "
        + "commands write to /var/log/lockstep.",
      "First, lockstep looks for a run that was interrupted. It starts nothing while a step of "
        + "that run still runs, or while the outcome of a step that may not run twice is unknown. "
        + "'lockstep resume' continues that run; --abandon gives it up.",
      "The first SIGINT or SIGTERM asks running steps to end; after that only handlers start. The "
        + "second signal ends everything at once.",
    ],
    options: PlanOptions.withHosts + SelectionOptions.all + RunOptions.options
      + [RunOptions.oncePerBootOption, RunOptions.waitOption, AbandonOption.option],
    examples: [
      (line: "lockstep run bosh-deploy", does: "bring up this VM as BOSH would"),
      (
        line: "lockstep run site.plan --vm ./root --set batch=2",
        does: "run another plan on another folder, with a value for a param"
      ),
      (
        line: "lockstep run bosh-deploy --from start",
        does: "run the phase 'start' and everything that waits for it"
      ),
    ],
    tellsRefusal: true
  )

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
