import Execution
import Journal
import PlanGraph

/// Which steps and blocks hold slots, according to the records.
///
/// A slot is held from the first attempt to the final outcome, including pauses. The record of an
/// end does not say whether it is final. So the records are read once beforehand: if the same step,
/// or something in the same block, starts again later in the round, the slots are held in between.
/// The slots of a block count as free with the last end in it.
struct SlotReading: Sendable {
  /// A holder of slots.
  private enum Owner: Hashable, Sendable {
    case step(NodeID)
    case block(BlockID)
  }

  /// An end after which its owner continues.
  private struct Gap: Hashable, Sendable {
    var owner: Owner
    var offset: Int
  }

  /// Whether there is any limit but `--parallel`.
  let hasAny: Bool
  private var gaps: Set<Gap> = []
  private var lastEnds: [Owner: Int] = [:]
  /// The steps under way: those started in this round, and those started before.
  private var begun: Set<NodeID> = []
  private var begunBefore: Set<NodeID> = []
  private var isResumed = false

  private var holding: Set<Owner> = []
  /// Steps under way in a block; slots of a limit, and of a block, that are held.
  private var inBlock: Table<BlockID, Int>
  private var held: Table<LimitID, Int>
  private var slotsHeld: Table<BlockID, Int>

  init(_ graph: Graph) {
    hasAny = !graph.limits.isEmpty || graph.blockTemplates.contains { $0.slots != nil }
    inBlock = Table(repeating: 0, count: graph.blocks.count)
    slotsHeld = inBlock
    held = Table(repeating: 0, count: graph.limits.count)
  }

  /// The holders of slots while a step is under way: the step itself, and the blocks around it.
  private func owners(_ node: NodeID, _ graph: Graph) -> [Owner] {
    var owners: [Owner] = []
    if let step = graph.step(node), !step.limits.isEmpty || step.takesBlockSlot {
      owners.append(.step(node))
    }
    for block in graph.blocks(around: node) {
      let template = graph.template(block)
      if !template.limits.isEmpty || template.takesBlockSlot { owners.append(.block(block)) }
    }
    return owners
  }

  // MARK: Beforehand

  /// Reads a record in the first pass.
  mutating func lookAhead(_ entry: JournalContents.Entry, _ graph: Graph) {
    if !hasAny { return }
    switch entry.event {
    case .started(let node, _, _):
      begun.insert(node)
      for owner in owners(node, graph) {
        if let offset = lastEnds.removeValue(forKey: owner) {
          gaps.insert(Gap(owner: owner, offset: offset))
        }
      }
    case .ended(let node, _, let result):
      // A step of an earlier round gives its slots back, whatever starts in this one.
      if begunBefore.remove(node) != nil { return }
      if begun.remove(node) == nil, isResumed, !result.isOfNoProcess { return }
      for owner in owners(node, graph) {
        lastEnds[owner] = entry.offset
        // It does not count as an attempt, so the next one is the first.
        if case .step = owner, result == .lost || result == .notStarted { lastEnds[owner] = nil }
      }
    case .resumed:
      lastEnds = [:]
      begunBefore.formUnion(begun)
      begun = []
      isResumed = true
    case .fired(.blockBackoff(let block)):
      let inside = graph[block].begin...graph[block].end
      lastEnds = lastEnds.filter { owner, _ in
        switch owner {
        case .step(let node): !inside.contains(node)
        case .block(let other): other == block || !inside.contains(graph[other].begin)
        }
      }
    case .began, .answered, .fired, .cancelled, .assumed, .halted: break
    }
  }

  // MARK: The reading

  /// Counts the slots that a start takes, and returns the limits that it exceeds.
  mutating func hold(_ node: NodeID, _ graph: Graph) -> [Int] {
    var found: [Int] = []
    for owner in owners(node, graph) where holding.insert(owner).inserted {
      found += change(owner, 1, graph)
    }
    count(node, 1, graph)
    return found
  }

  /// Gives back the slots that an end frees.
  mutating func release(_ record: RunAudit.Record, _ graph: Graph) {
    count(record.node, -1, graph)
    for owner in owners(record.node, graph) where holding.contains(owner) {
      if case .block(let block) = owner, inBlock[block] > 0 { continue }
      if gaps.contains(Gap(owner: owner, offset: record.offset)) { continue }
      holding.remove(owner)
      _ = change(owner, -1, graph)
    }
  }

  private mutating func count(_ node: NodeID, _ change: Int, _ graph: Graph) {
    for block in graph.blocks(around: node) {
      inBlock[block] += change
    }
  }

  private mutating func change(_ owner: Owner, _ change: Int, _ graph: Graph) -> [Int] {
    let limits: [LimitID]
    let around: BlockID?
    switch owner {
    case .step(let node):
      let step = graph.steps[graph[node].template]
      limits = step.limits
      around = step.takesBlockSlot ? graph[node].block : nil
    case .block(let block):
      let template = graph.template(block)
      limits = template.limits
      around = template.takesBlockSlot ? graph[block].parent : nil
    }
    var found: [Int] = []
    for limit in limits {
      held[limit] += change
      let most = graph.limits[limit]
      if change > 0, held[limit] > most { found.append(most) }
    }
    if let around, around != .none, let most = graph.template(around).slots {
      slotsHeld[around] += change
      if change > 0, slotsHeld[around] > most { found.append(most) }
    }
    return found
  }
}

extension AttemptResult {
  /// Whether this end may have had no start before it.
  fileprivate var isOfNoProcess: Bool {
    switch self {
    case .failed, .refused: true
    case .exited, .signalled, .lost, .notStarted: false
    }
  }
}

extension RunAudit {
  /// Counts the slots that a start takes.
  mutating func hold(_ record: Record) {
    if running.count + 1 > policy.parallel {
      report(Finding(rule: .beyondLimit, record: record, limit: policy.parallel))
    }
    for most in slots.hold(record.node, graph) {
      report(Finding(rule: .beyondLimit, record: record, limit: most))
    }
  }
}
