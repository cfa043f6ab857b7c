import Execution
import PlanGraph

// Handlers that had to run and did not.
extension RunAudit {
  /// Looks at the handlers of every block that begins in a range of nodes, all of which is over.
  mutating func judgeHandlers(_ range: Range<Int>) {
    // Then nobody has to enter one any more.
    if cancellations > 1 || isHalted { return }
    for index in range where graph.nodes[index].kind == .blockBegin {
      let block = graph[BlockID(graph.nodes[index].payload)]
      let handlers = [block.onFailure, block.finally].filter { $0 != .none }
      guard let first = handlers.map({ graph[$0].begin.index }).min() else { continue }
      let body = index + 1..<Int(first)
      // It may never have been entered.
      guard let last = lastBegun(body) else { continue }
      if block.onFailure != .none, hasFailed(body) { judgeHandlers(from: block.onFailure, last) }
      judgeHandlers(from: block.finally, last)
    }
  }

  private mutating func judgeHandlers(from first: BlockID, _ last: Record) {
    var handler = first
    while handler != .none {
      let range = Int(graph[handler].begin.index)..<Int(graph[handler].end.index)
      if let step = stepToBegin(in: handler, range), !range.contains(where: isTold) {
        report(Finding(rule: .handlerMissing, record: last, awaited: step))
      }
      handler = graph[handler].next
    }
  }

  /// Whether anything is told of a step that may be of this round.
  private func isTold(_ index: Int) -> Bool {
    pasts[index].first != nil || pasts[index].last != nil || pasts[index].hasLoneEnd
  }

  /// The last record of those of a range of nodes of which something was begun in this round.
  private func lastBegun(_ range: Range<Int>) -> Record? {
    var found: Record?
    for index in range where pasts[index].first != nil {
      guard let last = pasts[index].last else { continue }
      if found.map({ $0.offset < last.offset }) ?? true { found = last }
    }
    return found
  }

  /// The step by which every way through a handler begins; nil where that may be passed over for a
  /// reason that is not looked into.
  private func stepToBegin(in handler: BlockID, _ range: Range<Int>) -> NodeID? {
    for index in range {
      switch graph.nodes[index].kind {
      case .blockBegin:
        let block = BlockID(graph.nodes[index].payload)
        let template = graph.template(block)
        if template.skipReason != nil || template.condition != nil { return nil }
        // It may have waited for a slot until then.
        if timedOutBlocks.contains(block) { return nil }
      case .step:
        let node = NodeID(UInt32(index))
        let step = graph.steps[Int(graph.nodes[index].payload)]
        if step.skipReason != nil || policy.passedOver[node] != nil { continue }
        if step.condition != nil || assumed.contains(node) { return nil }
        // It may have been started before, and is not for a second time.
        if !step.isIdempotent, isKnown[index] { return nil }
        return node
      case .blockEnd, .barrier, .join: break
      }
    }
    return nil
  }

  /// Whether a step in the body of a block that is over has certainly not passed, and nothing inside
  /// takes that on itself.
  private func hasFailed(_ body: Range<Int>) -> Bool {
    var index = body.lowerBound
    while index < body.upperBound {
      let node = NodeID(UInt32(index))
      switch graph.nodes[index].kind {
      case .blockBegin:
        let block = BlockID(graph.nodes[index].payload)
        let template = graph.template(block)
        let end = Int(graph[block].end.index)
        // One of failure, for instance, is not entered by all.
        let mayBeLeftOut =
          template.skipReason != nil || template.condition != nil || template.kind == .onFailure
          || template.kind == .finally
        if template.isOptional || mayBeLeftOut && lastBegun(index..<end) == nil { index = end }
      case .step:
        let step = graph.steps[Int(graph.nodes[index].payload)]
        let isOpen =
          step.skipReason != nil || step.condition != nil || policy.passedOver[node] != nil
          || hasPassed[index] || assumed.contains(node)
        if pasts[index].passed == nil, !isOpen || pasts[index].first != nil { return true }
      case .blockEnd, .barrier, .join: break
      }
      index += 1
    }
    return false
  }
}
