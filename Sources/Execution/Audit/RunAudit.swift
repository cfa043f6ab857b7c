package import PlanGraph

/// A second reading of a recorded run, by the edges of its graph and without `Run`: whether a step began
/// early, twice at once, too often, or beyond a limit.
///
/// It does not accuse a run that kept the rules, however often that was broken off: where records leave
/// open whether something had passed, as for an optional block, it asks only that it was over, and where
/// they leave open whether an attempt was begun before the run was resumed, it takes it for one that was.
package struct RunAudit: Sendable {
  /// A record that a finding is about.
  package struct Record: Hashable, Sendable {
    package var offset: Int
    package var moment: Instant
    /// The step, and the attempt, where it is about one.
    package var node: NodeID
    package var attempt: Int
  }

  /// What breaks a rule.
  package struct Finding: Hashable, Sendable {
    package enum Rule: String, Hashable, Sendable {
      case early
      case twiceAtOnce = "twice-at-once"
      case againAfterPassing = "again-after-passing"
      case pastAttempts = "past-attempts"
      case secondTime = "second-time"
      case beyondLimit = "beyond-limit"
      case pastBlockAttempts = "past-block-attempts"
      case endWithoutStart = "end-without-start"
    }

    package var rule: Rule
    package var record: Record
    /// The record that should have come first; nil where there is none.
    package var other: Record?
    /// The step that should have passed, or the one of a handler that was not entered; for `early`.
    package var awaited: NodeID?
    /// The limit, for `beyondLimit`; the attempts that there may be, for `pastBlockAttempts`.
    package var limit: Int?
  }

  package private(set) var findings: [Finding] = []
  package private(set) var events = 0
  package private(set) var sessions = 0
  package private(set) var starts = 0
  /// The attempts that are under way at the end of the records.
  package var underWay: [Record] { running.values.sorted { $0.offset < $1.offset } }
  /// How many findings there are beyond those that are kept.
  package private(set) var omitted = 0

  private static let most = 1000

  let graph: Graph
  let policy: RunPolicy
  /// By node: what has been read of a step since its blocks began, or the run was resumed.
  private(set) var pasts: [Past]
  /// By node: whether it has passed before that.
  private(set) var hasPassed: [Bool]
  /// By node: whether anything of it was started before, with no word that it may be again.
  private var isSpent: [Bool]
  private(set) var running: [NodeID: Record] = [:]
  private var timedOut: Set<NodeID> = []
  /// Where the run was resumed last; nil where it was not.
  private var resumedAt: Int?
  /// The steps that have passed by an attempt that was begun before that.
  private var recovered: Set<Int> = []
  private(set) var assumed: Set<NodeID> = []
  var slots: SlotReading
  /// By block: how often it has begun again since those around it began, or the run was resumed.
  private var rounds: [UInt32: Int] = [:]
  /// By block that was tried again: the first start in it.
  private(set) var entries: [UInt32: Record] = [:]
  /// By node: whether the coordinator may have been killed between a start of the step and the record of
  /// it, so that all that is told is the end, by the one that resumed the run.
  var mayHaveBegunUnseen: [Bool]

  struct Past {
    var first: Record?
    var last: Record?
    var passed: Record?
    /// Starts that count as attempts.
    var attempts = 0
  }

  /// Begins a reading.
  package init(_ graph: Graph, _ policy: RunPolicy) {
    self.graph = graph
    self.policy = policy
    pasts = Array(repeating: Past(), count: graph.count)
    hasPassed = Array(repeating: false, count: graph.count)
    isSpent = hasPassed
    mayHaveBegunUnseen = hasPassed
    slots = SlotReading(graph)
  }

  /// Reads all events of a journal.
  ///
  /// - Throws: where a record names what the graph does not have.
  package static func read(
    _ contents: JournalContents,
    _ graph: Graph
  ) throws(JournalContents.Unreadable) -> RunAudit {
    var audit = RunAudit(graph, contents.header.policy)
    var slots = audit.slots
    if slots.hasAny {
      try contents.forEachEvent(graph) { entry, _ in slots.lookAhead(entry, graph) }
    }
    audit.slots = slots
    try contents.forEachEvent(graph) { entry, _ in audit.take(entry) }
    audit.judge(0..<graph.count)
    audit.sessions = contents.sessions.count
    return audit
  }

  /// Reads events that are at hand.
  package static func read(
    _ entries: [JournalContents.Entry],
    _ graph: Graph,
    _ policy: RunPolicy
  ) -> RunAudit {
    var audit = RunAudit(graph, policy)
    for entry in entries { audit.slots.lookAhead(entry, graph) }
    for entry in entries { audit.take(entry) }
    audit.judge(0..<graph.count)
    audit.sessions = 1
    return audit
  }

  mutating func report(_ finding: Finding) {
    if findings.count < Self.most { findings.append(finding) } else { omitted += 1 }
  }

  // MARK: Records

  private mutating func take(_ entry: JournalContents.Entry) {
    events += 1
    switch entry.event {
    case .started(let node, let attempt, let process):
      let record = Record(
        offset: entry.offset,
        moment: entry.moment,
        node: node,
        attempt: attempt
      )
      // A second word of the same start: its program could not be executed.
      if process == nil, running[node]?.attempt == attempt { return }
      started(record)
    case .ended(let node, let attempt, let result):
      ended(
        Record(offset: entry.offset, moment: entry.moment, node: node, attempt: attempt),
        result
      )
    // Of one whose start the disk holds back as well.
    case .fired(.timeout(let node)): timedOut.insert(node)
    case .fired(.blockBackoff(let block)): beginAgain(block, entry)
    case .assumed(let node, let assumption):
      isSpent[Int(node.index)] = false
      if assumption == .done { assumed.insert(node) }
    case .resumed:
      resumedAt = entry.offset
      recovered = []
      timedOut = []
      judge(0..<graph.count)
      for index in pasts.indices {
        if pasts[index].passed != nil { hasPassed[index] = true }
        pasts[index] = Past()
      }
      entries = [:]
      rounds = [:]
    case .began, .answered, .fired, .cancelled, .halted: break
    }
  }

  private mutating func started(_ record: Record) {
    let index = Int(record.node.index)
    starts += 1
    if let other = running[record.node] {
      report(Finding(rule: .twiceAtOnce, record: record, other: other))
    } else {
      hold(record)
    }
    running[record.node] = record
    timedOut.remove(record.node)
    begun(record)
    let step = graph.steps[Int(graph.nodes[index].payload)]
    if isSpent[index], !step.isIdempotent, !isInHandlerOfPlan(record.node) {
      report(Finding(rule: .secondTime, record: record, other: pasts[index].last))
    }
    isSpent[index] = true
  }

  /// Counts the begin of an attempt.
  private mutating func begun(_ record: Record) {
    let index = Int(record.node.index)
    let step = graph.steps[Int(graph.nodes[index].payload)]
    // What was seen through to its end runs again where all of its block does.
    if let passed = pasts[index].passed, !step.isOptional, !recovered.contains(index) {
      report(Finding(rule: .againAfterPassing, record: record, other: passed))
    } else {
      pasts[index].passed = nil
    }
    mayHaveBegunUnseen[index] = false
    pasts[index].attempts += 1
    if pasts[index].attempts > 1 + (step.retry?.count ?? 0) {
      report(Finding(rule: .pastAttempts, record: record, other: pasts[index].last))
    }
    pasts[index].first = pasts[index].first ?? record
    pasts[index].last = record
  }

  private mutating func ended(_ record: Record, _ result: AttemptResult) {
    let index = Int(record.node.index)
    let known = running.removeValue(forKey: record.node)
    if known != nil { slots.release(record, graph) }
    let isTimedOut = timedOut.remove(record.node) != nil
    if let resumedAt, known.map({ $0.offset < resumedAt }) ?? mayHaveBegunUnseen[index] {
      return recoveredEnd(record, result, isTimedOut: isTimedOut)
    }
    let isOfOther = known.map { $0.attempt != record.attempt } ?? false
    switch result {
    case .notStarted, .lost:
      if result == .notStarted { isSpent[index] = false }
      if !isTimedOut {
        // It does not count as an attempt.
        if known != nil { pasts[index].attempts = max(0, pasts[index].attempts - 1) }
      } else if known == nil {
        // The disk held its start back until its time was over.
        pasts[index].attempts += 1
      }
    case .refused where known != nil: isSpent[index] = false
    case .failed where known == nil, .refused where known == nil:
      // It could not be started: this is its start as well.
      begun(record)
    case .exited where known == nil || isOfOther, .signalled where known == nil || isOfOther:
      report(Finding(rule: .endWithoutStart, record: record, other: known))
    case .exited, .signalled, .failed, .refused: break
    }
    if pasts[index].first != nil { pasts[index].last = record }
    if passes(record, result, isTimedOut: isTimedOut) {
      pasts[index].last = record
      pasts[index].passed = record
    }
  }

  /// Whether what comes after a step may start once an attempt of it has ended so.
  private func passes(_ record: Record, _ result: AttemptResult, isTimedOut: Bool) -> Bool {
    if assumed.contains(record.node) { return true }
    let step = graph.steps[Int(graph[record.node].payload)]
    switch result {
    case .exited(0) where !isTimedOut: return true
    case .exited, .signalled, .failed, .refused: return step.isOptional
    case .notStarted: return step.isOptional && isTimedOut
    // One that is not idempotent has failed by it.
    case .lost: return step.isOptional && (isTimedOut || !step.isIdempotent)
    }
  }

  /// Takes the end of an attempt that was begun before the run was resumed: it is none of those that the
  /// step has in this round, and its step may have passed by it.
  private mutating func recoveredEnd(_ record: Record, _ result: AttemptResult, isTimedOut: Bool) {
    let index = Int(record.node.index)
    mayHaveBegunUnseen[index] = false
    switch result {
    case .notStarted, .refused: isSpent[index] = false
    // What a person has said of it since stands.
    case .exited, .signalled, .failed, .lost: break
    }
    if passes(record, result, isTimedOut: isTimedOut) {
      pasts[index].passed = record
      recovered.insert(index)
    }
  }

  /// A block begins another attempt: what has been read of it is judged and forgotten.
  private mutating func beginAgain(_ block: BlockID, _ entry: JournalContents.Entry) {
    countRound(of: block, entry)
    let range = Int(graph[block].begin.index)..<Int(graph[block].end.index)
    judge(range.lowerBound + 1..<range.upperBound)
    for index in range {
      let node = graph.nodes[index]
      // One inside of it is entered anew.
      if node.kind == .blockBegin, node.payload != block.index { entries[node.payload] = nil }
      if let first = pasts[index].first,
        entries[block.index].map({ first.offset < $0.offset }) ?? true
      {
        entries[block.index] = first
      }
      pasts[index] = Past()
      // Every round of it is the plan's own wish.
      isSpent[index] = false
      mayHaveBegunUnseen[index] = false
    }
  }

  private mutating func countRound(of block: BlockID, _ entry: JournalContents.Entry) {
    rounds = rounds.filter { other, _ in
      let begin = graph[BlockID(other)].begin.index
      return begin <= graph[block].begin.index || begin > graph[block].end.index
    }
    let count = (rounds[block.index] ?? 0) + 1
    rounds[block.index] = count
    let most = graph.template(block).retry?.count ?? 0
    if count <= most { return }
    let record = Record(
      offset: entry.offset,
      moment: entry.moment,
      node: graph[block].begin,
      attempt: count + 1
    )
    report(Finding(rule: .pastBlockAttempts, record: record, limit: most + 1))
  }

  private func isInHandlerOfPlan(_ node: NodeID) -> Bool {
    var block = graph[node].block
    while block != .none {
      let parent = graph[block].parent
      let kind = graph.template(block).kind
      if kind == .onFailure || kind == .finally, parent != .none,
        graph.template(parent).kind == .plan
      {
        return true
      }
      block = parent
    }
    return false
  }
}
