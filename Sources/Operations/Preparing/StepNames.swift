package import PlanGraph

/// Steps as a command line names them.
package struct StepNames {
  private let graph: Graph

  package init(_ graph: Graph) { self.graph = graph }

  /// That more than one step is named so.
  package func ambiguous(_ text: String, _ found: [NodeID]) -> CommandFailure {
    let names = found.prefix(3).map { "'\(graph.name($0))'" }.joined(separator: ", ")
    return CommandFailure(
      message: "'\(text)' names \(found.count) steps: \(names)"
        + (found.count > 3 ? " and \(found.count - 3) more" : ""),
      help: "give more of the name, or a pattern with '*' for all of them"
    )
  }

  /// That no step is named so, with the one that was perhaps meant.
  package func none(_ text: String) -> CommandFailure {
    let near = graph.nearestStepName(to: text)
    return CommandFailure(
      message: "no step is named '\(text)'",
      help: near.map { "did you mean '\($0)'?" } ?? "'lockstep dry-run' shows all steps"
    )
  }
}
