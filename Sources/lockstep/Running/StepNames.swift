import PlanGraph
import PlanLanguage

/// Steps as a command line names them.
struct StepNames {
  private let graph: Graph

  init(_ graph: Graph) { self.graph = graph }

  /// The one step that a text names.
  ///
  /// - Throws: that there is none, or more than one.
  func one(_ text: String) throws(UsageError) -> NodeID {
    let found = graph.steps(named: StepPattern(text))
    if found.isEmpty { throw none(text) }
    if found.count == 1 { return found[0] }
    let names = found.prefix(3).map { "'\(graph.name($0))'" }.joined(separator: ", ")
    throw UsageError(
      message: "'\(text)' names \(found.count) steps: \(names)"
        + (found.count > 3 ? " and \(found.count - 3) more" : ""),
      help: "give more of the name"
    )
  }

  /// That no step is named so, with the one that was perhaps meant.
  func none(_ text: String) -> UsageError {
    let names = graph.nodes.indices.filter { graph.nodes[$0].kind == .step }
      .map { graph.name(NodeID(UInt32($0))) }
    let parts = Set(
      names.flatMap { $0.split(whereSeparator: { ":/#".contains($0) }).map(String.init) }
    )
    let near = nearMiss(text, among: names) ?? nearMiss(text, among: parts.sorted())
    return UsageError(
      message: "no step is named '\(text)'",
      help: near.map { "did you mean '\($0)'?" } ?? "'lockstep dry-run' shows all steps"
    )
  }
}
