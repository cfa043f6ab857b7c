import Operations
import PlanGraph
import Reports
import Words

/// `lockstep prove`: whether some steps have passed before others start, in every run.
enum ProveCommand {
  static let spec = CommandSpec(
    name: "prove",
    summary: "show that steps have passed before others start, or why not",
    arguments: "PLAN",
    argumentCount: 1...1,
    about: [
      "Looks at every pair of a step that --before names and one that --after names, and says "
        + "whether in every run the first has passed before the second starts: what every way between "
        + "them goes through, or a pair for which it is not so. Runs nothing and changes nothing.",
      "A step has passed when it has succeeded, was skipped, or has failed and is optional; where "
        + "more than success is meant, that is said. Exit status 0: proven; 1: not proven; 2: "
        + "something is wrong, such as a name that is nobody's.",
      "A plan that declares its deployment jobs needs no VM: without one every script and process is "
        + "taken to be there, and every fact that nobody gives is believed.",
    ],
    options: [
      OptionSpec(
        name: "--before",
        value: "STEP",
        help: "the steps that have to have passed: a whole name, a part such as pre-start or db/0, "
          + "or a pattern with * and ?",
        isRepeatable: true
      ),
      OptionSpec(
        name: "--after",
        value: "STEP",
        help: "the steps that start only then",
        isRepeatable: true
      ),
      OptionSpec(name: "--format", value: "FORMAT", help: "text (default) or json"),
    ] + PlanOptions.all,
    examples: [
      (
        line: "lockstep prove bosh-deploy --before pre-start --after start",
        does: "no process starts before the last pre-start has passed"
      ),
      (
        line: "lockstep prove up.plan --before 'migrate:*' --after 'start:web/*'",
        does: "no web VM starts before the migration is through"
      ),
    ]
  )

  @Sendable
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
    if isJSON {
      var writer = Terminal.json()
      report.writeJSON(to: &writer)
    } else {
      var output = Terminal.output()
      report.write(to: &output)
      output.flush()
    }
    return proven.proof.isProven ? .succeeded : .failed
  }
}
