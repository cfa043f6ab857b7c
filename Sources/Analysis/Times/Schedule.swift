package import PlanGraph

/// When each node begins and ends at the earliest and at the latest, if every step succeeds at its
/// first attempt and takes the given time.
///
/// It has the longest path and the slack beside it.
///
/// If limits or `--parallel` may delay something, the run itself is rehearsed, so that what waits
/// for a slot begins at the right time. It then counts as waiting for the step that gave it the
/// slot. Every condition counts as true. `finally` handlers are included, `on failure` handlers are
/// not.
package struct Schedule: Sendable {
  /// When a node ends at the earliest; for a block's begin, when the block begins.
  package let ends: Table<NodeID, Duration>
  /// How long a step waits for a slot, if it does.
  package let waits: [NodeID: Duration]
  /// When a node ends at the latest without delaying the end of the whole.
  package let latestEnds: Table<NodeID, Duration>
  /// The time of the whole.
  package let makespan: Duration
  /// The steps of a longest path, in order, without those that take no time.
  package let criticalPath: [NodeID]
  private let durations: Table<NodeID, Duration>
  /// Whether a node is left out because it is in an `on failure`.
  private let isLeftOut: Table<NodeID, Bool>

  /// Computes it, in time linear in nodes and edges.
  ///
  /// - Parameters:
  ///   - graph: the graph.
  ///   - leftOut: steps that are skipped and take no time.
  ///   - parallel: how many steps are under way at once; nil to ignore all limits.
  ///   - duration: how long a step takes.
  package init(
    _ graph: Graph,
    leavingOut leftOut: Set<NodeID> = [],
    parallel: Int? = nil,
    _ duration: (NodeID) -> Duration
  ) {
    let order = SuccessOrder(graph)
    var durations = Table<NodeID, Duration>(repeating: .zero, count: graph.count)
    var ends = durations
    var via = Table<NodeID, NodeID?>(repeating: nil, count: graph.count)
    var last: NodeID?
    for node in graph.nodes.indices where !order.isLeftOut[node] {
      if let step = graph.step(node), step.skipReason == nil, !leftOut.contains(node),
        !order.isSkipped(node)
      {
        durations[node] = max(.zero, duration(node))
      }
    }
    let starts = parallel.map { SlotStarts(graph, durations, leftOut, parallel: $0) }
    var waits: [NodeID: Duration] = [:]
    var givers: [NodeID: NodeID] = [:]
    for node in graph.nodes.indices where !order.isLeftOut[node] {
      var begin = Duration.zero
      for before in order.predecessors(node) where ends[before] >= begin {
        (begin, via[node]) = (ends[before], before)
      }
      if let start = starts?.starts[node], start.moment > begin {
        waits[node] = start.moment - begin
        begin = start.moment
        if let giver = start.giver {
          via[node] = giver
          givers[node] = giver
        }
      }
      ends[node] = begin + durations[node]
      if last.map({ ends[$0] <= ends[node] }) ?? true { last = node }
    }
    makespan = last.map { ends[$0] } ?? .zero
    latestEnds = Self.latestEnds(order, durations, givers, makespan)
    var path: [NodeID] = []
    while let node = last {
      if durations[node] > .zero { path.append(node) }
      last = via[node]
    }
    criticalPath = path.reversed()
    self.ends = ends
    self.waits = waits
    self.durations = durations
    isLeftOut = order.isLeftOut
  }

  /// From the end back: whatever waits for a node, by the plan or for its slot, must not begin
  /// later.
  private static func latestEnds(
    _ order: SuccessOrder,
    _ durations: Table<NodeID, Duration>,
    _ givers: [NodeID: NodeID],
    _ makespan: Duration
  ) -> Table<NodeID, Duration> {
    var latest = Table<NodeID, Duration>(repeating: makespan, count: durations.count)
    // A slot may come from a node with a larger number, so nodes with nothing open behind them go
    // first.
    var open = Table<NodeID, UInt32>(repeating: 0, count: durations.count)
    func forEachBefore(_ node: NodeID, _ body: (NodeID) -> Void) {
      for before in order.predecessors(node) { body(before) }
      if let giver = givers[node] { body(giver) }
    }
    let nodes = durations.indices.filter { !order.isLeftOut[$0] }
    for node in nodes { forEachBefore(node) { open[$0] += 1 } }
    var ready = nodes.filter { open[$0] == 0 }
    while let node = ready.popLast() {
      let begin = latest[node] - durations[node]
      forEachBefore(node) { before in
        latest[before] = min(latest[before], begin)
        open[before] -= 1
        if open[before] == 0 { ready.append(before) }
      }
    }
    return latest
  }

  /// How long a step takes.
  package func duration(_ node: NodeID) -> Duration { durations[node] }

  /// When a step begins at the earliest.
  package func begin(_ node: NodeID) -> Duration {
    ends[node] - durations[node]
  }

  /// How much later a step may begin, or how much longer it may take, before the whole takes
  /// longer; nil for a node that is left out.
  package func slack(_ node: NodeID) -> Duration? {
    isLeftOut[node] ? nil : latestEnds[node] - ends[node]
  }
}

/// What each node waits for if nothing fails, including `finally` handlers.
struct SuccessOrder {
  private let graph: Graph
  /// Whether a node is in an `on failure`, and so never entered.
  let isLeftOut: Table<NodeID, Bool>
  /// For a `finally` handler: the handler that runs before it.
  private var previous: Table<BlockID, BlockID>
  /// The last of a block's `finally` handlers.
  private var lastFinally: Table<BlockID, BlockID>
  private var skipped: Table<BlockID, Bool>

  init(_ graph: Graph) {
    self.graph = graph
    previous = Table(repeating: .none, count: graph.blocks.count)
    lastFinally = previous
    skipped = Table(repeating: false, count: graph.blocks.count)
    var blocksOut = skipped
    for block in graph.blocks.indices {
      let (template, parent) = (graph.template(block), graph[block].parent)
      blocksOut[block] = template.kind == .onFailure
      skipped[block] = template.skipReason != nil
      if parent != .none {
        blocksOut[block] = blocksOut[block] || blocksOut[parent]
        skipped[block] = skipped[block] || skipped[parent]
      }
      for handler in graph.handlers(from: graph[block].finally) {
        previous[handler] = lastFinally[block]
        lastFinally[block] = handler
      }
    }
    isLeftOut = graph.nodes.mapValues { $0.block != .none && blocksOut[$0.block] }
  }

  /// Whether a block around it is skipped.
  func isSkipped(_ node: NodeID) -> Bool {
    let block = graph[node].block
    return block != .none && skipped[block]
  }

  /// What a node waits for.
  func predecessors(_ node: NodeID) -> ArraySlice<NodeID> {
    let entry = graph[node]
    switch entry.kind {
    case .blockBegin:
      let block = entry.block
      guard graph.template(block).kind == .finally else { return graph.predecessors(node) }
      let before = previous[block]
      return before == .none
        ? graph.predecessors(graph[graph[block].parent].end) : [graph[before].end]
    case .blockEnd:
      let handler = lastFinally[entry.block]
      return handler == .none ? graph.predecessors(node) : [graph[handler].end]
    case .step, .barrier, .join: return graph.predecessors(node)
    }
  }
}
