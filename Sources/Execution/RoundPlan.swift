import PlanGraph

/// What a resumed run does with each block, and which passed steps it runs again.
struct RoundPlan {
  private var frozen: Table<BlockID, Bool>
  private var restarted: Table<BlockID, Bool>
  private var shut: Table<BlockID, Bool> = []
  /// The steps that run again.
  private(set) var renewal: Renewal

  /// Plans the next round of a run.
  init(_ run: Run, _ lapse: Lapse) {
    frozen = []
    restarted = []
    renewal = Renewal(run.graph, [], begun: [], .nothing)
    findBlocks(run)
    if lapse == .nothing { return }
    renewal = Renewal(run.graph, standings(run), begun: run.hasBegun, lapse)
    if !renewal.isEmpty { findBlocks(run) }
    shut = Table(
      run.graph.blocks.indices.map { frozen[$0] && renewal.isBetween(run.graph[$0].end) }
    )
  }

  private mutating func findBlocks(_ run: Run) {
    let (blocks, states, blockStates) = (run.graph.blocks, run.states, run.blockStates)
    let templates = run.graph.blockTemplates
    frozen = Table(repeating: false, count: blocks.count)
    restarted = frozen
    // A block comes after the block around it.
    for block in blocks.indices {
      let parent = blocks[block].parent
      let isParentFrozen = parent != .none && frozen[parent]
      let isParentRestarted = parent != .none && restarted[parent]
      let isHandler = blockStates[block].isHandler
      let hasPassed =
        !isParentRestarted && !isHandler && states[blocks[block].end].isPassed
      // A block in which something runs again is continued, even if its handlers have run.
      let isReopened = renewal.isInside(block)
      frozen[block] = (isParentFrozen || hasPassed) && !isReopened
      if frozen[block] { continue }
      restarted[block] =
        isParentRestarted || isHandler
        || (templates[blocks[block].template].kind != .plan
          && !(hasPassed && isReopened)
          && Self.hasEnteredHandler(block, run))
    }
  }

  private static func hasEnteredHandler(_ block: BlockID, _ run: Run) -> Bool {
    [run.graph[block].onFailure, run.graph[block].finally].contains { first in
      run.graph.handlers(from: first).contains(where: run.isEntered)
    }
  }

  /// Whether nothing in it changes, because all of it has passed.
  func isFrozen(_ block: BlockID) -> Bool { block != .none && frozen[block] }

  /// Whether everything in it starts over, including what has succeeded.
  func isRestarted(_ block: BlockID) -> Bool { block != .none && restarted[block] }

  /// Whether it is frozen and passes again when its turn comes, because something before it runs
  /// again.
  func isShut(_ block: BlockID) -> Bool {
    !shut.isEmpty && block != .none && shut[block]
  }

  // MARK: What has passed

  /// The properties of a block and the blocks around it that decide about its steps.
  private struct Around {
    /// Whether it is never entered, or handles a failure.
    var isAside = false
    /// Whether it failed but passed, being optional.
    ///
    /// Then what has passed inside does not count.
    var hasFailed = false
    var isInHandler = false
    var isSkipped = false
  }

  private func standings(_ run: Run) -> Table<NodeID, Renewal.Standing> {
    let graph = run.graph
    var around: Table<BlockID, Around> = []
    around.reserveCapacity(graph.blocks.count)
    for block in graph.blocks {
      var own = block.parent == .none ? Around() : around[block.parent]
      let kind = graph.blockTemplates[block.template].kind
      let isSkipped = graph.blockTemplates[block.template].skipReason != nil
      if isSkipped || kind == .onFailure { own.isAside = true }
      if run[block.end] == .failedOptional { own.hasFailed = true }
      if kind.isHandler { own.isInHandler = true }
      if run.answers[block.begin] == false { own.isSkipped = true }
      around.append(own)
    }
    let standings = graph.nodes.indices.map { node -> Renewal.Standing in
      let entry = graph[node]
      if entry.kind == .blockBegin {
        // Its handlers run in any case.
        let block = entry.block
        return isRestarted(block) && !around[block].isInHandler ? .left : .aside
      }
      guard entry.kind == .step else { return .aside }
      let own = entry.block == .none ? Around() : around[entry.block]
      return standing(node, own, run)
    }
    return Table(standings)
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
  /// Whether a step was ever started, in this run or in the one before it.
  fileprivate var hasBegun: Table<NodeID, Bool> {
    var result = attempts.mapValues { $0 > 0 }
    for (node, reason) in policy.passedOver where reason == .succeededBefore {
      result[node] = true
    }
    return result
  }

  /// Whether a step that has not passed will pass without a start.
  fileprivate func isSurelyPassedOver(_ node: NodeID) -> Bool {
    settled.contains(node) || graph.step(node)?.skipReason != nil
      || policy.passedOver[node] != nil && !renewed.contains(node)
  }
}
