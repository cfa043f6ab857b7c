import Clock
package import PlanGraph

/// Resuming a run that was interrupted or that ended without success.
///
/// What has passed stays passed, except for what may have been undone since and is relied on
/// (`Renewal`). Everything else starts over, with all of its attempts. If a handler of a block has
/// been entered, the block starts from its beginning, as it does for a retry. The plan's own
/// handlers run each time the run ends; an end that was interrupted is not over. Running attempts
/// are awaited first. A step that is not idempotent is never started a second time without a
/// person's decision.
extension Run {
  /// The steps that a resumed run must start again or treat as done, although they are not
  /// idempotent and no person has decided; ascending.
  ///
  /// Includes steps whose attempt is still running.
  package func doubtful() -> [NodeID] {
    if hasUnrestored { return restored.doubtful() }
    let plan = RoundPlan(self, .nothing)
    var found: [NodeID] = []
    for node in graph.nodes.indices where attempts[node] > 0 {
      let block = graph[node].block
      if isSpent(node), assumptions[node] == nil, !plan.isFrozen(block),
        !isDone(node) || plan.isRestarted(block)
      {
        found.append(node)
      }
    }
    return found
  }

  /// The given lapse, combined with an earlier one that no round has handled yet.
  func pending(_ lapse: Lapse) -> Lapse {
    isLapsePending && self.lapse == .reboot ? .reboot : lapse
  }

  /// Whether some nodes that had passed before have not passed again in this round yet.
  var hasUnrestored: Bool { outcome == nil && !kept.isEmpty }

  /// The run in which every node counts as passed that this round only needs to pass again.
  var restored: Run {
    var run = self
    run.restoreKept()
    run.kept = [:]
    return run
  }

  /// Nodes that had passed before the round, and that it did not reach again, still count as
  /// passed.
  mutating func restoreKept() {
    for (node, state) in kept where !self[node].isPassed { set(node, state) }
  }

  /// Whether a step has passed, or will pass without another start.
  private func isDone(_ node: NodeID) -> Bool { self[node].isPassed || settled.contains(node) }

  /// Whether a step has been started and must not be started again.
  func isSpent(_ node: NodeID) -> Bool {
    let entry = graph[node]
    return entry.kind == .step && attempts[node] > unstarted[node] ?? 0
      && !graph.steps[entry.template].isIdempotent
      && !(outcome != nil && graph.isInHandlerOfPlan(graph[node].block))
  }

  mutating func resume(after lapse: Lapse) {
    guard outcome != .succeeded else { return actions.append(.finish(.succeeded)) }
    restoreKept()
    kept = [:]
    self.lapse = pending(lapse)
    isLapsePending = true
    if outcome != nil { forgetEnd() }
    outcome = nil
    stopping = nil
    signals = 0
    isForced = false
    stopReasons = [:]
    startQueue = Queue()
    awaited = []
    let plan = RoundPlan(self, self.lapse)
    let underWay = stepsUnderWay()
    // If one attempt must end before the round, all of them must. Then nothing else must be ended
    // if the run is stopped meanwhile. A step that relies on a renewed one may have to start again,
    // but only after that.
    let mustAwait = underWay.contains {
      plan.isRestarted(graph[$0].block) || plan.renewal.mustAwait($0)
    }
    guard mustAwait else { return startRound() }
    awaited = Set(underWay)
    for node in underWay { seeThrough(node, timeout: timeBound(node)) }
  }

  /// The end of the run is over, so steps that run at each end may run again.
  private mutating func forgetEnd() {
    for node in graph.nodes.indices where attempts[node] > 0 {
      if graph.isInHandlerOfPlan(graph[node].block) { unstarted[node] = attempts[node] }
    }
  }

  /// The steps with a running attempt, ascending.
  private func stepsUnderWay() -> [NodeID] { states.indices.filter(isUnderWay) }

  /// Whether an attempt of a step is running.
  func isUnderWay(_ node: NodeID) -> Bool {
    graph[node].kind == .step && self[node] == .running
  }

  private mutating func seeThrough(_ node: NodeID, timeout: Duration?) {
    let attempt = attempts(of: node)
    actions.append(.recover(node, attempt: attempt))
    actions.append(.announce(.attemptAdopted(node, attempt: attempt)))
    if let timeout { actions.append(.arm(.timeout(node), at: now + timeout)) }
  }

  /// The step's timeout, or if it has none, the shortest timeout of the blocks around it.
  ///
  /// While a run waits for these attempts, no block timeout is running.
  private func timeBound(_ node: NodeID) -> Duration? {
    if let own = graph.steps[graph[node].template].timeout { return own }
    var bound: Duration?
    for block in graph.blocks(around: node) {
      if let timeout = graph.template(block).timeout { bound = min(bound ?? timeout, timeout) }
    }
    return bound
  }

  /// Takes the end of an attempt that the round waits for.
  ///
  /// After the last one it begins the round.
  mutating func awaitedEnded(
    _ node: NodeID,
    _ attempt: Int,
    _ reason: StopReason?,
    _ result: AttemptResult
  ) {
    let isRestarted = RoundPlan(self, .nothing).isRestarted(graph[node].block)
    switch (reason, result) {
    case (nil, .exited(0)) where !isRestarted || isSpent(node) && assumptions[node] != .again:
      actions.append(.announce(.stepSucceeded(node, attempts: attempt)))
      set(node, .succeeded)
    case (nil, .exited(let status)): awaitedFailed(node, .exited(status))
    case (nil, .signalled(let number)): awaitedFailed(node, .signalled(number))
    case (nil, .failed(let why)), (nil, .refused(let why)): awaitedFailed(node, .failed(why))
    default: awaitedFailed(node, nil)
    }
    if awaited.isEmpty { startRound() }
  }

