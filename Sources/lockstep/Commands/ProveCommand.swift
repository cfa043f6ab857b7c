import Operations
import PlanGraph
import Reports
import Words

/// `lockstep prove`: says whether some steps have passed before others start, in every run.
enum ProveCommand {
  static let spec = CommandSpec(
    name: "prove",
    summary: "prove that steps have passed before others start, or show why not",
    arguments: "PLAN",
    argumentCount: 1...1,
    about: [
      "Looks at every pair of a --before step and an --after step, and says whether in every run "
        + "the first has passed before the second starts. It shows what every path between them "
        + "goes through, or a pair for which this does not hold. Runs nothing and changes nothing.",
      "A step has passed when it succeeded, was skipped, or failed and is optional. The output "
        + "says where a step can pass without success. Exit status 0: proven; 1: not proven; 2: "
        + "the plan or the command line is wrong, for example if no step has the name.",
      "A plan that declares its deployment jobs needs no VM. Without a VM, lockstep assumes that "
        + "every script and process exists, and that every condition on a fact that you do not "
        + "give holds.",
    ],
    options: [
      OptionSpec(
        name: "--before",
        value: "STEP",
        help: "the steps that must have passed: a whole name, a part such as pre-start or db/0, "
          + "or a pattern with * and ?",
        isRepeatable: true
      ),
      OptionSpec(
        name: "--after",
        value: "STEP",
        help: "the steps that may only start then",
        isRepeatable: true
      ),
      .format,
    ] + PlanOptions.all,
    examples: [
      (
        line: "lockstep prove bosh-deploy --before pre-start --after start",
        does: "prove that no process starts before the last pre-start has passed"
      ),
      (
        line: "lockstep prove up.plan --before 'migrate:*' --after 'start:web/*'",
        does: "prove that no web VM starts before the migration has passed"
      ),
    ]
  )

  static func run(
    _ arguments: ParsedArguments,
    _ console: Console
  ) throws(CommandFailure) -> ExitStatus {
    let isJSON = try arguments.isJSON()
    for option in ["--before", "--after"] where !arguments.isSet(option) {
      throw CommandFailure(
        message: "'\(option)' is missing",
        help: "write '\(option) STEP'; 'lockstep dry-run' shows the names of all steps"
      )
    }
    let proven = try PlanProof(
      try PlanOptions.request(arguments.positionals[0], arguments),
      before: arguments.all("--before"),
      after: arguments.all("--after"),
      tell: console.tell
    )
    let report = ProofReport(
      proven.graph,
      proven.proof,
      before: (arguments.all("--before").joined(separator: ", "), proven.before),
      after: (arguments.all("--after").joined(separator: ", "), proven.after)
    )
    Terminal.answer(asJSON: isJSON) {
      report.writeJSON(to: &$0)
    } text: {
      report.write(to: &$0)
    }
    return proven.proof.isProven ? .succeeded : .failed
  }
}
