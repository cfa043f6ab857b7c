package import PlanGraph

/// When each node would begin and end at the earliest and at the latest, if every step succeeded at its
/// first attempt and took as long as is said: the longest path, and how much time there is beside it.
///
/// Where limits or `--parallel` may hold something up the run itself is rehearsed, so that what waits
/// for a slot begins when it would; it is then taken to wait for whatever gave it the slot. Every
/// condition is taken to hold. `finally` handlers are part of it, those of `on failure` are not.
package struct Schedule: Sendable {
  /// By node: when it ends at the earliest; for a block's begin, when the block begins.
  package let ends: [Duration]
  /// By step: how long it waits for a slot, where it does.
  package let waits: [NodeID: Duration]
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
  ///   - parallel: how many steps are under way at once; nil where no limit is to be looked at.
  ///   - duration: how long a step takes.
  package init(
    _ graph: Graph,
    leavingOut leftOut: Set<NodeID> = [],
    parallel: Int? = nil,
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
    }
    let starts = parallel.map { SlotStarts(graph, durations, leftOut, parallel: $0) }
    var waits: [NodeID: Duration] = [:]
    var givers: [UInt32: UInt32] = [:]
    for index in graph.nodes.indices where !order.isLeftOut[index] {
      let node = NodeID(UInt32(index))
      var begin = Duration.zero
      for before in order.predecessors(node) where ends[Int(before)] >= begin {
        (begin, via[index]) = (ends[Int(before)], before)
      }
      if let start = starts?.starts[node], start.moment > begin {
        waits[node] = start.moment - begin
        begin = start.moment
        if let giver = start.giver {
          via[index] = giver.index
          givers[UInt32(index)] = giver.index
        }
      }
      ends[index] = begin + durations[index]
      if last.map({ ends[Int($0)] <= ends[index] }) ?? true { last = UInt32(index) }
    }
    makespan = last.map { ends[Int($0)] } ?? .zero
    latestEnds = Self.latestEnds(order, durations, givers, makespan)
    var path: [NodeID] = []
    while let index = last, index != .max {
      if durations[Int(index)] > .zero { path.append(NodeID(index)) }
      last = via[Int(index)]
    }
    criticalPath = path.reversed()
    self.ends = ends
    self.waits = waits
    self.durations = durations
    isLeftOut = order.isLeftOut
  }

  /// From the end back: what comes after a node, by the plan or by its slot, may not begin later.
  private static func latestEnds(
    _ order: SuccessOrder,
    _ durations: [Duration],
    _ givers: [UInt32: UInt32],
    _ makespan: Duration
  ) -> [Duration] {
    var latest = [Duration](repeating: makespan, count: durations.count)
    // A slot may come from a larger number: those with nothing open behind them go first.
    var open = [UInt32](repeating: 0, count: durations.count)
    func forEachBefore(_ index: Int, _ body: (Int) -> Void) {
      for before in order.predecessors(NodeID(UInt32(index))) { body(Int(before)) }
      if let giver = givers[UInt32(index)] { body(Int(giver)) }
    }
    let nodes = durations.indices.filter { !order.isLeftOut[$0] }
    for index in nodes { forEachBefore(index) { open[$0] += 1 } }
    var ready = nodes.filter { open[$0] == 0 }
    while let index = ready.popLast() {
      let begin = latest[index] - durations[index]
      forEachBefore(index) { before in
        latest[before] = min(latest[before], begin)
        open[before] -= 1
        if open[before] == 0 { ready.append(before) }
      }
    }
    return latest
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
