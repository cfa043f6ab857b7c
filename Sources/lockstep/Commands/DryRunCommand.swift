import Operations

/// `lockstep dry-run`: shows what a run would do.
enum DryRunCommand {
  /// What else is looked at than the plan and its machines.
  private static let lookOptions = [
    OptionSpec(
      name: "--overlay",
      value: "RUN",
      help: "show what a recorded run made of each step: 'last', or the beginning of its name"
    ),
    RunOptions.stateOption,
    OptionSpec(
      name: "--ask",
      value: nil,
      help: "ask monit how the processes are now and show it (tree and json): the only question to "
        + "anybody, and the only socket, of a dry-run"
    ),
    OptionSpec(
      name: RunOptions.supervisorOption.name,
      value: "WHO",
      help:
        "who would start and stop processes, as for run: auto (default), monit, monit=FILE, ctl, "
        + "systemd or systemd=PROGRAM; with --ask, which asks monit alone: monit (default) or "
        + "monit=FILE"
    ),
  ]

  static let spec = CommandSpec(
    name: "dry-run",
    summary: "show what a plan would do on a VM; run and change nothing",
    arguments: "PLAN",
    argumentCount: 1...1,
    about: [
      "Prints phases, barriers and steps in the order in which they would be executed: what each "
        + "would run, where it logs, what it waits for, by which rules. Starts nothing and writes "
        + "nothing. What would keep a run from starting is told at the end, with exit status 2.",
      "Paths of scripts, logs and monit files are relative to the VM's folder; those in commands, "
        + "waits and conditions to its bosh folder, where it has one. docs/dry-run.md has all forms "
        + "and every field of the JSON.",
      "With --what-if a run is rehearsed on a virtual clock: what happens when, what is tried again, "
        + "what never starts, how it ends, where a resume would go on. The exit status is 0 then, "
        + "whatever that of the rehearsed run is.",
    ],
    options: PlanOptions.all + SelectionOptions.all + DryRunForm.options
      + lookOptions + WhatIfForm.options + [TimesForm.option],
    examples: [
      (line: "lockstep dry-run bosh-deploy", does: "what bosh-deploy would do on this VM"),
      (
        line: "lockstep dry-run site.plan --vm ./root", does: "the same for another plan and folder"
      ),
      (
        line: "lockstep dry-run bosh-deploy --what-if pre-start:db=fail",
        does: "what would become of a run in which the pre-start of db fails"
      ),
      (
        line: "lockstep dry-run bosh-deploy --times",
        does: "how long it takes at most, and which steps decide how long it takes"
      ),
      (
        line: "lockstep dry-run site.plan --format html > site.html",
        does: "a page to look around in, with a search and the facts of each step"
      ),
      (
        line: "lockstep dry-run site.plan --format svg --overlay last > run.svg",
        does: "a picture with what the last run made of each step"
      ),
    ]
  )

  @Sendable
  static func run(
    _ arguments: ParsedArguments,
    _ console: Console
  ) throws(CommandFailure) -> ExitStatus {
    try WhatIfForm.check(arguments)
    let isWhatIf = arguments.isSet(WhatIfForm.option.name)
    let isTimes = arguments.isSet(TimesForm.option.name)
    let form = isWhatIf || isTimes ? .tree : try DryRunForm(arguments)
    let dryRun = try DryRun(try request(arguments), tell: console.tell)
    if isWhatIf {
      try WhatIfForm.write(dryRun, arguments, console)
      return .succeeded
    }
    if isTimes {
      try TimesForm.write(dryRun, arguments, console)
    } else {
      try form.write(dryRun, arguments)
    }
    try dryRun.requireNoProblems(console.tell)
    return .succeeded
  }

  private static func request(
    _ arguments: ParsedArguments
  ) throws(CommandFailure) -> DryRunRequest {
    var request = DryRunRequest(try PlanOptions.request(arguments.positionals[0], arguments))
    request.selection = SelectionOptions.selection(arguments)
    request.state = try RunOptions.state(arguments)
    request.overlay = arguments["--overlay"]
    request.supervisor = try RunOptions.supervisor(arguments)
    request.asksSupervisors = arguments.isSet("--ask")
    return request
  }
}
