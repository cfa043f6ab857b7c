/// Whether, in every run of a graph, all steps of one set have passed before any step of another
/// set starts, and why.
package struct OrderProof: Sendable {
  /// A pair of steps that is not in order.
  package struct Gap: Sendable {
    package var before: NodeID
    package var after: NodeID
    package var reason: Reason
  }

  /// Why a step need not have passed before another starts.
  package enum Reason: Sendable {
    /// They are the same step.
    case same
    /// The order is reversed, along this path.
    case reversed([NodeID])
    /// The later step is in this handler of a block that holds the earlier one. It runs when the
    /// earlier step is over, even if that has not passed.
    case handler(BlockID)
    /// No path leads from one to the other, so they may overlap.
    case unordered
  }

  /// What "has passed" can mean for a step, other than success.
  package enum Caveat: Hashable, Sendable, CaseIterable {
    /// The step is optional, and passes when it fails.
    case optional
    /// A block around it is optional, and passes when this step or something before it in the block
    /// fails.
    case inOptionalBlock
    /// It or a block around it may be skipped by a condition that is asked during the run.
    case condition
    /// It is skipped because of what is already known.
    case skipped
    /// It is in a handler, and runs only if the handler is entered.
    case inHandler
  }

  /// The number of pairs, and how many of them are not in order.
  package let pairs: Int
  package let unproven: Int
  /// The first gap of each kind, among the pairs that were examined.
  package let gaps: [Gap]
  /// The nodes that every path from one set to the other goes through, in order.
  ///
  /// Joins of the compiler are left out if there is anything else.
  package let through: [NodeID]
  /// A path for the first pair, if no node is common to all paths.
  package let example: [NodeID]
  /// The steps of the first set that may pass without success, by reason.
  package let caveats: [Caveat: [NodeID]]

  /// Whether all pairs are in order.
  package var isProven: Bool { unproven == 0 }

  /// The number of pairs for which the reason is looked for.
  private static let mostLooks = 40

  /// Checks every pair.
  ///
  /// Takes time linear in the graph for each 256 steps of `before`, and less if a node is common to
  /// all paths.
  ///
  /// - Parameters:
  ///   - graph: the graph.
  ///   - before: the steps that must have passed; not empty, ascending.
  ///   - after: the steps that start after that; not empty, ascending.
  package init(_ graph: Graph, before: [NodeID], after: [NodeID]) {
    let order = PrecedenceOrder(graph)
    pairs = before.count * after.count
    caveats = Self.caveats(graph, before, after)
    let common = Self.separators(order, before, after)
    if !common.isEmpty {
      (unproven, gaps, example) = (0, [], [])
      let shown = common.filter { graph[$0].kind != .join }
      through = shown.isEmpty ? common : shown
      return
    }
    through = []
    var unproven = 0
    var found: [Gap] = []
    var kinds: Set<Int> = []
    var looks = 0
    var masks: Table<NodeID, NodeMask> = []
    var start = 0
    while start < before.count {
      let chunk = before[start..<min(start + NodeMask.width, before.count)]
      start += chunk.count
      order.mark(chunk, into: &masks)
      let all = NodeMask(first: chunk.count)
      for later in after {
        let missing = all.subtracting(masks[later])
        if missing.isEmpty { continue }
        unproven += missing.count
        missing.forEach { bit in
          // Looking for one path takes as long as all of this.
          if looks >= Self.mostLooks { return }
          looks += 1
          let earlier = chunk[chunk.startIndex + bit]
          let reason = Self.reason(order, earlier, later)
          if kinds.insert(Self.kind(reason)).inserted {
            found.append(Gap(before: earlier, after: later, reason: reason))
          }
        }
      }
    }
    self.unproven = unproven
    gaps = found
    example = unproven > 0 ? [] : order.path(from: before[0], to: after[0]) ?? []
  }

  private static func kind(_ reason: Reason) -> Int {
    switch reason {
    case .same: 0
    case .reversed: 1
    case .handler: 2
    case .unordered: 3
    }
  }

  private static func reason(
    _ order: PrecedenceOrder,
    _ earlier: NodeID,
    _ later: NodeID
  ) -> Reason {
    if earlier == later { return .same }
    if let path = order.path(from: later, to: earlier) { return .reversed(path) }
    for block in order.graph.blocks(around: later) where order.graph.template(block).kind.isHandler
    {
      let owner = order.graph[block].parent
      if owner != .none {
        let range = order.graph[owner].begin..<order.graph[block].begin
        if range.contains(earlier) { return .handler(block) }
      }
    }
    return .unordered
  }

  /// The nodes between the sets that every path goes through, if each step of both is on a path.
  ///
  /// In an order of execution these are the nodes that no edge of those paths skips.
  private static func separators(
    _ order: PrecedenceOrder,
    _ before: [NodeID],
    _ after: [NodeID]
  ) -> [NodeID] {
    guard let last = before.max(), let first = after.min(), last < first, let start = before.min(),
      let end = after.max()
    else { return [] }
    let graph = order.graph
    var isReached = Table<NodeID, Bool>(repeating: false, count: graph.count)
    for node in before { isReached[node] = true }
    for node in start...end where !isReached[node] {
      order.forEachPredecessor(node) { isReached[node] = isReached[node] || isReached[$0] }
    }
    var leads = Table<NodeID, Bool>(repeating: false, count: graph.count)
    for node in after { leads[node] = true }
    // How far the edges of those paths lead, by where they begin.
    var farthest = Table<NodeID, NodeID>(repeating: NodeID(0), count: graph.count)
    for node in (start...end).reversed() where leads[node] && isReached[node] {
      order.forEachPredecessor(node) { before in
        leads[before] = true
        if isReached[before] { farthest[before] = max(farthest[before], node) }
      }
    }
    guard before.allSatisfy({ leads[$0] }),
      after.allSatisfy({ isReached[$0] })
    else { return [] }
    var found: [NodeID] = []
    var reach = NodeID(0)
    for node in start..<first where isReached[node] && leads[node] {
      if node > last, reach <= node { found.append(node) }
      reach = max(reach, farthest[node])
    }
    return found
  }

  private static func caveats(
    _ graph: Graph,
    _ before: [NodeID],
    _ after: [NodeID]
  ) -> [Caveat: [NodeID]] {
    guard let first = after.min(), let last = after.max() else { return [:] }
    var result: [Caveat: [NodeID]] = [:]
    for node in before {
      guard let step = graph.step(node) else { continue }
      var found: Set<Caveat> = []
      if step.skipReason != nil { found.insert(.skipped) }
      if step.isOptional { found.insert(.optional) }
      if step.condition != nil { found.insert(.condition) }
      for block in graph.blocks(around: node) {
        // A block that also holds the later steps fails with them, so they do not start.
        if graph[block].begin < first, last < graph[block].end { break }
        let template = graph.template(block)
        if template.isOptional { found.insert(.inOptionalBlock) }
        if template.condition != nil { found.insert(.condition) }
        if template.kind.isHandler { found.insert(.inHandler) }
      }
      for caveat in found { result[caveat, default: []].append(node) }
    }
    return result
  }
}
