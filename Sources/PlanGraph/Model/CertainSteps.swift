extension Graph {
  /// Which steps certainly run, and whose failures count, if everything before them succeeds.
  package var certainSteps: Table<NodeID, Bool> {
    let steps = steps.mapValues {
      $0.skipReason == nil && !$0.isOptional && $0.condition == nil
    }
    let templates = blockTemplates.mapValues {
      $0.skipReason == nil && !$0.isOptional && $0.condition == nil && $0.kind != .onFailure
    }
    var certain: Table<BlockID, Bool> = []
    certain.reserveCapacity(blocks.count)
    for block in blocks {
      // A block comes before what is inside it.
      let isInCertain = block.parent == .none || certain[block.parent]
      certain.append(isInCertain && templates[block.template])
    }
    return nodes.mapValues { node in
      node.kind == .step && steps[node.template] && (node.block == .none || certain[node.block])
    }
  }
}
