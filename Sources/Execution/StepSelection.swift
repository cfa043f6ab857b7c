package import PlanGraph

/// Which steps of a plan a command line selects.
package struct StepSelection: Sendable {
  /// Only these; empty for all.
  package var only: [StepPattern] = []
  /// These and everything that waits for them; empty for all.
  package var from: [StepPattern] = []
  /// All except these.
  package var skip: [StepPattern] = []

  /// The error for a pattern that matches no step.
  package struct NoSuchStep: Error, Hashable {
    package var pattern: String
  }

  /// Selects everything.
  package init() {}

  /// Whether it selects all steps.
  package var isAll: Bool { only.isEmpty && from.isEmpty && skip.isEmpty }

  /// The steps that are left out.
  ///
  /// Steps of a handler are selected with any step of its block, unless they are skipped
  /// themselves.
  ///
  /// - Throws: if a pattern matches nothing.
  package func passedOver(
    _ graph: Graph
  ) throws(NoSuchStep) -> [NodeID: RunPolicy.PassOver] {
    if isAll { return [:] }
    var chosen = Table<NodeID, Bool>(repeating: only.isEmpty && from.isEmpty, count: graph.count)
    for pattern in only {
      for node in try named(pattern, graph) { chosen[node] = true }
    }
    var reached = Table<NodeID, Bool>(repeating: false, count: graph.count)
    for pattern in from {
      for node in try named(pattern, graph) { reach(from: node, graph, &reached) }
    }
    for node in chosen.indices where reached[node] { chosen[node] = true }
    chooseHandlers(graph, &chosen)
    for pattern in skip {
      for node in try named(pattern, graph) { chosen[node] = false }
    }
    var result: [NodeID: RunPolicy.PassOver] = [:]
    for node in graph.nodes.indices where graph[node].kind == .step && !chosen[node] {
      result[node] = .notChosen
    }
    return result
  }

  private func named(
    _ pattern: StepPattern,
    _ graph: Graph
  ) throws(NoSuchStep) -> [NodeID] {
    let found = graph.steps(named: pattern)
    if found.isEmpty { throw NoSuchStep(pattern: pattern.text) }
    return found
  }

  private func reach(from node: NodeID, _ graph: Graph, _ reached: inout Table<NodeID, Bool>) {
    var stack = [node]
    while let next = stack.popLast() {
      if reached[next] { continue }
      reached[next] = true
      stack += graph.successors(next)
    }
  }

  /// A handler's nodes come after the body of its block, so one pass over the blocks is enough.
  private func chooseHandlers(_ graph: Graph, _ chosen: inout Table<NodeID, Bool>) {
    for block in graph.blocks {
      for first in [block.onFailure, block.finally] {
        for handler in graph.handlers(from: first) {
          let range = graph[handler].begin...graph[handler].end
          let body = block.begin..<range.lowerBound
          if body.contains(where: { chosen[$0] && graph[$0].kind == .step }) {
            for inside in range { chosen[inside] = true }
          }
        }
      }
    }
  }
}
