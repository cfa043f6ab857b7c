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
  /// By node: what has been read of a step since its blocks began, or the run was resumed.
  var pasts: [Past]
  /// By node: whether it has passed before that.
  var hasPassed: [Bool]
  /// By node: whether anything of it was started before, with no word that it may be again.
  var isSpent: [Bool]
  var running: [NodeID: Record] = [:]
  var timedOut: Set<NodeID> = []
  /// Where the run was resumed last; nil where it was not.
  var resumedAt: Int?
  /// The steps that have passed by an attempt that was begun before that.
  var recovered: Set<Int> = []
  var assumed: Set<NodeID> = []
  var slots: SlotReading
  /// By block: how often it has begun again since those around it began, or the run was resumed.
  var rounds: [UInt32: Int] = [:]
  /// By block that was tried again: the first start in it.
  var entries: [UInt32: Record] = [:]
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
}
