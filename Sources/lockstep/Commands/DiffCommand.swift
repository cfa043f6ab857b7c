import Analysis
import Execution
import Operations
import Reports
import Words

/// `lockstep diff`: what differs between two plans, and whether a guarantee is lost.
enum DiffCommand {
  static let spec = CommandSpec(
    name: "diff",
    summary: "show which guarantees a changed plan loses or gains",
    arguments: "OLD NEW",
    argumentCount: 2...2,
    about: [
      "Compiles two plans for the same VM and compares the results: steps that were removed or "
        + "added, orderings between the other steps that were lost or gained, steps that may now "
        + "overlap, settings, and the longest time that a run can take. Comments and layout do "
        + "not count. Runs nothing and changes nothing.",
      "Plans that declare their deployment jobs need no VM. Without a VM, lockstep assumes that "
        + "every script and process exists, and that every condition on a fact that you do not "
        + "give holds.",
      "Exit status 0: no guarantee is lost; 1: at least one is lost: a step, an ordering, a "
        + "timeout or a limit is gone, a limit is higher, a step has become optional, conditional "
        + "or skipped, a command may now start twice, or the time of a run is no longer bounded; "
        + "2: a plan or the command line is wrong.",
    ],
    options: PlanOptions.all + [
      OptionSpec(name: "--all", value: nil, help: "list everything, however long the list is"),
      .format,
      OptionSpec(
        name: "--parallel",
        value: "N",
        help: "the most steps that run at once (default \(RunPolicy.defaultParallel))"
      ),
    ],
    examples: [
      (
        line: "lockstep diff old.plan new.plan", does: "compare before the new plan goes to the VMs"
      ),
      (
        line: "lockstep diff bosh-start site.plan --vm ./root",
        does: "show what your own plan gives up compared with the bundled plan"
      ),
    ]
  )

  private static let most = 20

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
    Terminal.answer(asJSON: isJSON) {
      report.writeJSON(to: &$0)
    } text: {
      report.write(to: &$0)
    }
    return difference.losesGuarantee ? .failed : .succeeded
  }
}
