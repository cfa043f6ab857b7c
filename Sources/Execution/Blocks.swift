import Clock
package import PlanGraph

/// The state of a block on one subject during a run.
struct BlockState: Sendable {
  enum Stage: UInt64, Sendable { case body, onFailure, finally, ended }

  /// How many members have not ended: steps, barriers and joins directly inside, and ends of blocks
  /// inside.
  var pending = 0
  /// Slots for what is directly inside; nil for no limit.
  var slots: SlotQueue?
  var stage = Stage.body
  var isEntered = false
  /// Whether nothing more inside gets a slot.
  var isClosed = false
  /// Whether everything inside must end, except handlers.
  var isStopping = false
  /// The first failure inside, or the block's own timeout.
  var failure: StepFailure?
  /// Why a handler did not pass.
  ///
  /// That it was stopped counts before any failure.
  var handlerFailure: StepFailure?
  /// How many attempts have begun.
  var attempt = 0
  var isHandler = false
  /// The innermost handler that the block is or is inside; `none` for most blocks.
  var handler = BlockID.none

  init(slots: SlotQueue?) { self.slots = slots }

  /// Resets everything except what never changes to the state before the first attempt.
  mutating func reset(slots: SlotQueue?) {
    let kept = (isHandler, handler)
    self = BlockState(slots: slots)
    (isHandler, handler) = kept
  }
}

extension Run {
  /// Whether the block is an `on failure` or a `finally`.
  package func isHandler(_ block: BlockID) -> Bool { blockStates[block].isHandler }

  func isInHandler(_ node: NodeID) -> Bool {
    let block = graph[node].block
    return block != .none && blockStates[block].handler != .none
  }

  /// Finds the innermost handler around every block.
  ///
  /// A block comes after the block around it.
  mutating func findHandlers() {
    for block in graph.blocks.indices {
      let kind = graph.template(block).kind
      if kind.isHandler {
        blockStates[block].isHandler = true
        blockStates[block].handler = block
      } else if graph[block].parent != .none {
        blockStates[block].handler = blockStates[graph[block].parent].handler
      }
    }
  }

  /// Begins an attempt of a block that holds its slots.
  mutating func enter(_ block: BlockID) {
    let begin = graph[block].begin
    blockStates[block].isEntered = true
    blockStates[block].attempt += 1
    if isHandler(block) { actions.append(.announce(.handlerEntered(block))) }
    if let timeout = graph.template(block).timeout {
      actions.append(.arm(.blockTimeout(block), at: now + timeout))
    }
    // In reverse, because work is taken from the end.
    for node in (freedByEntry.removeValue(forKey: block) ?? []).reversed() {
      work.append(.ready(node))
    }
    // For the first nodes inside, the begin counts as passed. For people, it is running.
    pass(begin, .running)
  }

  /// Records the first reason why a block fails; for the plan itself, only that it fails.
  mutating func noteFailure(_ failure: StepFailure, in block: BlockID) {
    if block == .none {
      hasFailed = hasFailed || failure != .cancelled
      return
    }
    blockStates[block].failure = blockStates[block].failure ?? failure
    if graph.template(block).closesAfterFailure { close(block) }
    // A failed instance may still have handlers to run. No other instance enters meanwhile.
    let around = graph[block].parent
    if graph.template(block).kind == .rolloutEntry, around != .none,
      graph.template(around).closesAfterFailure
    {
      close(around)
    }
  }

  /// Everything in a block has ended, so its handlers are next.
  mutating func bodyEnded(_ block: BlockID) {
    guard blockStates[block].stage == .body else { return }
    guard blockStates[block].isEntered else {
      blockStates[block].stage = .ended
      let begin = self[graph[block].begin]
      return fail(graph[block].end, begin == .cancelled ? .cancelled : .blocked)
    }
    if graph.template(block).timeout != nil { actions.append(.disarm(.blockTimeout(block))) }
    if blockStates[block].failure != nil, graph[block].onFailure != .none {
      blockStates[block].stage = .onFailure
      enterHandler(graph[block].onFailure)
    } else {
      handlersOfFailureEnded(block)
    }
  }

  private mutating func handlersOfFailureEnded(_ block: BlockID) {
    blockStates[block].stage = .finally
    if graph[block].finally != .none {
      enterHandler(graph[block].finally)
    } else {
      finalize(block)
    }
  }

  private mutating func enterHandler(_ handler: BlockID) {
    if isForced { return handlerEnded(handler, .cancelled) }
    work.append(.ready(graph[handler].begin))
  }

