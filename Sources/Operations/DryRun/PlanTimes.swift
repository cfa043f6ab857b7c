package import Analysis
import Execution
import PlanGraph

/// How long a run of a plan takes at most, and what determines that.
package struct PlanTimes {
  package let worst: WorstCase
  package let schedule: Schedule
  /// Whether the duration of any step is known.
  package let isMeasured: Bool
  /// The source of the durations.
  package let source: DurationSource

  /// Calculates the times.
  ///
  /// - Parameters:
  ///   - dryRun: the plan, and the steps that are left out.
  ///   - parallel: how many steps may run at once.
  ///   - durations: a file with the durations of steps; nil for those of earlier runs.
  ///   - state: the folder of records; nil for the one in the first machine's folder.
  /// - Throws: an error if the file cannot be read.
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
    // If nothing is ever delayed, only the longest path through the plan matters.
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
