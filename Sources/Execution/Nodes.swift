import PlanGraph

/// How nodes become ready, pass and fail, and what that means for the nodes that wait for them.
extension Run {
  /// Puts a node into another state.
  mutating func set(_ node: NodeID, _ state: NodeState) { states[node] = state }

  mutating func becomeReady(_ node: NodeID) {
    guard self[node] == .waiting else { return }
    readySince[node] = eventCount
    if let state = kept[node] { return passAgain(node, state) }
    let entry = graph[node]
    switch entry.kind {
    case .join:
      pass(node, .succeeded)
    case .barrier:
      actions.append(.announce(.barrierPassed(node)))
      pass(node, .succeeded)
    case .step:
      let template = entry.template
      if let reason = graph.steps[template].skipReason ?? passOverReason(node) {
        actions.append(.announce(.stepSkipped(node, reason: reason)))
        pass(node, .skipped)
      } else if settled.contains(node) {
        pass(node, .succeeded)
      } else if let failure = withheld[node] {
        refuseAgain(node, failure)
      } else if let condition = graph.steps[template].condition {
        ask(node, condition)
      } else {
        request(node)
      }
    case .blockBegin:
      let block = entry.block
      if let reason = graph.template(block).skipReason {
        skipBlock(block, reason: reason)
      } else if let condition = graph.template(block).condition {
        ask(node, condition)
      } else {
        request(node)
      }
    case .blockEnd:
      preconditionFailure("a block ends by what is in it, not by its edges")
    }
  }

  private func passOverReason(_ node: NodeID) -> String? {
    guard !policy.passedOver.isEmpty, let reason = policy.passedOver[node] else { return nil }
    return reason == .succeededBefore && renewed.contains(node) ? nil : reason.words
  }

  private mutating func ask(_ node: NodeID, _ condition: RuntimeCondition) {
    set(node, .asking)
    if let known = answers[node] { return answered(node, known) }
    actions.append(.ask(node, condition))
  }

  mutating func answered(_ node: NodeID, _ holds: Bool) {
    guard self[node] == .asking else { return }
    answers[node] = holds
    if holds { return request(node) }
    if graph[node].kind == .blockBegin {
      return skipBlock(
        graph[node].block,
        reason: "the condition of its block does not hold"
      )
    }
    actions.append(.announce(.stepSkipped(node, reason: "its condition does not hold")))
    pass(node, .skipped)
  }

  /// Ends a node so that what comes after it may start.
  mutating func pass(_ node: NodeID, _ state: NodeState) {
    set(node, state)
    let successors = graph.successors(node)
    // In reverse, because work is taken from the end.
    for successor in successors.reversed() {
      // A block's end does not follow its edges: it comes when everything inside has ended.
      if graph[successor].kind == .blockEnd { continue }
      // In a resumed run some nodes in a block may have passed before.
      if states[successor].isEnded { continue }
      waitingFor[successor] -= 1
      if waitingFor[successor] == 0 { work.append(.ready(successor)) }
    }
    memberEnded(node)
  }

  /// Ends a node so that what comes after it never starts.
  mutating func fail(_ node: NodeID, _ state: NodeState) {
    set(node, state)
    memberEnded(node)
    blockSuccessors(of: node)
  }

  /// Marks everything as blocked that waits for the node and has not ended.
  private mutating func blockSuccessors(of node: NodeID) {
    var stack = [node]
    while let current = stack.popLast() {
      var successors = graph.successors(current)
      if graph[current].kind == .blockBegin {
        successors += freedByEntry.removeValue(forKey: graph[current].block) ?? []
      }
      for next in successors {
        if graph[next].kind == .blockEnd || self[next].isEnded { continue }
        if self[next] == .waiting || self[next] == .asking {
          set(next, .blocked)
          memberEnded(next)
          stack.append(next)
        }
      }
    }
  }

  /// Counts an ended node in the block that it is a member of, or in the plan itself.
  mutating func memberEnded(_ node: NodeID) {
    guard let holder = holder(of: node) else {
      // A block with nothing inside ends after its begin.
      if graph[node].kind == .blockBegin, blockStates[graph[node].block].pending == 0 {
        work.append(.bodyEnded(graph[node].block))
      }
      return
    }
    if holder == .none {
      pendingAtTop -= 1
      if pendingAtTop == 0 { work.append(.bodyEnded(.none)) }
    } else {
      blockStates[holder].pending -= 1
      if blockStates[holder].pending == 0 { work.append(.bodyEnded(holder)) }
    }
  }

  /// The block that the node is a member of (`none`: the plan itself).
  ///
  /// A block's begin is not a member; its end is a member of the block around it. A handler's end
  /// is not a member either: its owner waits for it.
  func holder(of node: NodeID) -> BlockID? {
    let entry = graph[node]
    switch entry.kind {
    case .step, .barrier, .join: return entry.block
    case .blockBegin: return nil
    case .blockEnd:
      let block = entry.block
      return isHandler(block) ? nil : graph[block].parent
    }
  }

  mutating func countPending(_ node: NodeID) {
    guard let holder = holder(of: node) else { return }
    if holder == .none {
      pendingAtTop += 1
    } else {
      blockStates[holder].pending += 1
    }
  }
}
