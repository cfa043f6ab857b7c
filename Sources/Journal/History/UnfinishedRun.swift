package import Clock
import Execution
package import PlanGraph

/// What the journal of an interrupted run leaves open, read without the run's plan.
package struct UnfinishedRun: Sendable {
  /// An attempt that was started, and whose end was not recorded.
  package struct Attempt: Hashable, Sendable {
    package var number: Int
    /// Its process; nil if it has none of its own.
    package var process: Int32?
    /// When its start was recorded.
    package var recorded: Instant
    /// The session in which it was started, counted from 0.
    package var session: Int
  }

  /// What the record of a step's holder says about an attempt.
  package enum Evidence: Hashable, Sendable {
    /// Nothing was ever started.
    case notStarted
    /// It is running.
    case running
    /// It is over, and its result is known.
    case ended
    /// It was started and is no longer running, and its result is not known.
    case lost
  }

  /// The attempts whose end was not recorded.
  package private(set) var open: [NodeID: Attempt] = [:]
  /// The last attempt of each step whose end was recorded.
  package private(set) var ended: [NodeID: Int] = [:]
  /// When the last ends were recorded, and in which sessions.
  private var ends: [NodeID: (moment: Instant, session: Int)] = [:]
  /// All processes that were recorded.
  package private(set) var processes: Set<Int32> = []
  /// The moment of each session's first event; nil if it recorded none.
  ///
  /// A session starts nothing before that.
  package private(set) var begins: [Instant?]
  /// The last attempts that were over by the time someone looked, with an unknown result.
  private var lost: [NodeID: Int] = [:]

  /// Reads a journal.
  ///
  /// - Throws: if an event cannot be read.
  package init(_ contents: JournalContents) throws(JournalContents.Unreadable) {
    begins = Array(repeating: nil, count: contents.sessions.count)
    var reading = self
    try contents.forEachEvent(nil) { entry, session in reading.take(entry, session) }
    self = reading
  }

  private mutating func take(_ entry: JournalContents.Entry, _ session: Int) {
    if begins[session] == nil { begins[session] = entry.moment }
    switch entry.event {
    case .started(let node, let number, let process):
      if let process { processes.insert(process) }
      lost[node] = nil
      open[node] = Attempt(
        number: number,
        process: process,
        recorded: entry.moment,
        session: session
      )
    case .ended(let node, let number, let result):
      open[node] = nil
      ended[node] = number
      ends[node] = (entry.moment, session)
      lost[node] = result == .lost ? number : nil
    case .assumed(let node, _): lost[node] = nil
    case .began, .resumed, .answered, .fired, .cancelled, .halted: break
    }
  }

  /// The last session that recorded an event: its number and the moment of its first event.
  package var lastSession: (number: Int, began: Instant)? {
    for number in begins.indices.reversed() {
      if let began = begins[number] { return (number, began) }
    }
    return nil
  }

  /// When the last end of a step was recorded, if that was in one of the given sessions.
  ///
  /// Processes that an attempt left behind began before that moment. Another attempt begins after
  /// it.
  package func lastEnd(of node: NodeID, in isMeant: (_ session: Int) -> Bool) -> Instant? {
    ends[node].flatMap { isMeant($0.session) ? $0.moment : nil }
  }

  /// Whether only a person can tell what happened to an attempt of a step that is not idempotent:
  /// it was started, and its result is not known.
  ///
  /// - Parameters:
  ///   - node: the step.
  ///   - number: the number of its last attempt that a holder has recorded.
  ///   - evidence: what that record says.
  /// - Returns: whether that is so.
  package func isDoubtful(_ node: NodeID, attempt number: Int, _ evidence: Evidence) -> Bool {
    evidence == .lost && (number > ended[node] ?? 0 || lost[node] == number)
  }
}
