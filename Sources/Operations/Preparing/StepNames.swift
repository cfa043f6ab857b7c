package import PlanGraph

/// Resolves the names of steps on a command line.
package struct StepNames {
  private let graph: Graph

  package init(_ graph: Graph) { self.graph = graph }

  /// The failure that a name matches more than one step.
  package func ambiguous(_ text: String, _ found: [NodeID]) -> CommandFailure {
    let names = found.prefix(3).map { "'\(graph.name($0))'" }.joined(separator: ", ")
    return CommandFailure(
      message: "'\(text)' names \(found.count) steps: \(names)"
        + (found.count > 3 ? " and \(found.count - 3) more" : ""),
      help: "give more of the name, or a pattern with '*' for all of them"
    )
  }

  /// The failure that no step has this name, with the one that was perhaps meant.
  package func none(_ text: String) -> CommandFailure {
    let near = graph.nearestStepName(to: text)
    return CommandFailure(
      message: "no step is named '\(text)'",
      help: near.map { "did you mean '\($0)'?" } ?? "'lockstep dry-run' shows all steps"
    )
  }
}
