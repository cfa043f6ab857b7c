import Operations

/// `lockstep dry-run`: shows what a run would do.
enum DryRunCommand {
  /// What else is read in addition to the plan and its machines.
  private static let lookOptions = [
    OptionSpec(
      name: "--overlay",
      value: "RUN",
      help: "show what became of each step in a recorded run: 'last', or a unique prefix of its "
        + "name"
    ),
    RunOptions.stateOption,
    OptionSpec(
      name: "--ask",
      value: nil,
      help: "ask monit for the state of the processes and show it (tree and json). Nothing else "
        + "in a dry-run asks anything or opens a socket"
    ),
    OptionSpec(
      name: RunOptions.supervisorOption.name,
      value: "WHO",
      help:
        "who would start and stop processes, as for run: auto (default), monit, monit=FILE, ctl, "
        + "systemd or systemd=PROGRAM. --ask can only ask monit: monit (default) or monit=FILE"
    ),
  ]

  static let spec = CommandSpec(
    name: "dry-run",
    summary: "show what a plan would do on a VM, without running it",
    arguments: "PLAN",
    argumentCount: 1...1,
    about: [
      "Prints phases, barriers and steps in the order of execution: what each would run, where it "
        + "logs, what it waits for, and by which rules. Starts nothing and writes nothing. If "
        + "something would keep a run from starting, it is printed at the end, and the exit "
        + "status is 2.",
      "Paths of scripts, logs and monit files are relative to the VM's folder. Paths in commands, "
        + "waits and conditions are relative to its bosh folder, if it has one. docs/dry-run.md "
        + "describes all formats and every field of the JSON.",
      "With --what-if, lockstep rehearses a run on a virtual clock: what happens when, what is "
        + "retried, what never starts, how the run ends, and where a resume would continue. The "
        + "exit status is then 0, whatever the exit status of the rehearsed run.",
    ],
    options: PlanOptions.withHosts + SelectionOptions.all + DryRunForm.options
      + lookOptions + WhatIfForm.options + [TimesForm.option],
    examples: [
      (line: "lockstep dry-run bosh-deploy", does: "show what bosh-deploy would do on this VM"),
      (
        line: "lockstep dry-run site.plan --vm ./root",
        does: "do the same for another plan and folder"
      ),
      (
        line: "lockstep dry-run bosh-deploy --what-if pre-start:db=fail",
        does: "rehearse a run in which the pre-start of db fails"
      ),
      (
        line: "lockstep dry-run bosh-deploy --times",
        does: "show the longest time that it can take, and which steps determine that time"
      ),
      (
        line: "lockstep dry-run site.plan --format html > site.html",
        does: "write a page with a search and the facts of each step"
      ),
      (
        line: "lockstep dry-run site.plan --format svg --overlay last > run.svg",
        does: "draw a picture that shows the outcome of each step in the last run"
      ),
    ]
  )

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
