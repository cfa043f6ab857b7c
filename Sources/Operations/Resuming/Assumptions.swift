package import Execution
import PlanGraph

/// A person's decisions about steps in doubt, whether their work is done: `--assume`.
package struct Assumptions: Sendable {
  private let said: [(step: String, assumption: Assumption)]

  /// Makes the decisions.
  package init(_ said: [(step: String, assumption: Assumption)] = []) { self.said = said }

  /// Resolves which decision applies to which step.
  ///
  /// A name decides about one step, a pattern with `*` or `?` about all matching steps.
  ///
  /// - Parameters:
  ///   - doubtful: the steps that need a decision.
  ///   - graph: their graph.
  /// - Returns: the steps, ascending, and their decisions.
  /// - Throws: an error if a name matches no step, several steps, or a step that is not in doubt.
  func resolved(
    among doubtful: Set<NodeID>,
    _ graph: Graph
  ) throws(CommandFailure) -> [(node: NodeID, assumption: Assumption)] {
    var result: [NodeID: Assumption] = [:]
    for (text, assumption) in said {
      for node in try nodes(text, doubtful, graph) {
        if let earlier = result.updateValue(assumption, forKey: node), earlier != assumption {
          throw CommandFailure(
            message: "'\(graph.name(node))' is assumed both to be done and to need another run",
            help: "check what it did, and give one of the two"
          )
        }
      }
    }
    return result.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private func nodes(
    _ text: String,
    _ doubtful: Set<NodeID>,
    _ graph: Graph
  ) throws(CommandFailure) -> [NodeID] {
    let pattern = StepPattern(text)
    let names = StepNames(graph)
    let found = graph.steps(named: pattern)
    guard let first = found.first else { throw names.none(text) }
    let open = found.filter(doubtful.contains)
    if open.isEmpty {
      let whom =
        found.count == 1
        ? "'\(graph.name(first))'" : "any of the \(found.count) steps named '\(text)'"
      throw CommandFailure(
        message: "nothing has to be assumed about \(whom)",
        help: "'lockstep resume --explain' says why each step runs or does not"
      )
    }
    if open.count > 1, !pattern.isWild { throw names.ambiguous(text, open) }
    return open
  }
}
