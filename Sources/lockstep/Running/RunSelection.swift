import Execution
import PlanGraph

/// The steps that a command line leaves out: `--only`, `--from`, `--skip`.
enum RunSelection {
  static let options = [
    OptionSpec(
      name: "--only",
      value: "STEP",
      help: "run only steps of this name: a whole name, a part such as pre-start or db/0, or a "
        + "pattern with * and ?",
      isRepeatable: true
    ),
    OptionSpec(
      name: "--from",
      value: "STEP",
      help: "run only such steps and what waits for them",
      isRepeatable: true
    ),
    OptionSpec(
      name: "--skip",
      value: "STEP",
      help: "run all but such steps",
      isRepeatable: true
    ),
  ]

  /// The steps that are left out.
  ///
  /// - Throws: where a name is nobody's, or nothing is left to run.
  static func passedOver(
    _ graph: Graph,
    _ arguments: ParsedArguments
  ) throws(UsageError) -> [NodeID: RunPolicy.PassOver] {
    var selection = StepSelection()
    selection.only = arguments.all("--only").map(StepPattern.init)
    selection.from = arguments.all("--from").map(StepPattern.init)
    selection.skip = arguments.all("--skip").map(StepPattern.init)
    let result: [NodeID: RunPolicy.PassOver]
    do {
      result = try selection.passedOver(graph)
    } catch {
      throw StepNames(graph).none(error.pattern)
    }
    if !result.isEmpty, result.count == graph.stepCount {
      throw UsageError(
        message: "'--skip' leaves nothing to run",
        help: "'lockstep dry-run' with the same options shows what each of them leaves out"
      )
    }
    return result
  }
}
