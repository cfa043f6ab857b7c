import Execution
import PlanGraph

/// Blocks, their handlers and their retries.
extension RunReading {
  mutating func entered(_ handler: BlockID) {
    isEntered[handler] = true
    if cancellations > 1 || isHalted { complain("a handler is entered although the run is over") }
    guard let owner = rules.blocks[handler].parent else { return }
    let rule = rules.blocks[owner]
    for node in rule.body where isBusy(node) {
      complain("a handler is entered while \(name(node)) runs")
    }
    if rule.onFailure.contains(handler), rule.body.allSatisfy({ status[$0] == .passed }),
      !isTimedOut[owner], !hasTrouble(in: owner), cancellations == 0,
      policy.failureMode == .finish || !hasFailure,
      // What has passed and was not reached again may have been interrupted with everything else.
      lapse == .nothing || !isTimedOut.contains(true)
    {
      complain("an 'on failure' is entered without a failure")
    }
  }

  /// Whether a block inside may have failed although all its steps have passed.
  func hasTrouble(in block: BlockID) -> Bool {
    rules.blocks[block].blocks.contains { inner in
      isTimedOut[inner] || hasTrouble(in: inner)
        || (rules.blocks[inner].onFailure + rules.blocks[inner].finally).contains { handler in
          isEntered[handler] && !rules.blocks[handler].all.allSatisfy { status[$0] == .passed }
        }
    }
  }

  mutating func retried(_ block: BlockID) {
    judgeHandlers(of: block)
    retries[block] += 1
    if retries[block] > rules.blocks[block].template.retry?.count ?? 0 {
      complain("a block has too many attempts")
    }
    isPausing[block] = true
  }

  /// What is in a block that begins again is reset.
  mutating func beginAgain(_ block: BlockID) {
    guard isPausing[block], cancellations == 0 || rules.blocks[block].isInHandler else { return }
    let rule = rules.blocks[block]
    for node in rule.all {
      if isBusy(node) { complain("\(name(node)) runs on while its block begins again") }
      status[node] = .untouched
      counted[node] = 0
      startedInRound.remove(node)
    }
    for node in startedInRound where rules.steps[node]?.blocksBefore.contains(block) ?? false {
      complain("\(name(node)) did not wait for a block that begins again")
    }
    forget(block)
  }

  /// Forgets what is known about a block and the blocks inside it.
  mutating func forget(_ block: BlockID) {
    isStarted[block] = false
    isTimedOut[block] = false
    isPausing[block] = false
    for handler in rules.blocks[block].onFailure + rules.blocks[block].finally {
      isEntered[handler] = false
      retries[handler] = 0
      forget(handler)
    }
    for inner in rules.blocks[block].blocks {
      retries[inner] = 0
      forget(inner)
    }
  }

  /// Whether handlers that must run by the end of their block's attempt were entered.
  mutating func judgeHandlers(of block: BlockID) {
    // After a second request to stop, handlers need not run either.
    if cancellations > 1 || isHalted || !isStarted[block] { return }
    let rule = rules.blocks[block]
    for handler in rule.finally where !isEntered[handler] {
      complain("a 'finally' is not entered")
    }
    if rule.steps.contains(where: { status[$0] == .failed || status[$0] == .cancelled }) {
      for handler in rule.onFailure where !isEntered[handler] {
        complain("an 'on failure' is not entered")
      }
    }
  }
}
