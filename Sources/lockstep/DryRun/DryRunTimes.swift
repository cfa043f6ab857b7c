import Analysis
import Execution
import Glibc
import PlanGraph
import Reports
import Words

/// `dry-run --times`: how long a run takes at most, and what decides how long it takes.
enum DryRunTimes {
  static let option = OptionSpec(
    name: "--times",
    value: nil,
    help:
      "show the longest that a run can take, the critical path by the durations of earlier runs "
      + "(or --durations), and the slack of other steps; --format json too"
  )
  /// Its options that no other form of a dry-run has.
  static let options = [option]

  private static let most = 20

  /// Writes the times of a plan on standard output.
  static func write(_ dryRun: DryRun) throws(UsageError) {
    let arguments = dryRun.arguments
    let graph = dryRun.graph
    let leftOut = Set(dryRun.leftOut.keys)
    let parallel =
      try arguments.int("--parallel", in: 1...100_000) ?? RunPolicy.defaultParallel
    let source = try DurationSource(arguments, graph, dryRun.preparation.vms)
    if let complaint = source.complaint {
      Terminal.complain(filled("warning: \(safeForTerminal(complaint))", indent: 0))
    }
    let known = source.durations.known(in: graph)
    let isMeasured = known.contains { $0 != nil }
    let worst = WorstCase(graph, parallel: parallel, leavingOut: leftOut)
    // Where nothing may be held up the longest way through the plan is all that there is.
    let schedule = Schedule(
      graph,
      leavingOut: leftOut,
      parallel: worst.contended.isEmpty ? nil : parallel
    ) { node in
      if isMeasured { return known[node] ?? source.durations.standard }
      return worst.steps[node].duration ?? .zero
    }
    let isJSON = try arguments.word("--format", among: ["text", "json"]) == "json"
    let report = TimesReport(
      graph,
      worst,
      schedule,
      isMeasured: isMeasured,
      origin: isMeasured ? source.words(graph) : source.origin,
      most: arguments.isSet("--all") ? nil : most
    )
    if isJSON {
      var writer = JSONWriter { Terminal.write($0, to: STDOUT_FILENO) }
      report.writeJSON(to: &writer)
      return
    }
    var output = TextOutput { Terminal.write($0, to: STDOUT_FILENO) }
    output.line("plan \(graph.planName): times of \(counted(graph.stepCount, "step"))")
    report.write(to: &output)
    output.flush()
  }
}