  /// The step starts over with the round.
  ///
  /// Without a person's decision, its failure stands.
  private mutating func awaitedFailed(_ node: NodeID, _ failure: StepFailure?) {
    failures[node] = failure
    set(node, .cancelled)
  }

  /// Resets everything that has not passed, and begins.
  private mutating func startRound() {
    if stopping != nil { return finish() }
    isLapsePending = false
    let plan = RoundPlan(self, lapse)
    hasFailed = false
    blockTimeouts = []
    withheld = [:]
    freedByEntry = [:]
    underWay = 0
    limitQueues = graph.limits.mapValues { SlotQueue(capacity: $0) }
    for block in graph.blocks.indices {
      if plan.isFrozen(block), !plan.isShut(block) { continue }
      let slots = graph.blockTemplates[graph[block].template].slots
      blockStates[block].reset(slots: slots.map(SlotQueue.init))
    }
    for node in graph.nodes.indices { reset(node, plan) }
    let orphans = stepsUnderWay()
    assumptions = assumptions.filter { orphans.contains($0.key) }
    for node in orphans { adopt(node) }
    recount(plan)
    begin()
  }

  private mutating func reset(_ node: NodeID, _ plan: RoundPlan) {
    let (block, kind) = (graph[node].block, graph[node].kind)
    if kind == .step && states[node] == .running { return }
    let isBoundary = kind == .blockBegin || kind == .blockEnd
    if plan.isFrozen(block) {
      if isBoundary, plan.isShut(block) { keep(node) }
      return
    }
    let isRestarted = plan.isRestarted(block)
    if plan.renewal[node] {
      renewed.insert(node)
    } else if states[node].isPassed, !isBoundary, !isRestarted {
      if plan.renewal.isBetween(node) { keep(node) }
      return
    }
    if isRestarted || lapse == .reboot { answers[node] = nil }
    if assumptions[node] == .done {
      settled.insert(node)
    } else if attempts[node] == 0 {
      // It was never started.
    } else if isSpent(node), isDone(node), assumptions[node] != .again {
      settled.insert(node)
    } else if isSpent(node), assumptions[node] != .again {
      // The end of a stopped attempt does not show how much was done.
      let failure = failures[node] ?? .lost
      withheld[node] = failure == .cancelled ? .lost : failure
    } else if settled.contains(node), !isRestarted, assumptions[node] != .again {
      // A person has decided that it is done, and its turn has not come since. That still counts.
    } else {
      settled.remove(node)
      attemptsBefore[node] = attempts[node]
    }
    failures[node] = nil
    set(node, .waiting)
  }

  /// Makes a node that has passed pass again when its turn comes, because something before it runs
  /// again.
  private mutating func keep(_ node: NodeID) {
    kept[node] = self[node]
    set(node, .waiting)
  }

  /// Passes a node that had passed before the round.
  mutating func passAgain(_ node: NodeID, _ state: NodeState) {
    guard graph[node].kind == .blockBegin else { return pass(node, state) }
    // Nothing inside is changed.
    let block = graph[node].block
    set(node, state)
    blockStates[block].stage = .ended
    pass(graph[block].end, kept[graph[block].end] ?? state)
  }

  /// Takes a running attempt into the round, with its slots and those of the blocks around it.
  private mutating func adopt(_ node: NodeID) {
    underWay += 1
    takeSlots(node)
    for block in graph.blocks(around: node) {
      if blockStates[block].isEntered { break }
      blockStates[block].isEntered = true
      blockStates[block].attempt = 1
      set(graph[block].begin, .running)
      takeSlots(graph[block].begin)
      if let timeout = graph.template(block).timeout {
        actions.append(.arm(.blockTimeout(block), at: now + timeout))
      }
    }
    seeThrough(node, timeout: graph.steps[graph[node].template].timeout)
  }

  /// Counts again what each node waits for and what each block holds.
  private mutating func recount(_ plan: RoundPlan) {
    pendingAtTop = 0
    for node in graph.nodes.indices {
      // Also for nodes that have passed: the begin of a block before them may pass again.
      var open: UInt32 = 0
      for before in graph.predecessors(node) {
        // Once a block is entered, its begin no longer blocks anything.
        let isEntered =
          states[before] == .running && graph[before].kind == .blockBegin
        if !states[before].isPassed, !isEntered { open += 1 }
      }
      waitingFor[node] = open
      if states[node].isEnded { continue }
      if plan.isFrozen(graph[node].block), kept[node] == nil { continue }
      countPending(node)
      if open == 0, let block = opener(of: node), !isEntered(block) {
        freedByEntry[block, default: []].append(node)
      }
    }
  }

  /// Fails a step that must not be started a second time.
  mutating func refuseAgain(_ node: NodeID, _ failure: StepFailure) {
    let isOptional = graph.steps[graph[node].template].isOptional
    failures[node] = failure
    actions.append(
      .announce(
        .stepFailed(node, attempts: attempts(of: node), failure, isOptional: isOptional)
      )
    )
    if isOptional { return pass(node, .failedOptional) }
    noteFailure(failure, in: graph[node].block)
    fail(node, .failed)
    stopIfFatal(in: graph[node].block)
  }
}
