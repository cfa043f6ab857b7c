import Analysis
import Execution
import Operations
import Reports
import Words

/// `lockstep diff`: what differs between two plans, and whether a guarantee is lost.
enum DiffCommand {
  static let spec = CommandSpec(
    name: "diff",
    summary: "say which guarantees a changed plan loses or gains",
    arguments: "OLD NEW",
    argumentCount: 2...2,
    about: [
      "Compiles two plans for the same VM and compares what comes out: steps removed and added, "
        + "orderings between the others lost and gained, which may overlap now, settings, and the "
        + "longest that a run can take. Comments and the layout of the text are no difference. Runs "
        + "nothing and changes nothing.",
      "Plans that declare their deployment jobs need no VM: without one every script and process is "
        + "taken to be there, and every fact that nobody gives is believed.",
      "Exit status 0: no guarantee is lost; 1: some are: a step or an ordering is gone, a timeout or "
        + "limit is gone or a limit raised, a step has become optional, conditional or skipped, a "
        + "command may be started twice now, or the time of a run has no bound any more; 2: "
        + "something is wrong.",
    ],
    options: PlanOptions.all + [
      OptionSpec(name: "--all", value: nil, help: "list everything, however much it is"),
      OptionSpec(name: "--format", value: "FORMAT", help: "text (default) or json"),
      OptionSpec(
        name: "--parallel",
        value: "N",
        help: "how many steps at most are under way at once (default \(RunPolicy.defaultParallel))"
      ),
    ],
    examples: [
      (line: "lockstep diff old.plan new.plan", does: "before the new one goes to the VMs"),
      (
        line: "lockstep diff bosh-start site.plan --vm ./root",
        does: "what a plan of your own gives up against the bundled one"
      ),
    ]
  )

  private static let most = 20

  @Sendable
  static func run(
    _ arguments: ParsedArguments,
    _ console: Console
  ) throws(CommandFailure) -> ExitStatus {
    let isJSON = try arguments.isJSON()
    let parallel =
      try arguments.int("--parallel", in: 1...100_000) ?? RunPolicy.defaultParallel
    if arguments.positionals == ["-", "-"] {
      throw CommandFailure(message: "only one of the plans can come through standard input")
    }
    let old = try PlanOptions.request(arguments.positionals[0], arguments)
    let new = try PlanOptions.request(arguments.positionals[1], arguments)
    let difference = try PlanComparison.difference(old, new, parallel: parallel, tell: console.tell)
    let report = DifferenceReport(difference, most: arguments.isSet("--all") ? nil : most)
    if isJSON {
      var writer = Terminal.json()
      report.writeJSON(to: &writer)
    } else {
      var output = Terminal.output()
      report.write(to: &output)
      output.flush()
    }
    return difference.losesGuarantee ? .failed : .succeeded
  }
}