  private mutating func handlerEnded(_ handler: BlockID, _ failure: StepFailure?) {
    let owner = graph[handler].parent
    if failure == .cancelled { blockStates[owner].handlerFailure = failure }
    blockStates[owner].handlerFailure = blockStates[owner].handlerFailure ?? failure
    if graph[handler].next != .none {
      enterHandler(graph[handler].next)
    } else if blockStates[owner].stage == .onFailure {
      handlersOfFailureEnded(owner)
    } else {
      finalize(owner)
    }
  }

  /// Ends a block whose body and handlers have ended, or begins another attempt of it.
  mutating func finalize(_ block: BlockID) {
    let state = blockStates[block]
    let template = graph[block].template
    // A block whose handler was stopped has not done all of its work, whatever the failure was.
    let isStopped = state.handlerFailure == .cancelled
    guard let failure = isStopped ? .cancelled : state.failure ?? state.handlerFailure else {
      return end(block, .succeeded)
    }
    if let retry = graph.blockTemplates[template].retry, state.attempt <= retry.count,
      retry.covers(failure), mayRetry(block)
    {
      let pause = retry.pause(
        after: state.attempt,
        of: graph[block].begin,
        seed: policy.seed
      )
      set(graph[block].begin, .backingOff)
      actions.append(.announce(.blockRetried(block, attempt: state.attempt + 1, after: pause)))
      actions.append(.arm(.blockBackoff(block), at: now + pause))
      return
    }
    endFailed(block, failure)
  }

  /// Ends a block that has failed for good.
  mutating func endFailed(_ block: BlockID, _ failure: StepFailure) {
    if graph.template(block).isOptional, failure != .cancelled {
      return end(block, .failedOptional)
    }
    // This comes first: if the failure closes the rollout, the block's slot must not be given away.
    if !isHandler(block) { noteFailure(failure, in: graph[block].parent) }
    end(block, failure == .cancelled ? .cancelled : .failed)
    if isHandler(block) { return }
    if failure != .cancelled { stopIfFatal(in: graph[block].parent) }
  }

  private mutating func end(_ block: BlockID, _ state: NodeState) {
    blockStates[block].stage = .ended
    set(graph[block].begin, state)
    release(graph[block].begin)
    if state.isPassed {
      pass(graph[block].end, state)
    } else {
      fail(graph[block].end, state)
    }
    if !isHandler(block) { return }
    let failure: StepFailure = state == .cancelled ? .cancelled : .failed("a handler failed")
    handlerEnded(block, state.isPassed ? nil : failure)
  }

  /// Skips a block whose condition does not hold, with everything inside it.
  mutating func skipBlock(_ block: BlockID, reason: String) {
    let (begin, end) = (graph[block].begin, graph[block].end)
    for node in begin..<end {
      set(node, .skipped)
      if graph[node].kind == .step, isHandler(block) || !isInHandler(node) {
        actions.append(.announce(.stepSkipped(node, reason: reason)))
      }
    }
    blockStates[block].stage = .ended
    pass(end, .skipped)
    if isHandler(block) { handlerEnded(block, nil) }
  }

  // MARK: Retry and timeout

  private func mayRetry(_ block: BlockID) -> Bool {
    if isForced { return false }
    if isHandler(block) { return true }
    let parent = graph[block].parent
    if parent == .none { return stopping == nil }
    // The same rule as for a step next to the block.
    return mayStart(in: parent)
  }

  mutating func retryBlock(_ block: BlockID) {
    let (begin, end) = (graph[block].begin, graph[block].end)
    guard self[begin] == .backingOff else { return }
    let inside = begin.advanced(by: 1)..<end
    for node in inside {
      if graph[node].kind == .blockBegin {
        let inner = graph[node].block
        blockTimeouts.remove(inner)
        blockStates[inner].reset(slots: graph.template(inner).slots.map(SlotQueue.init))
      }
      set(node, .waiting)
      kept[node] = nil
      waitingFor[node] = UInt32(graph.predecessors(node).count)
      failures[node] = nil
      answers[node] = nil
      if attempts[node] > 0 { attemptsBefore[node] = attempts[node] }
    }
    blockTimeouts.remove(block)
    let attempt = blockStates[block].attempt
    blockStates[block].reset(slots: graph.template(block).slots.map(SlotQueue.init))
    blockStates[block].attempt = attempt
    for node in inside { countPending(node) }
    enter(block)
  }

  mutating func blockTimedOut(_ block: BlockID) {
    guard blockStates[block].isEntered, blockStates[block].stage == .body,
      !blockStates[block].isStopping
    else { return }
    actions.append(.announce(.blockTimedOut(block)))
    blockStates[block].isStopping = true
    blockStates[block].failure = .timedOut
    blockTimeouts.insert(block)
    stop(
      graph[block].begin.advanced(by: 1)..<graph[block].end,
      inHandler: blockStates[block].handler,
      endingUnderWay: true
    )
  }
}
