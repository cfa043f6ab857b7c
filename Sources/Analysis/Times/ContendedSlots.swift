import PlanGraph

/// Of which slots there may be fewer than are wanted at one time.
///
/// Where this says that there are enough, there are: it counts who may hold one, and for `--parallel`
/// and limits of steps covers them by chains, of which never two links are under way at once.
struct ContendedSlots {
  /// `--parallel`, where it may hold something up.
  private(set) var parallel: Int?
  /// Limits over the whole run that may.
  private(set) var limits: [(limit: LimitID, capacity: Int)] = []
  /// The slots of a block, where they may; else nil.
  private(set) var blocks: Table<BlockID, Int?>
  /// Whether only steps hold what may be too little.
  private(set) var areOfStepsAlone: Bool

  /// Chains are looked for in graphs with so many limits at most; more only make the bound wider.
  private static let mostCovers = 100

  init(_ graph: Graph, _ work: StepWork, parallel most: Int) {
    let steps = work.mayRun.count { $0 }
    if steps > most, Self.chains(graph, { work.mayRun[$0] }) > most { parallel = most }
    var holders = Table<LimitID, Int>(repeating: 0, count: graph.limits.count)
    var children = Table<BlockID, Int>(repeating: 0, count: graph.blocks.count)
    var isHeldByBlock = Table<LimitID, Bool>(repeating: false, count: graph.limits.count)
    for (node, mayRun) in zip(graph.nodes, work.mayRun) where mayRun {
      let step = graph.steps[node.template]
      for limit in step.limits { holders[limit] += 1 }
      if step.takesBlockSlot, node.block != .none { children[node.block] += 1 }
    }
    for block in graph.blocks {
      let template = graph.blockTemplates[block.template]
      for limit in template.limits {
        holders[limit] += 1
        isHeldByBlock[limit] = true
      }
      if template.takesBlockSlot, block.parent != .none { children[block.parent] += 1 }
    }
    blocks = Table(
      graph.blocks.indices.map { block in
        graph.template(block).slots.flatMap { children[block] > $0 ? $0 : nil }
      }
    )
    areOfStepsAlone = blocks.allSatisfy { $0 == nil }
    var covers = 0
    for (limit, capacity) in zip(graph.limits.indices, graph.limits)
    where holders[limit] > capacity {
      if !isHeldByBlock[limit], covers < Self.mostCovers {
        covers += 1
        let width = Self.chains(graph) { node in
          work.mayRun[node] && graph.steps[graph[node].template].limits.contains(limit)
        }
        if width <= capacity { continue }
      }
      limits.append((limit, capacity))
      areOfStepsAlone = areOfStepsAlone && !isHeldByBlock[limit]
    }
  }

  /// Whether nothing over the whole run may hold anything up.
  var isFree: Bool { parallel == nil && limits.isEmpty }

  /// Whether a step takes a slot of a limit.
  func holds(_ node: NodeID, _ limit: LimitID, _ graph: Graph) -> Bool {
    graph[node].kind == .step && graph.steps[graph[node].template].limits.contains(limit)
  }

  /// Of the time of a step, what is not counted by the slots that it holds meanwhile.
  func unshared(_ time: TimeBound, _ node: NodeID, _ graph: Graph) -> TimeBound {
    var left = time
    for (limit, capacity) in limits where holds(node, limit, graph) {
      left = left.less(time.less(time.less(oneIn: capacity)))
    }
    return left
  }

  /// All that may hold something up.
  func all(_ graph: Graph) -> [WorstCase.Contended] {
    (parallel.map { [.parallel($0)] } ?? []) + limits.map { .limit($0.limit, $0.capacity) }
      + zip(graph.blocks, blocks).compactMap { block, slots in
        slots.map { .slots(block.template, $0) }
      }
  }

  /// How many chains are enough for all steps that are meant: an upper bound of how many of them can be
  /// under way at once.
  ///
  /// Each node hands the chains that reach it to its successors, one to each that has none yet and
  /// the rest to the last; a step that none has reached begins one.
  private static func chains(_ graph: Graph, _ isMeant: (NodeID) -> Bool) -> Int {
    var reaching = Table<NodeID, Int>(repeating: 0, count: graph.count)
    var atEnd = Table<BlockID, Int>(repeating: 0, count: graph.blocks.count)
    var begun = 0
    for id in graph.nodes.indices {
      let node = graph[id]
      if node.kind == .blockBegin {
        let parent = graph[node.block].parent
        let kind = graph.template(node.block).kind
        // A handler begins when all that is in the block has ended.
        if kind.isHandler, parent != .none {
          reaching[id] += atEnd[parent]
          atEnd[parent] = 0
        }
      } else if node.kind == .blockEnd {
        reaching[id] += atEnd[node.block]
      }
      if node.kind == .step, reaching[id] == 0, isMeant(id) {
        reaching[id] = 1
        begun += 1
      }
      var count = reaching[id]
      if node.kind == .blockEnd, node.block != .none {
        let block = graph[node.block]
        let kind = graph.template(node.block).kind
        if kind.isHandler, block.parent != .none {
          atEnd[block.parent] += count
          continue
        }
      }
      let successors = graph.successors(id)
      for (place, next) in successors.enumerated() where count > 0 {
        let isEnd = graph[next].kind == .blockEnd
        let isLast = place == successors.count - 1
        let given = isLast ? count : isEnd || reaching[next] == 0 ? 1 : 0
        if isEnd {
          atEnd[graph[next].block] += given
        } else {
          reaching[next] += given
        }
        count -= given
      }
    }
    return begun
  }
}
