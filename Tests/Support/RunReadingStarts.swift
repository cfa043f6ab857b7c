import Execution
import PlanGraph

/// What may start, and what it may run in parallel with.
extension RunReading {
  mutating func start(_ node: NodeID, _ attempt: Int) {
    guard let step = rules.steps[node] else { return complain("node \(node.index) is no step") }
    if status[node] == .underWay { complain("\(step.name) is started while it is under way") }
    if status[node] == .passed, !mayRestart.contains(node) {
      complain("\(step.name) is started although it has passed")
    }
    if attempt != attempts[node] + 1 { complain("\(step.name) skips an attempt") }
    counted[node] += 1
    if counted[node] > (step.template.retry?.count ?? 0) + 1 {
      complain("\(step.name) has too many attempts")
    }
    if step.handler == nil ? cancellations > 0 || isStopped : cancellations > 1 {
      complain("\(step.name) starts although the run is to end")
    }
    if isHalted { complain("\(step.name) starts although nothing can be recorded") }
    if !awaited.isEmpty { complain("\(step.name) starts before the run goes on") }
    attempts[node] = attempt
    since[node] = count
    status[node] = .underWay
    mayRestart.remove(node)
    mayRest.remove(node)
    startedInRound.insert(node)
    for block in step.blocks where !isStarted[block] {
      if step.handler == nil, let parent = rules.blocks[block].parent,
        rules.blocks[parent].template.closesAfterFailure,
        // With more slots it may have been admitted before.
        rules.blocks[parent].template.slots == 1,
        rules.blocks[parent].blocks.contains(where: hasEndedInFailure)
      {
        complain("\(step.name) starts although the rollout has failed")
      }
      isStarted[block] = true
    }
    judgeOrder(node, step)
    judgeLimits(node, step)
  }

  mutating func judgeOrder(_ node: NodeID, _ step: RunRules.Step) {
    for earlier in step.before {
      switch status[earlier.step] {
      case .passed: break
      case .underWay, .pausing: complain("\(step.name) starts while \(name(earlier.step)) runs")
      case .untouched, .failed, .cancelled:
        if !earlier.mayBePassedOver {
          complain("\(step.name) starts before \(name(earlier.step)) has passed")
        }
      }
    }
    for block in step.blocksBefore where isStarted[block] && !isOver(block) {
      complain("\(step.name) starts before the handlers of a block before it have passed")
    }
    if let handler = step.handler, !isEntered[handler] {
      complain("\(step.name) starts although its handler was not entered")
    }
    for block in step.blocks where rules.blocks[block].isHandler {
      guard let owner = rules.blocks[block].parent else { continue }
      for other in rules.blocks[owner].body where isBusy(other) {
        complain("\(step.name) starts while \(name(other)) runs")
      }
    }
  }

  func isBusy(_ node: NodeID) -> Bool { status[node] == .underWay || status[node] == .pausing }

  /// Whether a block that something later waits for is over, regarding its handlers and its
  /// timeout.
  func isOver(_ block: BlockID) -> Bool {
    let rule = rules.blocks[block]
    if rule.mayFail { return !rule.all.contains(where: isBusy) }
    if isTimedOut[block] { return false }
    if rule.onFailure.contains(where: { isEntered[$0] }) { return false }
    return rule.finally.allSatisfy { handler in
      isEntered[handler] && rules.blocks[handler].all.allSatisfy { status[$0] == .passed }
    }
  }

  /// Whether a block is certainly over, and a step in it has failed without anything that tolerates
  /// it.
  func hasEndedInFailure(_ block: BlockID) -> Bool {
    let rule = rules.blocks[block]
    return !rule.all.contains(where: isBusy) && !isAnyPausing(in: block)
      && rule.body.contains { status[$0] == .failed && rules.steps[$0]?.isNeeded ?? false }
  }

  func isAnyPausing(in block: BlockID) -> Bool {
    isPausing[block] || rules.blocks[block].blocks.contains(where: isAnyPausing)
  }

  // MARK: Limits

  mutating func judgeLimits(_ node: NodeID, _ step: RunRules.Step) {
    let underWay = rules.nodes.count { status[$0] == .underWay }
    if underWay > policy.parallel { complain("\(underWay) under way at once") }
    for limit in step.template.limits { judge(limit, step.name) }
    if step.template.takesBlockSlot, let block = step.blocks.first { judgeSlots(block, step.name) }
    for block in step.blocks {
      let rule = rules.blocks[block]
      for limit in rule.template.limits { judge(limit, step.name) }
      if rule.template.takesBlockSlot, let parent = rule.parent { judgeSlots(parent, step.name) }
    }
  }

  mutating func judge(_ limit: LimitID, _ name: String) {
    let count =
      rules.limitSteps[limit].count(where: isBusy) + rules.limitBlocks[limit].count(where: isInside)
    if count > rules.graph.limits[limit] { complain("\(count) in a limit at \(name)") }
  }

  mutating func judgeSlots(_ block: BlockID, _ name: String) {
    let rule = rules.blocks[block]
    guard let slots = rule.template.slots else { return }
    let count =
      rule.steps.count { isBusy($0) && rules.steps[$0]?.template.takesBlockSlot ?? false }
      + rule.blocks.count { isInside($0) && rules.blocks[$0].template.takesBlockSlot }
    if count > slots { complain("\(count) in \(slots) slots of a block at \(name)") }
  }

  /// Whether a block has begun and is certainly not over.
  func isInside(_ block: BlockID) -> Bool {
    guard isStarted[block] else { return false }
    let rule = rules.blocks[block]
    if rule.all.contains(where: isBusy) { return true }
    return !isTimedOut[block]
      && rule.body.contains { status[$0] == .untouched && !mayRest.contains($0) }
      && !rule.all.contains { status[$0] == .failed || status[$0] == .cancelled }
      && !rule.blocks.contains { rules.blocks[$0].template.isOptional } && !hasTrouble(in: block)
  }
}
