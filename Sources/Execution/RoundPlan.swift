import PlanGraph

/// What a resumed run does with each block, and which steps that have passed it asks again.
struct RoundPlan {
  private var frozen: [Bool]
  private var restarted: [Bool]
  private var shut: [Bool] = []
  /// What is asked again.
  private(set) var renewal: Renewal

  /// Plans the round of a run.
  init(_ run: Run, _ lapse: Lapse) {
    frozen = []
    restarted = []
    renewal = Renewal(run.graph, [], begun: [], .nothing)
    findBlocks(run)
    if lapse == .nothing { return }
    renewal = Renewal(run.graph, standings(run), begun: run.hasBegun, lapse)
    if !renewal.isEmpty { findBlocks(run) }
    shut = run.graph.blocks.indices.map {
      frozen[$0] && renewal.isBetween(run.graph.blocks[$0].end)
    }
  }

  private mutating func findBlocks(_ run: Run) {
    let (blocks, states, blockStates) = (run.graph.blocks, run.states, run.blockStates)
    let templates = run.graph.blockTemplates
    frozen = Array(repeating: false, count: blocks.count)
    restarted = frozen
    // A block comes after the one around it.
    for index in blocks.indices {
      let parent = blocks[index].parent
      let isParentFrozen = parent != .none && frozen[Int(parent.index)]
      let isParentRestarted = parent != .none && restarted[Int(parent.index)]
      let isHandler = blockStates[index].isHandler
      let hasPassed =
        !isParentRestarted && !isHandler && states[Int(blocks[index].end.index)].isPassed
      // One in which something is asked again is gone on with, though its handlers have run.
      let isReopened = renewal.isInside(BlockID(UInt32(index)))
      frozen[index] = (isParentFrozen || hasPassed) && !isReopened
      if frozen[index] { continue }
      restarted[index] =
        isParentRestarted || isHandler
        || (templates[Int(blocks[index].template.index)].kind != .plan
          && !(hasPassed && isReopened)
          && Self.hasEnteredHandler(index, blocks, blockStates))
    }
  }

  private static func hasEnteredHandler(
    _ index: Int,
    _ blocks: [BlockInstance],
    _ states: [BlockState]
  ) -> Bool {
    for first in [blocks[index].onFailure, blocks[index].finally] {
      var handler = first
      while handler != .none {
        if states[Int(handler.index)].isEntered { return true }
        handler = blocks[Int(handler.index)].next
      }
    }
    return false
  }

  /// Whether nothing in it is touched, because all of it has passed.
  func isFrozen(_ block: BlockID) -> Bool { block != .none && frozen[Int(block.index)] }

  /// Whether everything in it begins anew, what has succeeded included.
  func isRestarted(_ block: BlockID) -> Bool { block != .none && restarted[Int(block.index)] }

  /// Whether it is frozen, and passes once more when its turn comes, as something before it is asked
  /// again.
  func isShut(_ block: BlockID) -> Bool {
    !shut.isEmpty && block != .none && shut[Int(block.index)]
  }

  // MARK: What has passed

  /// What is known of a block and those around it that decides about its steps.
  private struct Around {
    /// Whether it is never entered, or handles a failure.
    var isAside = false
    /// Whether it failed and passed all the same: what has passed inside counts for nothing.
    var hasFailed = false
    var isInHandler = false
    var isSkipped = false
  }

  private func standings(_ run: Run) -> [Renewal.Standing] {
    let graph = run.graph
    var around: [Around] = []
    around.reserveCapacity(graph.blocks.count)
    for block in graph.blocks {
      var own = block.parent == .none ? Around() : around[Int(block.parent.index)]
      let kind = graph.blockTemplates[Int(block.template.index)].kind
      let isSkipped = graph.blockTemplates[Int(block.template.index)].skipReason != nil
      if isSkipped || kind == .onFailure { own.isAside = true }
      if run[block.end] == .failedOptional { own.hasFailed = true }
      if kind == .onFailure || kind == .finally { own.isInHandler = true }
      if run.answers[block.begin] == false { own.isSkipped = true }
      around.append(own)
    }
    return graph.nodes.indices.map { index in
      let entry = graph.nodes[index]
      if entry.kind == .blockBegin {
        // Whatever stands in it, its handlers are to run.
        let block = BlockID(entry.payload)
        return isRestarted(block) && !around[Int(block.index)].isInHandler ? .left : .aside
      }
      guard entry.kind == .step else { return .aside }
      let own = entry.block == .none ? Around() : around[Int(entry.block.index)]
      return standing(NodeID(UInt32(index)), own, run)
    }
  }

  private func standing(_ node: NodeID, _ around: Around, _ run: Run) -> Renewal.Standing {
    let block = run.graph[node].block
    let isTouched = !isFrozen(block)
    if around.isAside || isTouched && around.isInHandler { return .aside }
    let isRestarted = isRestarted(block)
    if !isRestarted, around.hasFailed { return .aside }
    if !isRestarted {
      switch run[node] {
      case .succeeded: return .passed
      case .skipped:
        if run.policy.passedOver[node] == .succeededBefore { return .passed }
        return run.answers[node] == false || around.isSkipped ? .skipped : .aside
      case .failedOptional: return .aside
      default: break
      }
    }
    return run.isSurelyPassedOver(node) ? .aside : .left
  }
}

extension Run {
  /// By node: whether anything of a step was ever started, in this run or in the one before it.
  fileprivate var hasBegun: [Bool] {
    var result = attempts.map { $0 > 0 }
    for (node, reason) in policy.passedOver where reason == .succeededBefore {
      result[Int(node.index)] = true
    }
    return result
  }

  /// Whether a step that has not passed will, without being started.
  fileprivate func isSurelyPassedOver(_ node: NodeID) -> Bool {
    settled.contains(node) || graph.step(node)?.skipReason != nil
      || policy.passedOver[node] != nil && !renewed.contains(node)
  }
}
