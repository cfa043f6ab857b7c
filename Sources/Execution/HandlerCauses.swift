import PlanGraph

extension Run {
  /// Why the innermost handler around a step runs; nil for a step outside of handlers.
  func cause(of node: NodeID) -> HandlerCause? {
    let block = graph[node].block
    guard block != .none else { return nil }
    let handler = blockStates[block].handler
    guard handler != .none else { return nil }
    return cause(of: handler)
  }

  private func cause(of handler: BlockID) -> HandlerCause {
    let owner = graph[handler].parent
    let state = blockStates[owner]
    let nodes = graph[owner].begin..<graph[handler].begin
    var failed: [NodeID] = []
    var stopped: [NodeID] = []
    for (node, failure) in failures(in: nodes) where !self[node].isPassed {
      if failure == .cancelled { stopped.append(node) } else { failed.append(node) }
    }
    let steps = (failed.isEmpty ? stopped : failed).sorted()
    let failure = state.failure ?? state.handlerFailure
    return HandlerCause(
      steps: Array(steps.prefix(HandlerCause.most)),
      others: max(0, steps.count - HandlerCause.most),
      ending: failure.map { .failed($0) } ?? .succeeded
    )
  }

  /// The failures of steps in a range.
  ///
  /// Searches the range or the failures, whichever is shorter.
  private func failures(in nodes: Range<NodeID>) -> [(NodeID, StepFailure)] {
    if nodes.count < failures.count {
      return nodes.compactMap { node in failures[node].map { (node, $0) } }
    }
    return failures.filter { nodes.contains($0.key) }.map { ($0.key, $0.value) }
  }
}
