package import Clock
package import Execution
package import Journal
package import PlanGraph

/// A second reading of a recorded run, by the edges of its graph and without `Run`: whether a step began
/// early, twice at once, too often, or beyond a limit, and whether handlers ran.
///
/// `Run` is asked one thing: after which records the run was over, as no record says so. Without that, a
/// handler that never began could be one that a killed coordinator had no time for.
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
      case handlerMissing = "handler-missing"
    }

    package var rule: Rule
    package var record: Record
    /// The record that should have come first; nil where there is none.
    package var other: Record?
    /// The step that should have passed, or the one of a handler that was not entered; for `early` and
    /// `handlerMissing`.
    package var awaited: NodeID?
    /// The limit, for `beyondLimit`; the attempts that there may be, for `pastBlockAttempts`.
    package var limit: Int?
  }

  package private(set) var findings: [Finding] = []
  package internal(set) var events = 0
  package private(set) var sessions = 0
  package internal(set) var starts = 0
  /// The attempts that are under way at the end of the records.
  package var underWay: [Record] { running.values.sorted { $0.offset < $1.offset } }
  /// How many findings there are beyond those that are kept.
  package private(set) var omitted = 0

  private static let most = 1000

  let graph: Graph
  let policy: RunPolicy
  /// What has been read of a step since its blocks began, or the run was resumed.
  var pasts: Table<NodeID, Past>
  /// Whether a step has passed before that.
  var hasPassed: Table<NodeID, Bool>
  /// Whether anything of a step was started before, with no word that it may be again.
  var isSpent: Table<NodeID, Bool>
  /// Whether there ever was a record of a step.
  var isKnown: Table<NodeID, Bool>
  var running: [NodeID: Record] = [:]
  var timedOut: Set<NodeID> = []
  /// Where the run was resumed last; nil where it was not.
  var resumedAt: Int?
  /// What may have undone by then what had passed.
  var lapse = Lapse.nothing
  /// The steps that bring processes down.
  let stops: [NodeID]
  /// The steps that have passed by an attempt that was begun before that.
  var recovered: Set<NodeID> = []
  var assumed: Set<NodeID> = []
  var slots: SlotReading
  /// How often a block has begun again since those around it began, or the run was resumed.
  var rounds: [BlockID: Int] = [:]
  /// The first start in a block that was tried again.
  var entries: [BlockID: Record] = [:]
  /// Whether the coordinator may have been killed between a start of the step and the record of
  /// it, so that all that is told is the end, by the one that resumed the run.
  var mayHaveBegunUnseen: Table<NodeID, Bool>

  /// How often somebody asked the run to stop since it began or was resumed.
  var cancellations = 0
  var isHalted = false
  /// The blocks whose time was over, in the present attempt of what is around them.
  var timedOutBlocks: Set<BlockID> = []

  struct Past {
    var first: Record?
    var last: Record?
    var passed: Record?
    /// Whether there was an end without a start, of an attempt that may be of before or of since then.
    var hasLoneEnd = false
    /// Starts that count as attempts.
    var attempts = 0
  }

  /// Begins a reading.
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
    var run = Run(graph, policy: audit.policy)
    try contents.forEachEvent(graph) { entry, _ in
      audit.take(entry, isOver: run.outcome != nil)
      _ = run.handle(entry.event, at: entry.moment)
    }
    audit.end(isOver: run.outcome != nil)
    audit.sessions = contents.sessions.count
    return audit
  }

  /// Reads events that are at hand.
  ///
  /// - Parameters:
  ///   - entries: the events.
  ///   - graph: the graph of the run.
  ///   - policy: the policy of the run.
  ///   - ends: the offsets of the records after which the run was over; nil to ask `Run`.
  /// - Returns: the reading, of a run that is taken to have been driven once.
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

  /// Judges what is left when there are no more records.
  private mutating func end(isOver: Bool) {
    judge(graph.nodes.indices)
    if isOver { judgeHandlers(graph.nodes.indices) }
  }

  mutating func report(_ finding: Finding) {
    if findings.count < Self.most { findings.append(finding) } else { omitted += 1 }
  }
}
