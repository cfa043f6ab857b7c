import Execution
import PlanGraph

/// What is left waiting at each moment.
extension RunReading {
  /// Judges, whenever time is about to pass, whether everything that could start has started.
  ///
  /// If the records do not say whether something has passed or holds a slot, what waits for it is
  /// not checked.
  mutating func judgeWaiting() {
    if count == 0 || !isRoundBegun || !awaited.isEmpty || isFinished || isHalted { return }
    if rules.nodes.count(where: { status[$0] == .underWay }) >= policy.parallel { return }
    for node in rules.nodes where status[node] == .untouched {
      guard let step = rules.steps[node], couldStart(node, step), hasRoom(for: step) else {
        continue
      }
      complain("\(step.name) is left waiting although it could start")
    }
  }

  /// Whether only slots keep a step from starting.
  private func couldStart(_ node: NodeID, _ step: RunRules.Step) -> Bool {
    // The rules do not know the order inside the plan's own handlers.
    if step.isInHandlerOfPlan || mayRest.contains(node) { return false }
    guard step.before.allSatisfy({ hasSurelyPassed(step: $0.step) }),
      step.blocksBefore.allSatisfy({ hasSurelyPassed(block: $0) })
    else { return false }
    guard let handler = step.handler else {
      return !step.blocks.contains { isPausing[$0] } && !hasReasonNotToStart(node, step)
    }
    let inside = step.blocks.prefix { $0 != handler } + [handler]
    return isEntered[handler] && cancellations < 2
      && !inside.contains { isPausing[$0] || isTimedOut[$0] }
  }

  private func hasSurelyPassed(step: NodeID) -> Bool {
    status[step] == .passed && !mayRestart.contains(step) && !presumed.contains(step)
  }

  private func hasSurelyPassed(block: BlockID) -> Bool {
    let rule = rules.blocks[block]
    if isTimedOut[block] || isPausing[block] { return false }
    if !rule.body.allSatisfy({ hasSurelyPassed(step: $0) }) { return false }
    if !rule.onFailure.isEmpty || !rule.finally.isEmpty {
      // For a block that was not begun in this round, it is unknown whether its handlers will run.
      if !isStarted[block] || rule.onFailure.contains(where: { isEntered[$0] }) { return false }
      let haveRun = rule.finally.allSatisfy { handler in
        isEntered[handler] && rules.blocks[handler].all.allSatisfy { hasSurelyPassed(step: $0) }
      }
      if !haveRun { return false }
    }
    return rule.blocks.allSatisfy { hasSurelyPassed(block: $0) }
  }

  // MARK: Slots

  /// Whether all slots are free that a step and the blocks around it that may not have begun would
  /// take.
  private func hasRoom(for step: RunRules.Step) -> Bool {
    let around = Set(step.blocks)
    func isFree(_ limits: [LimitID], _ slotsOf: BlockID?) -> Bool {
      if !limits.allSatisfy({ hasRoom(limit: $0, around) }) { return false }
      guard let block = slotsOf, let slots = rules.blocks[block].template.slots else { return true }
      let rule = rules.blocks[block]
      let held =
        rule.steps.count { isBusy($0) && rules.steps[$0]?.template.takesBlockSlot ?? false }
        + rule.blocks.count {
          rules.blocks[$0].template.takesBlockSlot && !around.contains($0) && mayHoldSlots($0)
        }
      return held < slots
    }
    if !isFree(step.template.limits, step.template.takesBlockSlot ? step.blocks.first : nil) {
      return false
    }
    return step.blocks.allSatisfy { block in
      let rule = rules.blocks[block]
      return isStarted[block]
        || isFree(rule.template.limits, rule.template.takesBlockSlot ? rule.parent : nil)
    }
  }

  private func hasRoom(limit: LimitID, _ around: Set<BlockID>) -> Bool {
    let held =
      rules.limitSteps[limit].count(where: isBusy)
      + rules.limitBlocks[limit].count { !around.contains($0) && mayHoldSlots($0) }
    return held < rules.graph.limits[limit]
  }

  /// Whether a block may have begun and may not be over.
  private func mayHoldSlots(_ block: BlockID) -> Bool {
    let rule = rules.blocks[block]
    if isAnyPausing(in: block) { return true }
    for node in rule.all {
      if isBusy(node) { return true }
      guard status[node] == .untouched, let step = rules.steps[node] else { continue }
      if let handler = step.handler, !isEntered[handler] { continue }
      if step.before.contains(where: { isOverForIt($0) }) { continue }
      // A block that was not begun has no slot unless something in it waits for another one.
      if isStarted[block] || waitsForSlots(step, inside: block) { return true }
    }
    return (rule.onFailure + rule.finally).contains { isAnyPausing(in: $0) }
  }

  /// Whether a step will never start because what it waits for has failed.
  private func isOverForIt(_ earlier: RunRules.Earlier) -> Bool {
    let status = status[earlier.step]
    return !earlier.mayBePassedOver && (status == .failed || status == .cancelled)
  }

  private func waitsForSlots(_ step: RunRules.Step, inside block: BlockID) -> Bool {
    if !step.template.limits.isEmpty || step.template.takesBlockSlot { return true }
    return step.blocks.prefix { $0 != block }.contains {
      !rules.blocks[$0].template.limits.isEmpty || rules.blocks[$0].template.takesBlockSlot
    }
  }
}
