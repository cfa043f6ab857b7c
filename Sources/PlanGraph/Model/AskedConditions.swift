extension Graph {
  /// Where the machine is asked whether some steps run: at each itself, or at the beginning of the
  /// innermost block around it that has a condition.
  ///
  /// - Parameter nodes: steps.
  /// - Returns: none of those that nothing is asked about.
  package func asked(for nodes: [NodeID]) -> [NodeID] {
    nodes.compactMap { node in
      if step(node)?.condition != nil { return node }
      return blocks(around: node).first { template($0).condition != nil }.map { self[$0].begin }
    }
  }
}
