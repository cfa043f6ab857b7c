extension Graph {
  /// Where the machine is asked whether some steps run: at each itself, or at the beginning of the
  /// innermost block around it that has a condition.
  ///
  /// - Parameter nodes: steps.
  /// - Returns: none of those that nothing is asked about.
  package func asked(for nodes: [NodeID]) -> [NodeID] {
    nodes.compactMap { node in
      if step(node)?.condition != nil { return node }
      var block = self[node].block
      while block != .none, template(block).condition == nil { block = self[block].parent }
      return block == .none ? nil : self[block].begin
    }
  }
}
