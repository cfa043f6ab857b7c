package import Execution
package import PlanGraph

/// The steps that somebody leaves out of a run, by names and patterns.
package struct RunSelection: Sendable {
  /// Only these; all where there are none.
  package var only: [String]
  /// Only these and what waits for them; all where there are none.
  package var from: [String]
  /// All but these.
  package var skip: [String]

  /// Chooses steps.
  package init(only: [String] = [], from: [String] = [], skip: [String] = []) {
    self.only = only
    self.from = from
    self.skip = skip
  }

  /// Whether nobody chooses anything.
  var isEmpty: Bool { only.isEmpty && from.isEmpty && skip.isEmpty }

  /// The steps that are left out.
  ///
  /// - Throws: where a name is nobody's, or nothing is left to run.
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
