import Execution
import PlanGraph

/// What happens after an interruption.
extension RunReading {
  /// Running attempts are awaited.
  ///
  /// If one of them is in a block that begins again, everything else waits for all of them.
  mutating func resumed() {
    let before = isRestarted
    isRestarted = Table(repeating: .no, count: rules.blocks.count)
    for block in rules.blocks.indices {
      isRestarted[block] = before[block] == .yes ? .yes : restart(of: block)
    }
    cancellations = 0
    if isFinished {
      for node in rules.nodes where rules.steps[node]?.isInHandlerOfPlan ?? false {
        attemptsOfEnds[node] = attempts[node]
      }
    }
    isFinished = false
    isHalted = false
    isStopped = false
    hasFailure = false
    awaited = []
    let underWay = rules.nodes.filter { status[$0] == .underWay }
    let mustAwait = underWay.contains { node in
      rules.steps[node]?.blocks.first.map { isRestarted[$0] == .yes } ?? false
        || mayRelyOnWhatIsGone(node)
    }
    isRoundBegun = false
    if mustAwait {
      awaited = Set(underWay)
    } else {
      beginRound()
    }
  }

  /// Whether what has passed in a block is to run again, because a handler of it, or of one around it,
  /// was entered.
  func restart(of block: BlockID) -> Passed {
    let rule = rules.blocks[block]
    let around = rule.parent.map { isRestarted[$0] } ?? .no
    if rule.isHandler, let owner = rule.parent {
      // Those of the plan run each time it ends.
      let mayRest = rules.blocks[owner].template.kind != .plan && isEntered[block]
      return mayRest && hasPassed(owner) == .yes ? around : .yes
    }
    if around == .yes { return .yes }
    if rule.template.kind == .plan { return around }
    if !(rule.onFailure + rule.finally).contains(where: { isEntered[$0] }) { return around }
    switch hasPassed(block) {
    case .no: return .yes
    case .perhaps: return .perhaps
    case .yes: return around
    }
  }

  /// What has passed stays, unless it is in a block that begins again.
  ///
  /// Everything else is as before the run began.
  mutating func beginRound() {
    for block in rules.blocks.indices where mayHavePassed(block) {
      mayRest.formUnion(rules.blocks[block].all)
    }
    isRoundBegun = true
    startedInRound = []
    for block in isStarted.indices {
      isStarted[block] = false
      isEntered[block] = false
      isTimedOut[block] = false
      isPausing[block] = false
      retries[block] = 0
    }
    for node in rules.nodes {
      guard let step = rules.steps[node] else { continue }
      if status[node] == .underWay {
        for block in step.blocks { isStarted[block] = true }
        continue
      }
      counted[node] = 0
      let restart = step.blocks.first.map { isRestarted[$0] } ?? .no
      if status[node] == .passed, restart != .no {
        let isSpent = attempts[node] > attemptsOfEnds[node] && !step.template.isIdempotent
        if restart == .yes, !isSpent || assumptions[node] == .again {
          status[node] = .untouched
        } else {
          mayRestart.insert(node)
        }
      } else if status[node] != .passed {
        status[node] = .untouched
      }
      if assumptions[node] == .done {
        pass(node)
        presumed.insert(node)
      }
    }
    allowAskingAgain()
    assumptions = assumptions.filter { status[$0.key] == .underWay }
    isRestarted = Table(repeating: .no, count: rules.blocks.count)
  }

  /// Whether a running step may have to be started again, and may rely on something that must be
  /// renewed first.
  private func mayRelyOnWhatIsGone(_ node: NodeID) -> Bool {
    if lapse == .reboot { return true }
    guard let step = rules.steps[node], lapse == .time else { return false }
    let earlier = step.before.map(\.step) + step.blocksBefore.flatMap { rules.blocks[$0].all }
    return earlier.contains { rules.steps[$0].map { mayBeUndone($0.template, .time) } ?? false }
  }

  /// What may have been undone may be renewed, and then the handlers around it run again too.
  private mutating func allowAskingAgain() {
    if lapse == .nothing { return }
    for node in rules.nodes where status[node] == .passed {
      guard let step = rules.steps[node], mayBeUndone(step.template, lapse) else { continue }
      mayRestart.insert(node)
      for block in step.blocks {
        for handler in rules.blocks[block].onFailure + rules.blocks[block].finally {
          mayRestart.formUnion(rules.blocks[handler].all.filter { status[$0] == .passed })
        }
      }
    }
  }

  /// Whether the results of a step may be gone.
  func mayBeUndone(_ step: StepTemplate, _ lapse: Lapse) -> Bool {
    guard step.isIdempotent else { return false }
    switch step.action {
    case .start, .stop, .startUnits, .stopUnits, .unmonitor, .wait: return lapse != .nothing
    case .script, .run, .drain: return lapse == .reboot
    }
  }

  /// Whether an optional block may have passed in spite of a failure.
  func mayHavePassed(_ block: BlockID) -> Bool {
    let rule = rules.blocks[block]
    return rule.template.isOptional
      && (isStarted[block] || isTimedOut[block] || hasTrouble(in: block))
      && !rule.all.contains(where: isBusy)
  }

  /// Whether a handler that was entered has nothing left to do.
  func isSettled(_ handler: BlockID) -> Bool {
    let all = rules.blocks[handler].all
    return all.allSatisfy { status[$0] == .passed } || isTimedOut[handler]
      || !all.contains(where: isBusy)
        && all.contains { status[$0] == .failed || status[$0] == .cancelled }
  }

  /// Whether a block has passed although one of its handlers was entered.
  func hasPassed(_ block: BlockID) -> Passed {
    let rule = rules.blocks[block]
    for handler in rule.onFailure + rule.finally where isEntered[handler] && !isSettled(handler) {
      return .no
    }
    if !rule.finally.allSatisfy({ isEntered[$0] }) { return .no }
    if rule.template.isOptional { return .perhaps }
    if isTimedOut[block] { return .no }
    // A block that was to be renewed may have begun to run its handlers again.
    for handler in rule.onFailure + rule.finally where isEntered[handler] {
      if rules.blocks[handler].all.contains(where: mayRestart.contains) { return .perhaps }
    }
    for handler in rule.onFailure + rule.finally where isEntered[handler] {
      if !rules.blocks[handler].all.allSatisfy({ status[$0] == .passed }) { return .no }
    }
    if rule.onFailure.contains(where: { isEntered[$0] }) { return .no }
    // What might have had to run again may not have done so.
    let haveAllPassed = rule.body.allSatisfy { status[$0] == .passed && !mayRestart.contains($0) }
    return haveAllPassed && !hasTrouble(in: block) ? .yes : .perhaps
  }
}
