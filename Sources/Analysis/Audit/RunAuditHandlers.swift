import Execution
import PlanGraph

// Handlers that had to run and did not.
extension RunAudit {
  /// Checks the handlers of every block that begins in a range of nodes that are all over.
  mutating func judgeHandlers(_ range: Range<NodeID>) {
    // Then no handler must be entered any more.
    if cancellations > 1 || isHalted { return }
    for node in range where graph[node].kind == .blockBegin {
      let block = graph[graph[node].block]
      let handlers = [block.onFailure, block.finally].filter { $0 != .none }
      guard let first = handlers.map({ graph[$0].begin }).min() else { continue }
      let body = node.advanced(by: 1)..<first
      // It may never have been entered.
      guard let last = lastBegun(body) else { continue }
      if block.onFailure != .none, hasFailed(body) { judgeHandlers(from: block.onFailure, last) }
      judgeHandlers(from: block.finally, last)
    }
  }

  private mutating func judgeHandlers(from first: BlockID, _ last: Record) {
    for handler in graph.handlers(from: first) {
      let range = graph[handler].begin..<graph[handler].end
      if let step = stepToBegin(in: handler, range), !range.contains(where: isTold) {
        report(Finding(rule: .handlerMissing, record: last, awaited: step))
      }
    }
  }

  /// Whether there is a record of a step that may belong to this round.
  private func isTold(_ node: NodeID) -> Bool {
    pasts[node].first != nil || pasts[node].last != nil || pasts[node].hasLoneEnd
  }

  /// The last record of the nodes in a range that were started in this round.
  private func lastBegun(_ range: Range<NodeID>) -> Record? {
    var found: Record?
    for node in range where pasts[node].first != nil {
      guard let last = pasts[node].last else { continue }
      if found.map({ $0.offset < last.offset }) ?? true { found = last }
    }
    return found
  }

  /// The step that every path through a handler begins with; nil if it may be skipped for a reason
  /// that is not checked.
  private func stepToBegin(in handler: BlockID, _ range: Range<NodeID>) -> NodeID? {
    for node in range {
      switch graph[node].kind {
      case .blockBegin:
        let block = graph[node].block
        let template = graph.template(block)
        if template.skipReason != nil || template.condition != nil { return nil }
        // It may have waited for a slot until then.
        if timedOutBlocks.contains(block) { return nil }
      case .step:
        let step = graph.steps[graph[node].template]
        if step.skipReason != nil || policy.passedOver[node] != nil { continue }
        if step.condition != nil || assumed.contains(node) { return nil }
        // It may have been started before, and must not be started a second time.
        if !step.isIdempotent, isKnown[node] { return nil }
        return node
      case .blockEnd, .barrier, .join: break
      }
    }
    return nil
  }

  /// Whether a step in the body of a finished block has certainly not passed, and nothing inside
  /// absorbs its failure.
  private func hasFailed(_ body: Range<NodeID>) -> Bool {
    var node = body.lowerBound
    while node < body.upperBound {
      switch graph[node].kind {
      case .blockBegin:
        let block = graph[node].block
        let template = graph.template(block)
        let end = graph[block].end
        // An `on failure`, for example, is not always entered.
        let mayBeLeftOut =
          template.skipReason != nil || template.condition != nil || template.kind.isHandler
        if template.isOptional || mayBeLeftOut && lastBegun(node..<end) == nil { node = end }
      case .step:
        let step = graph.steps[graph[node].template]
        let isOpen =
          step.skipReason != nil || step.condition != nil || policy.passedOver[node] != nil
          || hasPassed[node] || assumed.contains(node)
        if pasts[node].passed == nil, !isOpen || pasts[node].first != nil { return true }
      case .blockEnd, .barrier, .join: break
      }
      node = node.advanced(by: 1)
    }
    return false
  }
}
