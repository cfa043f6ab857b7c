package import PlanGraph

/// When each node would begin and end at the earliest and at the latest, if every step succeeded at its
/// first attempt and took as long as is said: the longest path, and how much time there is beside it.
///
/// No limit is looked at. `finally` handlers are part of it, those of `on failure` are not.
package struct Schedule: Sendable {
  /// By node: when it ends at the earliest; for a block's begin, when the block begins.
  package let ends: [Duration]
  /// By node: when it ends at the latest without making the whole longer.
  package let latestEnds: [Duration]
  /// Of the whole.
  package let makespan: Duration
  /// The steps of a longest path that take any time, in order.
  package let criticalPath: [NodeID]
  private let durations: [Duration]
  /// By node: whether it is no part of it, being in an `on failure`.
  private let isLeftOut: [Bool]

  /// Computes it, in time linear in nodes and edges.
  ///
  /// - Parameters:
  ///   - graph: the graph.
  ///   - leftOut: steps that are passed over, and take no time.
  ///   - duration: how long a step takes.
  package init(
    _ graph: Graph,
    leavingOut leftOut: Set<NodeID> = [],
    _ duration: (NodeID) -> Duration
  ) {
    let order = SuccessOrder(graph)
    var durations = [Duration](repeating: .zero, count: graph.count)
    var ends = durations
    var via = [UInt32](repeating: .max, count: graph.count)
    var last: UInt32?
    for index in graph.nodes.indices where !order.isLeftOut[index] {
      let node = NodeID(UInt32(index))
      if let step = graph.step(node), step.skipReason == nil, !leftOut.contains(node),
        !order.isSkipped(node)
      {
        durations[index] = max(.zero, duration(node))
      }
      var begin = Duration.zero
      for before in order.predecessors(node) where ends[Int(before)] >= begin {
        (begin, via[index]) = (ends[Int(before)], before)
      }
      ends[index] = begin + durations[index]
      if last.map({ ends[Int($0)] <= ends[index] }) ?? true { last = UInt32(index) }
    }
    makespan = last.map { ends[Int($0)] } ?? .zero
    var latest = [Duration](repeating: makespan, count: graph.count)
    for index in graph.nodes.indices.reversed() where !order.isLeftOut[index] {
      let begin = latest[index] - durations[index]
      for before in order.predecessors(NodeID(UInt32(index))) where latest[Int(before)] > begin {
        latest[Int(before)] = begin
      }
    }
    var path: [NodeID] = []
    while let index = last, index != .max {
      if durations[Int(index)] > .zero { path.append(NodeID(index)) }
      last = via[Int(index)]
    }
    criticalPath = path.reversed()
    self.ends = ends
    latestEnds = latest
    self.durations = durations
    isLeftOut = order.isLeftOut
  }

  /// How long a step takes in it.
  package func duration(_ node: NodeID) -> Duration { durations[Int(node.index)] }

  /// When a step begins at the earliest.
  package func begin(_ node: NodeID) -> Duration {
    ends[Int(node.index)] - durations[Int(node.index)]
  }

  /// How much later a step may begin, or how much longer take, before the whole takes longer; nil for
  /// what is no part of it.
  package func slack(_ node: NodeID) -> Duration? {
    isLeftOut[Int(node.index)]
      ? nil : latestEnds[Int(node.index)] - ends[Int(node.index)]
  }
}

/// What each node waits for where nothing fails, `finally` handlers included.
struct SuccessOrder {
  private let graph: Graph
  /// By node: whether it is in an `on failure`, and so never entered.
  let isLeftOut: [Bool]
  /// By block, for handlers of `finally`: the one that runs before it.
  private var previous: [BlockID]
  /// By block: the last of its `finally` handlers.
  private var lastFinally: [BlockID]
  private var skipped: [Bool]

  init(_ graph: Graph) {
    self.graph = graph
    previous = Array(repeating: .none, count: graph.blocks.count)
    lastFinally = previous
    skipped = Array(repeating: false, count: graph.blocks.count)
    var blocksOut = skipped
    for (index, block) in graph.blocks.enumerated() {
      let template = graph.template(BlockID(UInt32(index)))
      blocksOut[index] = template.kind == .onFailure
      skipped[index] = template.skipReason != nil
      if block.parent != .none {
        blocksOut[index] = blocksOut[index] || blocksOut[Int(block.parent.index)]
        skipped[index] = skipped[index] || skipped[Int(block.parent.index)]
      }
      var handler = block.finally
      while handler != .none {
        previous[Int(handler.index)] = lastFinally[index]
        lastFinally[index] = handler
        handler = graph[handler].next
      }
    }
    isLeftOut = graph.nodes.map { $0.block != .none && blocksOut[Int($0.block.index)] }
  }

  /// Whether a block around it is skipped.
  func isSkipped(_ node: NodeID) -> Bool {
    let block = graph[node].block
    return block != .none && skipped[Int(block.index)]
  }

  /// What a node waits for.
  func predecessors(_ node: NodeID) -> ArraySlice<UInt32> {
    let entry = graph[node]
    switch entry.kind {
    case .blockBegin:
      let block = BlockID(entry.payload)
      guard graph.template(block).kind == .finally else { return graph.predecessors(node) }
      let before = previous[Int(block.index)]
      return before == .none
        ? graph.predecessors(graph[graph[block].parent].end) : [graph[before].end.index]
    case .blockEnd:
      let handler = lastFinally[Int(entry.payload)]
      return handler == .none ? graph.predecessors(node) : [graph[handler].end.index]
    case .step, .barrier, .join: return graph.predecessors(node)
    }
  }
}
