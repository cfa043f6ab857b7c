package import Clock
import Execution
package import PlanGraph

/// What the journal of a run leaves open that was broken off, told without the plan that it had.
package struct UnfinishedRun: Sendable {
  /// An attempt that was started, and not seen to end.
  package struct Attempt: Hashable, Sendable {
    package var number: Int
    /// Its process; nil where it has none of its own.
    package var process: Int32?
    /// The moment at which that was recorded.
    package var recorded: Instant
    /// The number of the session in which it was started, counted from 0.
    package var session: Int
  }

  /// What the record of a step's holder says of an attempt.
  package enum Evidence: Hashable, Sendable {
    /// Nothing was ever started.
    case notStarted
    /// It is under way.
    case running
    /// It is over, and how it ended is known.
    case ended
    /// It was started, is not under way, and nobody can tell how it ended.
    case lost
  }

  /// The attempts that were not seen to end.
  package private(set) var open: [NodeID: Attempt] = [:]
  /// The last attempt of each step that was seen to end.
  package private(set) var ended: [NodeID: Int] = [:]
  /// The moments at which the last ends were seen, and the numbers of their sessions.
  private var ends: [NodeID: (moment: Instant, session: Int)] = [:]
  /// All processes that were recorded.
  package private(set) var processes: Set<Int32> = []
  /// The moment of the first event of each session, before which it started nothing; nil where it
  /// wrote down none.
  package private(set) var begins: [Instant?]
  /// The last attempts of which somebody who looked for their end could not tell it.
  private var lost: [NodeID: Int] = [:]

  /// Reads a journal.
  ///
  /// - Throws: where an event cannot be read.
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

  /// The session that came last of those that wrote down an event: its number and its first moment.
  package var lastSession: (number: Int, began: Instant)? {
    for number in begins.indices.reversed() {
      if let began = begins[number] { return (number, began) }
    }
    return nil
  }

  /// The moment at which the last end of a step was seen, where that was in one of some sessions.
  ///
  /// What a step's attempt left behind began before it. Another attempt begins after it.
  package func lastEnd(of node: NodeID, in isMeant: (_ session: Int) -> Bool) -> Instant? {
    ends[node].flatMap { isMeant($0.session) ? $0.moment : nil }
  }

  /// Whether only a person can tell what became of an attempt of a step that is not idempotent: it was
  /// started, and nobody knows how it ended.
  ///
  /// - Parameters:
  ///   - node: the step.
  ///   - number: of its last attempt that a holder has recorded.
  ///   - evidence: what that record says.
  /// - Returns: whether that is so.
  package func isDoubtful(_ node: NodeID, attempt number: Int, _ evidence: Evidence) -> Bool {
    evidence == .lost && (number > ended[node] ?? 0 || lost[node] == number)
  }
}
