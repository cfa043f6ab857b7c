package import PlanGraph

/// A second reading of a recorded run, by the edges of its graph and without `Run`: whether a step began
/// early, twice at once, too often, or beyond a limit.
///
/// It never accuses a run that kept the rules: where records leave open whether something had passed,
/// as for an optional block, it asks only that it was over.
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
      case endWithoutStart = "end-without-start"
    }

    package var rule: Rule
    package var record: Record
    /// The record that should have come first; nil where there is none.
    package var other: Record?
    /// The step that should have passed; for `early`.
    package var awaited: NodeID?
    /// The limit; for `beyondLimit`.
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

  private let graph: Graph
  private let policy: RunPolicy
  /// By node: what has been read of a step since its blocks began, or the run was resumed.
  private var pasts: [Past]
  /// By node: whether it has passed before that.
  private var hasPassed: [Bool]
  /// By node: whether anything of it was started before, with no word that it may be again.
  private var isSpent: [Bool]
  private var running: [NodeID: Record] = [:]
  private var timedOut: Set<NodeID> = []
  private var assumed: Set<NodeID> = []
  /// By block: steps under way in it; by limit, and by block for its slots: who holds one.
  private var inBlock: [Int]
  private var holders: [Int]
  private var slotHolders: [Int]
  /// By block that was tried again: the first start in it.
  private var entries: [UInt32: Record] = [:]

  private struct Past {
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
    inBlock = Array(repeating: 0, count: graph.blocks.count)
    slotHolders = inBlock
    holders = Array(repeating: 0, count: graph.limits.count)
  }

  /// Reads all events of a journal.
  ///
  /// - Throws: where a record names what the graph does not have.
  package static func read(
    _ contents: JournalContents,
    _ graph: Graph
  ) throws(JournalContents.Unreadable) -> RunAudit {
    var audit = RunAudit(graph, contents.header.policy)
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
    for entry in entries { audit.take(entry) }
    audit.judge(0..<graph.count)
    audit.sessions = 1
    return audit
  }

  private mutating func report(_ finding: Finding) {
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
    case .fired(.timeout(let node)): if running[node] != nil { timedOut.insert(node) }
    case .fired(.blockBackoff(let block)): beginAgain(block)
    case .assumed(let node, let assumption):
      isSpent[Int(node.index)] = false
      if assumption == .done { assumed.insert(node) }
    case .resumed:
      judge(0..<graph.count)
      for index in pasts.indices {
        if pasts[index].passed != nil { hasPassed[index] = true }
        pasts[index] = Past()
      }
      entries = [:]
    case .began, .answered, .fired, .cancelled, .halted: break
    }
  }

  private mutating func started(_ record: Record) {
    let index = Int(record.node.index)
    starts += 1
    if let other = running[record.node] {
      report(Finding(rule: .twiceAtOnce, record: record, other: other))
    } else {
      hold(record, 1)
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
    if let passed = pasts[index].passed, !step.isOptional {
      report(Finding(rule: .againAfterPassing, record: record, other: passed))
    }
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
    if known != nil { hold(record, -1) }
    let isOfOther = known.map { $0.attempt != record.attempt } ?? false
    switch result {
    case .notStarted, .lost:
      // It does not count as an attempt.
      if known != nil { pasts[index].attempts = max(0, pasts[index].attempts - 1) }
      if result == .notStarted { isSpent[index] = false }
      pasts[index].last = record
      return
    case .refused where known != nil: isSpent[index] = false
    case .failed where known == nil, .refused where known == nil:
      // It could not be started: this is its start as well.
      begun(record)
    case .exited where known == nil || isOfOther, .signalled where known == nil || isOfOther:
      report(Finding(rule: .endWithoutStart, record: record, other: known))
    case .exited, .signalled, .failed, .refused: break
    }
    pasts[index].last = record
    let isTimedOut = timedOut.remove(record.node) != nil
    let isOptional = graph.steps[Int(graph.nodes[index].payload)].isOptional
    let isDone = assumed.contains(record.node)
    if result == .exited(0) && !isTimedOut || isOptional || isDone { pasts[index].passed = record }
  }

  /// A block begins another attempt: what has been read of it is judged and forgotten.
  private mutating func beginAgain(_ block: BlockID) {
    let range = Int(graph[block].begin.index)..<Int(graph[block].end.index)
    judge(range.lowerBound + 1..<range.upperBound)
    for index in range {
      if let first = pasts[index].first,
        entries[block.index].map({ first.offset < $0.offset }) ?? true
      {
        entries[block.index] = first
      }
      pasts[index] = Past()
      // Every round of it is the plan's own wish.
      isSpent[index] = false
    }
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

  // MARK: Limits

  /// Counts what an attempt holds for as long as it is under way; whoever waits between two attempts
  /// holds more than that.
  private mutating func hold(_ record: Record, _ change: Int) {
    let index = Int(record.node.index)
    let step = graph.steps[Int(graph.nodes[index].payload)]
    if change > 0, running.count + 1 > policy.parallel {
      report(Finding(rule: .beyondLimit, record: record, limit: policy.parallel))
    }
    for limit in step.limits { take(limit, change, record) }
    var block = graph.nodes[index].block
    if step.takesBlockSlot { takeSlot(of: block, change, record) }
    while block != .none {
      let place = Int(block.index)
      let wasEmpty = inBlock[place] == 0
      inBlock[place] += change
      if change > 0 ? wasEmpty : inBlock[place] == 0 {
        let template = graph.template(block)
        for limit in template.limits { take(limit, change, record) }
        if template.takesBlockSlot { takeSlot(of: graph[block].parent, change, record) }
      }
      block = graph[block].parent
    }
  }

  private mutating func take(_ limit: LimitID, _ change: Int, _ record: Record) {
    let place = Int(limit.index)
    holders[place] += change
    if change > 0, holders[place] > graph.limits[place] {
      report(Finding(rule: .beyondLimit, record: record, limit: graph.limits[place]))
    }
  }

  private mutating func takeSlot(of block: BlockID, _ change: Int, _ record: Record) {
    guard block != .none, let most = graph.template(block).slots else { return }
    slotHolders[Int(block.index)] += change
    if change > 0, slotHolders[Int(block.index)] > most {
      report(Finding(rule: .beyondLimit, record: record, limit: most))
    }
  }

  // MARK: Order

  /// From which record on something has passed for what comes after it.
  private struct Mark {
    /// -1 for from the beginning on, `Int.max` for never.
    var offset = -1
    var record: Record?
    var node: NodeID?

    mutating func formMax(_ other: Mark) { if other.offset > offset { self = other } }
  }

  /// Looks at every start in a range of nodes, in one pass along the edges.
  private mutating func judge(_ range: Range<Int>) {
    var marks = [Mark](repeating: Mark(), count: range.count)
    // By block: the last that was read of what stands in it, its handlers left out.
    var bodies: [UInt32: Mark] = [:]
    for index in range {
      let node = NodeID(UInt32(index))
      var mark = Mark()
      for before in graph.predecessors(node) where Int(before) >= range.lowerBound {
        mark.formMax(marks[Int(before) - range.lowerBound])
      }
      switch graph.nodes[index].kind {
      case .step:
        judgeStart(pasts[index].first, after: mark)
        mark.formMax(passing(node))
      case .blockBegin:
        let block = BlockID(graph.nodes[index].payload)
        let kind = graph.template(block).kind
        if kind == .onFailure || kind == .finally, graph[block].parent != .none {
          let owner = graph[graph[block].parent]
          if Int(owner.begin.index) >= range.lowerBound {
            mark.formMax(marks[Int(owner.begin.index) - range.lowerBound])
          }
          let body = bodies[graph[block].parent.index] ?? lastActivity(in: owner, below: node)
          bodies[graph[block].parent.index] = body
          mark.formMax(body)
        }
        judgeStart(entries[block.index], after: mark)
      case .blockEnd: mark = passing(BlockID(graph.nodes[index].payload), mark, marks, range)
      case .barrier, .join: break
      }
      marks[index - range.lowerBound] = mark
    }
  }

  private mutating func judgeStart(_ start: Record?, after mark: Mark) {
    guard let start, mark.offset >= start.offset else { return }
    report(Finding(rule: .early, record: start, other: mark.record, awaited: mark.node))
  }

  /// When a step has passed.
  private func passing(_ node: NodeID) -> Mark {
    let index = Int(node.index)
    let step = graph.steps[Int(graph.nodes[index].payload)]
    if let passed = pasts[index].passed {
      return Mark(offset: passed.offset, record: passed, node: node)
    }
    let isOpen =
      step.skipReason != nil || step.condition != nil || policy.passedOver[node] != nil
      || hasPassed[index] || assumed.contains(node)
    if isOpen, pasts[index].first == nil { return Mark() }
    return Mark(offset: .max, record: pasts[index].last, node: node)
  }

  /// When a block has passed, or, where it may pass without its steps, is over.
  private func passing(
    _ block: BlockID,
    _ inside: Mark,
    _ marks: [Mark],
    _ range: Range<Int>
  ) -> Mark {
    let instance = graph[block]
    let template = graph.template(block)
    var mark = Mark()
    let begin = Int(instance.begin.index)
    if begin >= range.lowerBound { mark = marks[begin - range.lowerBound] }
    let activity = lastActivity(in: instance, below: instance.end)
    if template.skipReason != nil { return mark }
    if template.condition != nil, activity.record == nil { return mark }
    if template.isOptional {
      mark.formMax(activity)
      return mark
    }
    mark.formMax(inside)
    for (first, isFailure) in [(instance.onFailure, true), (instance.finally, false)] {
      var handler = first
      while handler != .none {
        let end = graph[handler].end
        // Nobody has to enter the one of a failure.
        if !isFailure || lastActivity(in: graph[handler], below: end).record != nil {
          mark.formMax(marks[Int(end.index) - range.lowerBound])
        }
        handler = graph[handler].next
      }
    }
    return mark
  }

  /// The last that was read of the steps of a block below a node.
  private func lastActivity(in block: BlockInstance, below node: NodeID) -> Mark {
    var mark = Mark()
    for index in Int(block.begin.index)..<Int(node.index) {
      guard let last = pasts[index].last, last.offset > mark.offset else { continue }
      mark = Mark(offset: last.offset, record: last, node: NodeID(UInt32(index)))
    }
    return mark
  }
}
