import Clock
import PlanGraph

extension Run {
  /// Starts the next attempt of a step that has its slots.
  mutating func startAttempt(_ node: NodeID) {
    attempts[node] += 1
    underWay += 1
    set(node, .running)
    let attempt = Int(attempts[node])
    actions.append(.start(node, attempt: attempt, cause: cause(of: node)))
    actions.append(.announce(.attemptStarted(node, attempt: attempt)))
    if let timeout = graph.steps[graph[node].template].timeout {
      actions.append(.arm(.timeout(node), at: now + timeout))
    }
  }

  mutating func attemptEnded(_ node: NodeID, _ attempt: Int, _ result: AttemptResult) {
    guard self[node] == .running, Int(attempts[node]) == attempt else { return }
    let template = graph[node].template
    underWay -= 1
    let reason = stopReasons.removeValue(forKey: node)
    if reason != nil { actions.append(.disarm(.grace(node))) }
    if graph.steps[template].timeout != nil || awaited.contains(node) {
      actions.append(.disarm(.timeout(node)))
    }

    switch result {
    case .notStarted, .refused: unstarted[node, default: 0] += 1
    case .exited, .signalled, .failed, .lost: break
    }
    if awaited.remove(node) != nil { return awaitedEnded(node, attempt, reason, result) }
    let assumption = assumptions.removeValue(forKey: node)
    let failure: StepFailure
    switch (reason, result) {
    case (.timeout, _): failure = .timedOut
    case (.cancel, _): failure = .cancelled
    case (nil, .exited(0)): return succeed(node, attempt)
    case (nil, _) where assumption == .done: return succeed(node, attempt)
    case (nil, _) where assumption == .again && mayStart(node): return startOver(node, attempt)
    case (nil, .exited(let status)): failure = .exited(status)
    case (nil, .signalled(let number)): failure = .signalled(number)
    case (nil, .failed(let why)), (nil, .refused(let why)): failure = .failed(why)
    case (nil, .notStarted) where mayStart(node): return startOver(node, attempt)
    case (nil, .notStarted): failure = .cancelled
    case (nil, .lost):
      let mayBeDoneAgain = graph.steps[template].isIdempotent
      if mayBeDoneAgain, mayStart(node) { return startOver(node, attempt) }
      failure = mayBeDoneAgain ? .cancelled : .lost
    }

    let round = attempt - Int(attemptsBefore[node] ?? 0)
    if let retry = graph.steps[template].retry, round <= retry.count, retry.covers(failure),
      mayStart(node)
    {
      let pause = retry.pause(after: attempt, of: node, seed: policy.seed)
      actions.append(
        .announce(.attemptFailed(node, attempt: attempt, failure, retryAfter: pause))
      )
      set(node, .backingOff)
      actions.append(.arm(.backoff(node), at: now + pause))
      return
    }
    failForGood(node, failure, attempts: attempt)
  }

  private mutating func succeed(_ node: NodeID, _ attempt: Int) {
    actions.append(.announce(.stepSucceeded(node, attempts: attempt)))
    pass(node, .succeeded)
    release(node)
  }

  /// Starts a step again after its attempt ended in an unknown way.
  ///
  /// That attempt does not count.
  private mutating func startOver(_ node: NodeID, _ attempt: Int) {
    attemptsBefore[node] = (attemptsBefore[node] ?? 0) + 1
    actions.append(.announce(.attemptLost(node, attempt: attempt)))
    set(node, .admitted)
    startQueue.append(node)
  }

  private mutating func failForGood(_ node: NodeID, _ failure: StepFailure, attempts: Int) {
    let isOptional = graph.steps[graph[node].template].isOptional && failure != .cancelled
    failures[node] = failure
    actions.append(
      .announce(.stepFailed(node, attempts: attempts, failure, isOptional: isOptional))
    )
    if isOptional {
      pass(node, .failedOptional)
    } else {
      noteFailure(failure, in: graph[node].block)
      fail(node, failure == .cancelled ? .cancelled : .failed)
      if failure != .cancelled { stopIfFatal(in: graph[node].block) }
    }
    release(node)
  }

  /// Whether a step may start now: always, except for steps outside handlers after the run or a
  /// block around them was asked to end.
  private func mayStart(_ node: NodeID) -> Bool { mayStart(in: graph[node].block) }

  /// Whether the contents of a block may start now.
  func mayStart(in block: BlockID) -> Bool {
    for block in graph.blocks(from: block) {
      if blockStates[block].isStopping { return false }
      if isHandler(block) { return !isForced }
    }
    return stopping == nil
  }

  mutating func fired(_ timer: TimerID) {
    switch timer {
    case .timeout(let node):
      guard self[node] == .running, stopReasons[node] == nil else { return }
      actions.append(.announce(.timedOut(node, attempt: attempts(of: node))))
      terminate(node, .timeout)
    case .grace(let node):
      guard self[node] == .running, stopReasons[node] != nil else { return }
      actions.append(.announce(.killed(node, attempt: attempts(of: node))))
      actions.append(.kill(node))
    case .backoff(let node):
      guard self[node] == .backingOff else { return }
      set(node, .admitted)
      startQueue.append(node)
    case .blockTimeout(let block): blockTimedOut(block)
    case .blockBackoff(let block): retryBlock(block)
    }
  }

