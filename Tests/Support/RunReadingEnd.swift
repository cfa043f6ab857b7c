import Execution
import PlanGraph

extension RunReading {
  /// Judges what is left at the end of a run or of its resumed part.
  mutating func judgeEnd(_ outcome: RunOutcome) {
    if !isRoundBegun { return judgeStillborn(outcome) }
    for node in rules.nodes {
      guard let step = rules.steps[node] else { continue }
      if isBusy(node) { complain("\(step.name) is left in the middle") }
      if step.handler != nil { continue }
      if status[node] == .untouched, !hasReasonNotToStart(node, step) {
        complain("\(step.name) could have started and did not")
      }
      if outcome == .succeeded, step.isNeeded, status[node] != .passed {
        complain("the run succeeds although \(step.name) has not passed")
      }
    }
    for block in rules.blocks.indices where !rules.blocks[block].isInHandler {
      judgeHandlers(of: block)
    }
    switch outcome {
    case .succeeded: if cancellations > 0 { complain("it succeeds although it was cancelled") }
    case .failed: if !hasFailure, !isHalted { complain("it fails without a failure") }
    case .cancelled: if cancellations == 0 { complain("cancelled by nobody") }
    }
  }

  /// Judges the end of a resumed run that was stopped while it waited for running attempts.
  mutating func judgeStillborn(_ outcome: RunOutcome) {
    if rules.nodes.contains(where: { status[$0] == .underWay }) {
      complain("it ends while attempts are under way")
    }
    if cancellations == 0, !isHalted { complain("it ends before it has gone on") }
    if outcome == .succeeded { complain("it succeeds before it has gone on") }
  }

  /// Whether something kept a step from starting: a failure before it, or the end of a block.
  func hasReasonNotToStart(_ node: NodeID, _ step: RunRules.Step) -> Bool {
    if cancellations > 0 || isHalted || mayRest.contains(node) { return true }
    if policy.failureMode != .finish, hasFailure { return true }
    for block in step.blocks {
      if isTimedOut[block] { return true }
      if rules.blocks[block].template.closesAfterFailure, hasFailed(in: block) { return true }
    }
    if step.before.contains(where: { status[$0.step] != .passed }) { return true }
    return step.blocksBefore.contains { hasFailed(in: $0) }
  }

  /// Whether a block, or one inside it, has failed, as far as is visible.
  func hasFailed(in block: BlockID) -> Bool {
    let rule = rules.blocks[block]
    return isTimedOut[block]
      || rule.steps.contains { status[$0] == .failed || status[$0] == .cancelled }
      || (rule.onFailure + rule.finally).contains { handler in
        isEntered[handler] && !rules.blocks[handler].all.allSatisfy { status[$0] == .passed }
      } || rule.blocks.contains { hasFailed(in: $0) }
  }
}
