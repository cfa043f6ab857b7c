package import Clock
package import Execution
import PlanGraph

/// A run whose events are recorded, and which holds back what must not happen before they are on disk.
///
/// A step starts when the records of everything that it waits for are on disk. A step that is not
/// idempotent also waits for the record of its own start. Announcements and the end of the run wait
/// for the record of the event that caused them. Everything else is done at once, so independent
/// steps do not wait for the disk. KILL never waits, and after a second signal the end of the run
/// does not either.
package struct GatedRun: Sendable {
  package private(set) var run: Run
  /// How many events are on disk.
  private var durable: UInt32
  /// Whether nothing will reach the disk any more.
  private var isBroken = false
  private var starts: [(needed: UInt32, node: NodeID, attempt: Int, action: Action)] = []
  private var announcements = Queue<Told>()
  /// Those that wait for nothing.
  private var answers = Queue<Told>()
  private var end: Action?
  private var dropped: [Event] = []
  /// What the run asked for in answer to the last event, held back or not.
  package private(set) var decided: [Action] = []

  /// An announcement, its time, and what must be on disk before it is sent.
  private struct Told: Sendable {
    var needed: UInt32
    var moment: Instant
    var announcement: Announcement
  }

  /// Takes over a run whose events so far are all on disk.
  package init(_ run: Run) {
    self.run = run
    durable = run.eventCount
  }

  /// How much the run waits for the disk.
  package enum Need: Sendable {
    case none
    /// Queues an announcement.
    case soon
    /// Something is waiting to start, or to end.
    case now
  }

  /// Whether the caller should see to it that what is recorded reaches the disk.
  package var need: Need {
    if isBroken { return .none }
    if !starts.isEmpty || end != nil { return .now }
    return announcements.isEmpty ? .none : .soon
  }

  /// Takes an event that has been recorded; gives what may be done at once.
  package mutating func handle(_ event: Event, at moment: Instant) -> [Action] {
    var free: [Action] = []
    decided = run.handle(event, at: moment)
    for action in decided {
      switch action {
      case .start(let node, let attempt, _):
        let needed = run.recordNeeded(toStart: node)
        if isBroken {
          dropped.append(.ended(node, attempt: attempt, .notStarted))
        } else if needed <= durable {
          free.append(action)
        } else {
          starts.append((needed, node, attempt, action))
        }
      case .terminate(let node), .kill(let node):
        if let index = starts.firstIndex(where: { $0.node == node }) {
          let start = starts.remove(at: index)
          dropped.append(.ended(node, attempt: start.attempt, .notStarted))
        } else {
          free.append(action)
        }
      case .announce(let announcement):
        let told = Told(needed: run.eventCount, moment: moment, announcement: announcement)
        if case .stopping = announcement {
          answers.append(told)
        } else {
          announcements.append(told)
        }
      case .finish:
        if isBroken || run.signals > 1 { free.append(action) } else { end = action }
      case .leave:
        end = nil
        free.append(action)
      case .recover, .ask, .arm, .disarm: free.append(action)
      }
    }
    return free
  }

  /// Says that the first so many events are on disk; gives what may be done now.
  package mutating func reachedDisk(_ count: UInt32) -> [Action] {
    durable = max(durable, count)
    var free: [Action] = []
    if starts.contains(where: { $0.needed <= durable }) {
      for start in starts where start.needed <= durable {
        free.append(start.action)
      }
      starts.removeAll { $0.needed <= durable }
    }
    if let end, durable >= run.eventCount {
      free.append(end)
      self.end = nil
    }
    return free
  }

  /// Queues a step's remark after what was announced before it.
  ///
  /// It is not recorded.
  package mutating func announce(_ remark: Remark, at moment: Instant) {
    announcements.append(Told(needed: 0, moment: moment, announcement: .remark(remark)))
  }

  /// What may be announced now.
  ///
  /// While the disk can still be written, only what follows from records on disk. But a signal is
  /// answered at once, even if the disk is stuck.
  package mutating func nextAnnouncement() -> DueAnnouncement? {
    if let answer = answers.popFirst() { return due(answer) }
    guard let first = announcements.first, isBroken || first.needed <= durable else { return nil }
    _ = announcements.popFirst()
    return due(first)
  }

  private func due(_ told: Told) -> DueAnnouncement {
    DueAnnouncement(
      announcement: told.announcement,
      moment: told.moment,
      isRecorded: told.needed <= durable
    )
  }

  /// Says that nothing will reach the disk any more; gives what may be done now.
  ///
  /// Delayed starts are dropped; everything is announced.
  package mutating func diskFailed() -> [Action] {
    isBroken = true
    dropped += starts.map { .ended($0.node, attempt: $0.attempt, .notStarted) }
    starts = []
    defer { end = nil }
    return end.map { [$0] } ?? []
  }

  /// Events that follow from holding back, such as the end of a step that was asked to end before it
  /// started; to be recorded and handled next.
  package mutating func takeDropped() -> [Event] {
    defer { dropped = [] }
    return dropped
  }
}

/// An announcement that may be sent.
package struct DueAnnouncement: Sendable {
  package var announcement: Announcement
  /// When it came about.
  package var moment: Instant
  /// Whether what it follows from is on disk.
  package var isRecorded: Bool

  /// Makes one.
  package init(announcement: Announcement, moment: Instant, isRecorded: Bool) {
    self.announcement = announcement
    self.moment = moment
    self.isRecorded = isRecorded
  }
}
