/// A graph as text, one line for each node: number, kind, name, block, and what it waits for.
package func describeGraph(_ graph: Graph) -> String {
  var text = "plan \(graph.planName): \(graph.count) nodes, \(graph.predecessorList.count) edges\n"
  for node in graph.nodes.indices {
    let entry = graph[node]
    let block = entry.block == .none ? "" : " in block \(entry.block.index)"
    let before = graph.predecessors(node).map { String($0.index) }.joined(separator: " ")
    text += "\(node.index) \(word(entry.kind)) \(graph.name(node))\(block)"
    text += before.isEmpty ? "\n" : " <- \(before)\n"
  }
  return text
}

private func word(_ kind: NodeKind) -> String {
  switch kind {
  case .step: "step"
  case .barrier: "barrier"
  case .join: "join"
  case .blockBegin: "begin"
  case .blockEnd: "end"
  }
}