  /// Asks a step's attempt to end, and makes sure that it does.
  mutating func terminate(_ node: NodeID, _ reason: StopReason) {
    guard stopReasons[node] == nil else { return }
    stopReasons[node] = reason
    actions.append(.terminate(node))
    let grace = graph.steps[graph[node].template].grace
    actions.append(.arm(.grace(node), at: now + grace))
  }

  // MARK: Ending early

  /// Starts nothing new, including handlers.
  ///
  /// What runs ends by itself.
  mutating func halt() {
    guard outcome == nil else { return }
    isForced = true
    if stopping == nil { stopping = .halt }
    actions.append(.announce(.halted))
    if !awaited.isEmpty { return }
    for node in graph.nodes.indices {
      if endsWithRun(graph[node].block), self[node] != .running { end(node) }
    }
  }

  /// Stops the run, each time more forcefully.
  ///
  /// The first signal ends running steps and lets handlers run. The second kills running steps,
  /// including handlers, and the run ends when nothing is left. The third does not wait for that.
  mutating func cancel(_ signal: Int32) {
    signals += 1
    if let outcome {
      // Only the journal is still awaited.
      actions.append(.announce(.stopping(signal: signal, signals > 1 ? .leave : .afterEnd)))
      if signals > 1 { actions.append(.leave(outcome)) }
      return
    }
    let level: StopLevel = signals == 1 ? .end : signals == 2 ? .kill : .leave
    actions.append(.announce(.stopping(signal: signal, level)))
    if level == .leave, case .signal(let first)? = stopping { return leave(first) }
    if !awaited.isEmpty { return cancelAwaited(signal) }
    if signals > 1 {
      isForced = true
      for node in graph.nodes.indices where endsWithRun(graph[node].block) {
        end(node)
        if self[node] == .running, graph[node].kind == .step { actions.append(.kill(node)) }
      }
      return
    }
    stopping = .signal(signal)
    stop(graph.nodes.indices, inHandler: .none, endingUnderWay: true)
  }

  /// Ends a resumed run that is still waiting for earlier attempts.
  private mutating func cancelAwaited(_ signal: Int32) {
    if signals == 1 { stopping = .signal(signal) }
    for node in awaited.sorted() {
      if signals > 1 { actions.append(.kill(node)) } else { terminate(node, .cancel) }
    }
  }

  /// Stops waiting for what KILL has not ended, such as a process that waits for a dead disk.
  private mutating func leave(_ signal: Int32) {
    for node in graph.nodes.indices where graph[node].kind == .step {
      if states[node] == .running { actions.append(.kill(node)) }
    }
    actions.append(.leave(.cancelled(signal: signal)))
  }

  /// Ends the run early after a failure in a block (or directly in the plan), if the policy asks
  /// for that and no block around it tolerates the failure.
  mutating func stopIfFatal(in block: BlockID) {
    guard stopping == nil, policy.failureMode != .finish else { return }
    for block in graph.blocks(from: block) {
      let state = blockStates[block]
      let template = graph[block].template
      if state.isHandler || graph.blockTemplates[template].isOptional { return }
      if let retry = graph.blockTemplates[template].retry, state.attempt <= retry.count,
        retry.covers(state.failure ?? .cancelled)
      {
        return
      }
    }
    stopping = .failure
    stop(graph.nodes.indices, inHandler: .none, endingUnderWay: policy.failureMode == .abort)
  }

  /// Ends a range of nodes, except handlers inside it.
  ///
  /// What has not started never does. What runs is asked to end if requested.
  mutating func stop(_ range: Range<NodeID>, inHandler handler: BlockID, endingUnderWay: Bool) {
    for node in range {
      let block = graph[node].block
      let around = block == .none ? BlockID.none : blockStates[block].handler
      if around != handler { continue }
      if endingUnderWay || self[node] != .running { end(node) }
    }
  }

  /// Whether the contents of the block end with the run: they are in no handler, or in one that
  /// runs.
  private func endsWithRun(_ block: BlockID) -> Bool {
    isEntered(block) || blockStates[block].handler == .none
  }

  /// Ends a node that has not ended; immediately if nothing of it runs.
  private mutating func end(_ node: NodeID) {
    let kind = graph[node].kind
    switch self[node] {
    case .waiting, .asking, .queued:
      if kind != .blockEnd { endUnstarted(node) }
    case .admitted:
      if attempts[node] > attemptsBefore[node] ?? 0 {
        failForGood(node, .cancelled, attempts: attempts(of: node))
      } else {
        endUnstarted(node)
        release(node)
      }
    case .backingOff:
      if kind == .step {
        actions.append(.disarm(.backoff(node)))
        failForGood(node, .cancelled, attempts: attempts(of: node))
      } else {
        let block = graph[node].block
        actions.append(.disarm(.blockBackoff(block)))
        endFailed(block, blockStates[block].failure ?? .cancelled)
      }
    case .running:
      if kind == .step {
        terminate(node, .cancel)
      } else {
        blockStates[graph[node].block].isStopping = true
      }
    case .succeeded, .skipped, .failed, .failedOptional, .blocked, .cancelled: break
    }
  }

  /// Ends a node that has not started anything.
  ///
  /// The caller also ends what comes after it.
  private mutating func endUnstarted(_ node: NodeID) {
    let block = graph[node].block
    // If a block is never entered, the block around it has not done all of its work.
    noteFailure(.cancelled, in: graph[node].kind == .blockBegin ? graph[block].parent : block)
    set(node, .cancelled)
    memberEnded(node)
  }
}
