import PlanGraph

/// The slots of which there may be too few at one time.
///
/// If this says that there are enough, there are. It counts everything that may hold a slot. For
/// `--parallel` and for limits of steps it covers the steps with chains: never two steps of a chain
/// are under way at once.
struct ContendedSlots {
  /// `--parallel`, if it may delay something.
  private(set) var parallel: Int?
  /// Limits over the whole run that may delay something.
  private(set) var limits: [(limit: LimitID, capacity: Int)] = []
  /// The slots of a block if they may delay something; otherwise nil.
  private(set) var blocks: Table<BlockID, Int?>
  /// Whether only steps, and no blocks, hold the slots of which there may be too few.
  private(set) var areOfStepsAlone: Bool

  /// The largest number of limits for which chains are looked for.
  ///
  /// Beyond it, the bound is only less tight.
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

  /// Whether no limit over the whole run may delay anything.
  var isFree: Bool { parallel == nil && limits.isEmpty }

  /// Whether a step takes a slot of a limit.
  func holds(_ node: NodeID, _ limit: LimitID, _ graph: Graph) -> Bool {
    graph[node].kind == .step && graph.steps[graph[node].template].limits.contains(limit)
  }

  /// The part of a step's time that is not counted by the slots it holds meanwhile.
  func unshared(_ time: TimeBound, _ node: NodeID, _ graph: Graph) -> TimeBound {
    var left = time
    for (limit, capacity) in limits where holds(node, limit, graph) {
      left = left.less(time.less(time.less(oneIn: capacity)))
    }
    return left
  }

  /// Everything that may delay something.
  func all(_ graph: Graph) -> [WorstCase.Contended] {
    (parallel.map { [.parallel($0)] } ?? []) + limits.map { .limit($0.limit, $0.capacity) }
      + zip(graph.blocks, blocks).compactMap { block, slots in
        slots.map { .slots(block.template, $0) }
      }
  }

  /// How many chains cover all of the given steps.
  ///
  /// This is an upper bound of how many of them can be under way at once.
  ///
  /// Each node passes on the chains that reach it: one to each successor that has none yet, and the
  /// rest to the last. A step that no chain has reached begins one.
  private static func chains(_ graph: Graph, _ isMeant: (NodeID) -> Bool) -> Int {
    var reaching = Table<NodeID, Int>(repeating: 0, count: graph.count)
    var atEnd = Table<BlockID, Int>(repeating: 0, count: graph.blocks.count)
    var begun = 0
    for id in graph.nodes.indices {
      let node = graph[id]
      if node.kind == .blockBegin {
        let parent = graph[node.block].parent
        let kind = graph.template(node.block).kind
        // A handler begins when everything in the block has ended.
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
