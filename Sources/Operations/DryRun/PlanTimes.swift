package import Analysis
import Execution
import PlanGraph

/// How long a run of a plan takes at most, and what decides how long it takes.
package struct PlanTimes {
  package let worst: WorstCase
  package let schedule: Schedule
  /// Whether it is known of any step how long it takes.
  package let isMeasured: Bool
  /// Where that is known from.
  package let source: DurationSource

  /// Calculates.
  ///
  /// - Parameters:
  ///   - dryRun: the plan, and the steps that are left out.
  ///   - parallel: how many steps at most are under way at once.
  ///   - durations: a file that says how long steps take; nil for what earlier runs took.
  ///   - state: the folder of records; nil for that beneath the first machine's folder.
  /// - Throws: where the file cannot be read.
  package init(
    _ dryRun: DryRun,
    parallel: Int,
    durations: String? = nil,
    state: String? = nil
  ) throws(CommandFailure) {
    let graph = dryRun.graph
    let leftOut = Set(dryRun.leftOut.keys)
    let source = try DurationSource(
      file: durations,
      state: state,
      graph,
      dryRun.preparation.vms
    )
    let known = source.durations.known(in: graph)
    let isMeasured = known.contains { $0 != nil }
    let worst = WorstCase(graph, parallel: parallel, leavingOut: leftOut)
    // Where nothing may be held up the longest way through the plan is all that there is.
    schedule = Schedule(
      graph,
      leavingOut: leftOut,
      parallel: worst.contended.isEmpty ? nil : parallel
    ) { node in
      if isMeasured { return known[node] ?? source.durations.standard }
      return worst.steps[node].duration ?? .zero
    }
    self.source = source
    self.isMeasured = isMeasured
    self.worst = worst
  }
}
