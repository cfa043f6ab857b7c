package import Execution
import PlanGraph

/// What a person says of steps of which nobody else can tell whether their work is done: `--assume`.
package struct Assumptions: Sendable {
  private let said: [(step: String, assumption: Assumption)]

  /// Takes what is said.
  package init(_ said: [(step: String, assumption: Assumption)] = []) { self.said = said }

  /// Finds out what is said of which step.
  ///
  /// A name says it of one step, a pattern with `*` or `?` of all that it fits.
  ///
  /// - Parameters:
  ///   - doubtful: the steps of which something can be said.
  ///   - graph: which they belong to.
  /// - Returns: the steps, ascending, and what is said of them.
  /// - Throws: where a name is nobody's, several steps', or that of a step of which there is no doubt.
  func resolved(
    among doubtful: Set<NodeID>,
    _ graph: Graph
  ) throws(CommandFailure) -> [(node: NodeID, assumption: Assumption)] {
    var result: [NodeID: Assumption] = [:]
    for (text, assumption) in said {
      for node in try nodes(text, doubtful, graph) {
        if let earlier = result.updateValue(assumption, forKey: node), earlier != assumption {
          throw CommandFailure(
            message: "'\(graph.name(node))' is assumed to be both done and to be run again",
            help: "look at what it did, and give one of the two"
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
        message: "nothing has to be assumed of \(whom)",
        help: "'lockstep resume --explain' says why each step runs or does not"
      )
    }
    if open.count > 1, !pattern.isWild { throw names.ambiguous(text, open) }
    return open
  }
}
