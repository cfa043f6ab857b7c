/// `lockstep dry-run`: shows what a run would do.
enum DryRunCommand {
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
    options: Preparation.options + RunSelection.options + DryRun.options + WhatIf.options
      + DryRunTimes.options,
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
  static func run(_ arguments: ParsedArguments) throws(UsageError) -> Int32 {
    try WhatIf.check(arguments)
    let isWhatIf = arguments.isSet(WhatIfOption.name)
    let isTimes = arguments.isSet(DryRunTimes.option.name)
    let form = isWhatIf || isTimes ? .tree : try DryRunForm(arguments)
    let (made, status) = try DryRun.make(arguments)
    guard let dryRun = made else { return status.rawValue }
    if isWhatIf { return try WhatIf.run(dryRun).rawValue }
    if isTimes {
      try DryRunTimes.write(dryRun)
    } else {
      try form.write(dryRun)
    }
    return dryRun.verdict().rawValue
  }
}
