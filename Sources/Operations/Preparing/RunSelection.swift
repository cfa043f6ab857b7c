package import Execution
package import PlanGraph

/// The steps to leave out of a run, by names and patterns.
package struct RunSelection: Sendable {
  /// Only these; all if empty.
  package var only: [String]
  /// Only these and what waits for them; all if empty.
  package var from: [String]
  /// All except these.
  package var skip: [String]

  /// Makes a selection.
  package init(only: [String] = [], from: [String] = [], skip: [String] = []) {
    self.only = only
    self.from = from
    self.skip = skip
  }

  /// Whether nothing is selected.
  var isEmpty: Bool { only.isEmpty && from.isEmpty && skip.isEmpty }

  /// The steps that are left out.
  ///
  /// - Throws: an error if a name matches no step, or nothing is left to run.
  package func passedOver(
    _ graph: Graph
  ) throws(CommandFailure) -> [NodeID: RunPolicy.PassOver] {
    var selection = StepSelection()
    selection.only = only.map(StepPattern.init)
    selection.from = from.map(StepPattern.init)
    selection.skip = skip.map(StepPattern.init)
    let result: [NodeID: RunPolicy.PassOver]
    do {
      result = try selection.passedOver(graph)
    } catch {
      throw StepNames(graph).none(error.pattern)
    }
    if !result.isEmpty, result.count == graph.stepCount {
      throw CommandFailure(
        message: "'--skip' leaves nothing to run",
        help: "'lockstep dry-run' with the same options shows what each of them leaves out"
      )
    }
    return result
  }
}
