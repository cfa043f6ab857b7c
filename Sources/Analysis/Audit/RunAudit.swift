package import Clock
package import Execution
package import Journal
package import PlanGraph

/// Checks a recorded run a second time, with the edges of its graph and without `Run`: whether a
/// step started early, twice at once, too often or beyond a limit, and whether handlers ran.
///
/// `Run` is asked only after which records the run was over, because no record says so. Otherwise a
/// handler that never ran could be one that a killed coordinator did not get to.
///
/// It never accuses a run that kept the rules, however often that run was interrupted. If the
/// records leave open whether something had passed, as with an optional block, it only requires
/// that it was over. If they leave open whether an attempt was started before the run was resumed,
/// it assumes that it was.
package struct RunAudit: Sendable {
  /// The record that a finding is about.
  package struct Record: Hashable, Sendable {
    package var offset: Int
    package var moment: Instant
    /// The step and the attempt, if the record is about one.
    package var node: NodeID
    package var attempt: Int
  }

  /// A violation of a rule.
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
      case handlerMissing = "handler-missing"
    }

    package var rule: Rule
    package var record: Record
    /// The record that should have come first; nil if there is none.
    package var other: Record?
    /// The step that should have passed (`early`), or a step of the handler that was not entered
    /// (`handlerMissing`).
    package var awaited: NodeID?
    /// The limit (`beyondLimit`), or the number of attempts allowed (`pastBlockAttempts`).
    package var limit: Int?
  }

  package private(set) var findings: [Finding] = []
  package internal(set) var events = 0
  package private(set) var sessions = 0
  package internal(set) var starts = 0
  /// The attempts under way at the end of the records.
  package var underWay: [Record] { running.values.sorted { $0.offset < $1.offset } }
  /// How many more findings there were than are kept.
  package private(set) var omitted = 0

  private static let most = 1000

  let graph: Graph
  let policy: RunPolicy
  /// What has been read of a step since the blocks around it began or the run was resumed.
  var pasts: Table<NodeID, Past>
  /// Whether a step has passed before that.
  var hasPassed: Table<NodeID, Bool>
  /// Whether a step was started before, and nothing since allows another start.
  var isSpent: Table<NodeID, Bool>
  /// Whether there ever was a record of a step.
  var isKnown: Table<NodeID, Bool>
  var running: [NodeID: Record] = [:]
  var timedOut: Set<NodeID> = []
  /// The record where the run was last resumed; nil if it was not.
  var resumedAt: Int?
  /// What may have been undone by then.
  var lapse = Lapse.nothing
  /// The steps that stop processes.
  let stops: [NodeID]
  /// The steps that passed through an attempt started before that.
  var recovered: Set<NodeID> = []
  var assumed: Set<NodeID> = []
  var slots: SlotReading
  /// How often a block has begun again since the blocks around it began or the run was resumed.
  var rounds: [BlockID: Int] = [:]
  /// The first start in a block that was tried again.
  var entries: [BlockID: Record] = [:]
  /// Whether the coordinator may have been killed between a start of the step and its record.
  ///
  /// Then the only record is the end, written after the run was resumed.
  var mayHaveBegunUnseen: Table<NodeID, Bool>

  /// How often someone asked the run to stop since it began or was resumed.
  var cancellations = 0
  var isHalted = false
  /// The blocks that have timed out in the present attempt of the blocks around them.
  var timedOutBlocks: Set<BlockID> = []

  struct Past {
    var first: Record?
    var last: Record?
    var passed: Record?
    /// Whether there was an end without a start.
    ///
    /// Its attempt may have started before or after that time.
    var hasLoneEnd = false
    /// Starts that count as attempts.
    var attempts = 0
  }

  /// Begins to read a run.
  package init(_ graph: Graph, _ policy: RunPolicy) {
    self.graph = graph
    self.policy = policy
    stops = graph.nodes.indices.filter {
      let action = graph.step($0)?.action
      return action == .stop || action == .unmonitor
    }
    pasts = Table(repeating: Past(), count: graph.count)
    hasPassed = Table(repeating: false, count: graph.count)
    isSpent = hasPassed
    isKnown = hasPassed
    mayHaveBegunUnseen = hasPassed
    slots = SlotReading(graph)
  }

  /// Reads all events of a journal.
  ///
  /// - Throws: if a record names something that the graph does not have.
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
    var run = Run(graph, policy: audit.policy)
    try contents.forEachEvent(graph) { entry, _ in
      audit.take(entry, isOver: run.outcome != nil)
      _ = run.handle(entry.event, at: entry.moment)
    }
    audit.end(isOver: run.outcome != nil)
    audit.sessions = contents.sessions.count
    return audit
  }

  /// Reads events that are in memory.
  ///
  /// - Parameters:
  ///   - entries: the events.
  ///   - graph: the graph of the run.
  ///   - policy: the policy of the run.
  ///   - ends: the offsets of the records after which the run was over; nil to ask `Run`.
  /// - Returns: the audit; the run counts as driven in one session.
  package static func read(
    _ entries: [JournalContents.Entry],
    _ graph: Graph,
    _ policy: RunPolicy,
    endingAt ends: Set<Int>? = nil
  ) -> RunAudit {
    var audit = RunAudit(graph, policy)
    for entry in entries { audit.slots.lookAhead(entry, graph) }
    var run = Run(graph, policy: policy)
    var isOver = false
    for entry in entries {
      audit.take(entry, isOver: isOver)
      if let ends {
        isOver = ends.contains(entry.offset) || isOver && !entry.event.isResumption
      } else {
        _ = run.handle(entry.event, at: entry.moment)
        isOver = run.outcome != nil
      }
    }
    audit.end(isOver: isOver)
    audit.sessions = 1
    return audit
  }

  /// Checks what is left after the last record.
  private mutating func end(isOver: Bool) {
    judge(graph.nodes.indices)
    if isOver { judgeHandlers(graph.nodes.indices) }
  }

  mutating func report(_ finding: Finding) {
    if findings.count < Self.most { findings.append(finding) } else { omitted += 1 }
  }
}
