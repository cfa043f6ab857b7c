extension Graph {
  /// The nodes at which the machine is asked whether some steps run: each step itself, or the begin
  /// of the innermost block around it that has a condition.
  ///
  /// - Parameter nodes: steps.
  /// - Returns: the nodes, without steps that nothing is asked about.
  package func asked(for nodes: [NodeID]) -> [NodeID] {
    nodes.compactMap { node in
      if step(node)?.condition != nil { return node }
      return blocks(around: node).first { template($0).condition != nil }.map { self[$0].begin }
    }
  }
}
