package import PlanGraph

/// What happens to a step when its run is resumed.
package enum ResumeOutlook: Hashable, Sendable {
  /// It has passed in this way and stays passed.
  case passed(NodeState)
  /// It has passed but runs again, because its result may have been undone and is relied on.
  case askedAgain(NodeState)
  /// It has passed, but a handler of a block around it has run, so the whole block runs again.
  case againWithBlock
  /// Its attempt may still be running; the run waits for its end first.
  case seenThrough
  /// It failed in this way or was interrupted (nil), and runs again.
  case again(StepFailure?)
  /// It has not been started yet.
  case first
  /// It is not idempotent, so only a person can decide whether it may be started again. Has its
  /// failure; nil if it succeeded or was running.
  case doubtful(StepFailure?)
  /// A person has decided about it.
  case assumed(Assumption)
  /// It belongs to a handler, which runs if it is entered.
  case ifEntered
}

extension Run {
  /// What happens to each step if the run is resumed now, in the order of the steps.
  ///
  /// - Parameter lapse: what may have undone the results of steps.
  /// - Returns: the steps; in a run that has succeeded, all of them have passed.
  package func outlook(after lapse: Lapse) -> [(node: NodeID, outlook: ResumeOutlook)] {
    if hasUnrestored { return restored.outlook(after: lapse) }
    let plan = RoundPlan(self, outcome == .succeeded ? .nothing : pending(lapse))
    let doubtful = Set(doubtful())
    return graph.nodes.indices.filter { graph[$0].kind == .step }.map { node in
      (node, outlook(node, plan, isDoubtful: doubtful.contains(node)))
    }
  }

  private func outlook(_ node: NodeID, _ plan: RoundPlan, isDoubtful: Bool) -> ResumeOutlook {
    if let assumption = assumptions[node] { return .assumed(assumption) }
    if isDoubtful { return .doubtful(failures[node]) }
    if isUnderWay(node) { return .seenThrough }
    let block = graph[node].block
    if plan.renewal[node] { return .askedAgain(self[node]) }
    if plan.isFrozen(block) { return .passed(self[node]) }
    if isInHandler(node) { return .ifEntered }
    if settled.contains(node) { return .passed(.succeeded) }
    if self[node].isPassed {
      return plan.isRestarted(block) ? .againWithBlock : .passed(self[node])
    }
    if let failure = failures[node] { return .again(failure == .cancelled ? nil : failure) }
    return attempts(of: node) > 0 ? .again(nil) : .first
  }
}
