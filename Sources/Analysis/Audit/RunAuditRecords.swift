import Execution
import Journal
import PlanGraph

// What each record says of the steps.
extension RunAudit {
  /// Takes the next record.
  ///
  /// `isOver` says whether the run was over before it.
  mutating func take(_ entry: JournalContents.Entry, isOver: Bool) {
    events += 1
    switch entry.event {
    case .started(let node, let attempt, let process):
      let record = Record(
        offset: entry.offset,
        moment: entry.moment,
        node: node,
        attempt: attempt
      )
      // A second record of the same start: its program could not be executed.
      if process == nil, running[node]?.attempt == attempt { return }
      started(record)
    case .ended(let node, let attempt, let result):
      ended(
        Record(offset: entry.offset, moment: entry.moment, node: node, attempt: attempt),
        result
      )
    // Also for a step whose start waits for the disk.
    case .fired(.timeout(let node)): timedOut.insert(node)
    case .fired(.blockTimeout(let block)): timedOutBlocks.insert(block)
    case .fired(.blockBackoff(let block)): beginAgain(block, entry)
    case .assumed(let node, let assumption):
      isSpent[node] = false
      if assumption == .done { assumed.insert(node) }
    case .resumed(let lapse):
      resumed(entry, isOver: isOver)
      self.lapse = lapse
    case .cancelled: cancellations += 1
    case .halted: isHalted = true
    case .began, .answered, .fired: break
    }
  }

  /// Checks what has been read of the round before, and forgets it.
  private mutating func resumed(_ entry: JournalContents.Entry, isOver: Bool) {
    judge(graph.nodes.indices)
    if isOver { judgeHandlers(graph.nodes.indices) }
    for node in pasts.indices {
      if pasts[node].passed != nil { hasPassed[node] = true }
      pasts[node] = Past()
      // Steps that run each time the run ends may run at its next end.
      if isOver, isSpent[node], graph.isInHandlerOfPlan(graph[node].block) {
        isSpent[node] = false
      }
    }
    resumedAt = entry.offset
    recovered = []
    timedOut = []
    timedOutBlocks = []
    entries = [:]
    rounds = [:]
    cancellations = 0
    isHalted = false
  }

  private mutating func started(_ record: Record) {
    let node = record.node
    starts += 1
    isKnown[node] = true
    if let other = running[record.node] {
      report(Finding(rule: .twiceAtOnce, record: record, other: other))
    } else {
      hold(record)
    }
    running[record.node] = record
    timedOut.remove(record.node)
    begun(record)
    let step = graph.steps[graph[node].template]
    if isSpent[node], !step.isIdempotent {
      report(Finding(rule: .secondTime, record: record, other: pasts[node].last))
    }
    isSpent[node] = true
  }

  /// Counts the start of an attempt.
  private mutating func begun(_ record: Record) {
    let node = record.node
    let step = graph.steps[graph[node].template]
    // A recovered attempt may be repeated if its whole block runs again.
    if let passed = pasts[node].passed, !step.isOptional, !recovered.contains(node) {
      report(Finding(rule: .againAfterPassing, record: record, other: passed))
    } else {
      pasts[node].passed = nil
    }
    mayHaveBegunUnseen[node] = false
    pasts[node].attempts += 1
    if pasts[node].attempts > 1 + (step.retry?.count ?? 0) {
      report(Finding(rule: .pastAttempts, record: record, other: pasts[node].last))
    }
    pasts[node].first = pasts[node].first ?? record
    pasts[node].last = record
  }

  private mutating func ended(_ record: Record, _ result: AttemptResult) {
    let node = record.node
    isKnown[node] = true
    let known = running.removeValue(forKey: record.node)
    if known != nil { slots.release(record, graph) }
    let isTimedOut = timedOut.remove(record.node) != nil
    if let resumedAt, known.map({ $0.offset < resumedAt }) ?? mayHaveBegunUnseen[node] {
      pasts[node].hasLoneEnd = known == nil
      return recoveredEnd(record, result, isTimedOut: isTimedOut)
    }
    let isOfOther = known.map { $0.attempt != record.attempt } ?? false
    switch result {
    case .notStarted, .lost:
      if result == .notStarted { isSpent[node] = false }
      if !isTimedOut {
        // It does not count as an attempt.
        if known != nil { pasts[node].attempts = max(0, pasts[node].attempts - 1) }
      } else if known == nil {
        // Its start waited for the disk until it timed out.
        pasts[node].attempts += 1
      }
    case .refused where known != nil: isSpent[node] = false
    case .failed where known == nil, .refused where known == nil:
      // It could not be started, so this record is its start too.
      begun(record)
    case .exited where known == nil || isOfOther, .signalled where known == nil || isOfOther:
      report(Finding(rule: .endWithoutStart, record: record, other: known))
    case .exited, .signalled, .failed, .refused: break
    }
    pasts[node].last = record
    if passes(record, result, isTimedOut: isTimedOut) { pasts[node].passed = record }
  }

  /// Whether what comes after a step may start after an attempt with this result.
  private func passes(_ record: Record, _ result: AttemptResult, isTimedOut: Bool) -> Bool {
    if assumed.contains(record.node) { return true }
    let step = graph.steps[graph[record.node].template]
    switch result {
    case .exited(0) where !isTimedOut: return true
    case .exited, .signalled, .failed, .refused: return step.isOptional
    case .notStarted: return step.isOptional && isTimedOut
    // A step that is not idempotent has failed.
    case .lost: return step.isOptional && (isTimedOut || !step.isIdempotent)
    }
  }

  /// Takes the end of an attempt that was started before the run was resumed.
  ///
  /// It does not count as an attempt of this round, but its step may have passed.
  private mutating func recoveredEnd(_ record: Record, _ result: AttemptResult, isTimedOut: Bool) {
    let node = record.node
    mayHaveBegunUnseen[node] = false
    switch result {
    case .notStarted, .refused: isSpent[node] = false
    // A person may have said since what became of it; that still counts.
    case .exited, .signalled, .failed, .lost: break
    }
    if passes(record, result, isTimedOut: isTimedOut) {
      pasts[node].passed = record
      recovered.insert(node)
    }
  }
}
