import Operations
import PlanGraph
import Reports
import Words

/// `dry-run --times`: how long a run takes at most, and what determines that.
enum TimesForm {
  static let option = OptionSpec(
    name: "--times",
    value: nil,
    help:
      "show the longest time that a run can take, the critical path by the durations of earlier "
      + "runs (or of --durations), and the slack of the other steps; also with --format json"
  )

  private static let most = 20

  /// Writes the times of a plan to standard output.
  static func write(
    _ dryRun: DryRun,
    _ arguments: ParsedArguments,
    _ console: Console
  ) throws(CommandFailure) {
    let graph = dryRun.graph
    let isJSON = try arguments.isJSON()
    let times = try PlanTimes(
      dryRun,
      parallel: try RunOptions.pace(arguments).parallel,
      durations: arguments[DurationOption.option.name],
      state: try RunOptions.state(arguments)
    )
    if let complaint = times.source.complaint { console.tell(.words("warning: \(complaint)")) }
    let report = TimesReport(
      graph,
      times.worst,
      times.schedule,
      isMeasured: times.isMeasured,
      origin: times.isMeasured ? times.source.words(graph) : times.source.origin,
      most: arguments.isSet("--all") ? nil : most
    )
    Terminal.answer(asJSON: isJSON) {
      report.writeJSON(to: &$0)
    } text: { output in
      output.line("plan \(graph.planName): times of \(counted(graph.stepCount, "step"))")
      report.write(to: &output)
    }
  }
}
