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
  /// By block: its slots, where they may; else nil.
  private(set) var blocks: [Int?]
  /// Whether only steps hold what may be too little.
  private(set) var areOfStepsAlone: Bool

  /// Chains are looked for in graphs with so many limits at most; more only make the bound wider.
  private static let mostCovers = 100

  init(_ graph: Graph, _ work: StepWork, parallel most: Int) {
    let steps = work.mayRun.count { $0 }
    if steps > most, Self.chains(graph, { work.mayRun[$0] }) > most { parallel = most }
    var holders = [Int](repeating: 0, count: graph.limits.count)
    var children = [Int](repeating: 0, count: graph.blocks.count)
    var isHeldByBlock = [Bool](repeating: false, count: graph.limits.count)
    for index in graph.nodes.indices where work.mayRun[index] {
      let node = graph.nodes[index]
      let step = graph.steps[Int(node.payload)]
      for limit in step.limits { holders[Int(limit.index)] += 1 }
      if step.takesBlockSlot, node.block != .none { children[Int(node.block.index)] += 1 }
    }
    for block in graph.blocks {
      let template = graph.blockTemplates[Int(block.template.index)]
      for limit in template.limits {
        holders[Int(limit.index)] += 1
        isHeldByBlock[Int(limit.index)] = true
      }
      if template.takesBlockSlot, block.parent != .none { children[Int(block.parent.index)] += 1 }
    }
    blocks = graph.blocks.indices.map { index in
      let slots = graph.blockTemplates[Int(graph.blocks[index].template.index)].slots
      return slots.flatMap { children[index] > $0 ? $0 : nil }
    }
    areOfStepsAlone = blocks.allSatisfy { $0 == nil }
    var covers = 0
    for (index, capacity) in graph.limits.enumerated() where holders[index] > capacity {
      let limit = LimitID(UInt32(index))
      if !isHeldByBlock[index], covers < Self.mostCovers {
        covers += 1
        let width = Self.chains(graph) { node in
          work.mayRun[node] && graph.steps[Int(graph.nodes[node].payload)].limits.contains(limit)
        }
        if width <= capacity { continue }
      }
      limits.append((limit, capacity))
      areOfStepsAlone = areOfStepsAlone && !isHeldByBlock[index]
    }
  }

  /// Whether nothing over the whole run may hold anything up.
  var isFree: Bool { parallel == nil && limits.isEmpty }

  /// Whether a step takes a slot of a limit.
  func holds(_ node: Int, _ limit: LimitID, _ graph: Graph) -> Bool {
    graph.nodes[node].kind == .step
      && graph.steps[Int(graph.nodes[node].payload)].limits.contains(limit)
  }

  /// Of the time of a step, what is not counted by the slots that it holds meanwhile.
  func unshared(_ time: TimeBound, _ node: Int, _ graph: Graph) -> TimeBound {
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
  private static func chains(_ graph: Graph, _ isMeant: (Int) -> Bool) -> Int {
    var reaching = [Int](repeating: 0, count: graph.count)
    var atEnd = [Int](repeating: 0, count: graph.blocks.count)
    var begun = 0
    for index in graph.nodes.indices {
      let node = graph.nodes[index]
      if node.kind == .blockBegin {
        let parent = graph.blocks[Int(node.payload)].parent
        let kind = graph.template(BlockID(node.payload)).kind
        // A handler begins when all that is in the block has ended.
        if kind == .onFailure || kind == .finally, parent != .none {
          reaching[index] += atEnd[Int(parent.index)]
          atEnd[Int(parent.index)] = 0
        }
      } else if node.kind == .blockEnd {
        reaching[index] += atEnd[Int(node.payload)]
      }
      if node.kind == .step, reaching[index] == 0, isMeant(index) {
        reaching[index] = 1
        begun += 1
      }
      var count = reaching[index]
      if node.kind == .blockEnd, node.block != .none {
        let block = graph.blocks[Int(node.payload)]
        let kind = graph.template(BlockID(node.payload)).kind
        if kind == .onFailure || kind == .finally, block.parent != .none {
          atEnd[Int(block.parent.index)] += count
          continue
        }
      }
      let successors = graph.successors(NodeID(UInt32(index)))
      for (place, next) in successors.enumerated() where count > 0 {
        let isEnd = graph.nodes[Int(next)].kind == .blockEnd
        let isLast = place == successors.count - 1
        let given = isLast ? count : isEnd || reaching[Int(next)] == 0 ? 1 : 0
        if isEnd {
          atEnd[Int(graph.nodes[Int(next)].payload)] += given
        } else {
          reaching[Int(next)] += given
        }
        count -= given
      }
    }
    return begun
  }
}
