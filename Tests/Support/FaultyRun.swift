import Analysis
import Clock
import Execution
import Journal
import PlanGraph

/// A run that is driven with a mistake.
struct FaultyRun: SimulatedRun {
  private(set) var run: GatedRun
  private let fault: Fault
  private var events: [Event] = []
  private var starts = 0
  /// The steps that were started and have not ended, and starts that wait until one of them has.
  private var going: Set<NodeID> = []
  private var putOff: [(node: NodeID, attempt: Int)] = []
  private var announcements: [DueAnnouncement] = []

  init(_ run: GatedRun, _ fault: Fault) {
    self.run = run
    self.fault = fault
  }

  var eventCount: UInt32 { run.eventCount }
  var decided: [Action] { run.decided }
  var need: GatedRun.Need { run.need }

  mutating func handle(_ event: Event, at moment: Instant) -> [Action] {
    let isForgetful = fault == .nothingIsAskedAgain && event.isResumption
    var actions = run.handle(isForgetful ? .resumed(.nothing) : event, at: moment)
    if fault == .nothingWaitsForTheDisk { actions += run.reachedDisk(run.eventCount) }
    for case .announce(let announcement) in run.decided {
      announcements.append(
        DueAnnouncement(announcement: announcement, moment: moment, isRecorded: false)
      )
    }
    guard case .ended(let node, _, _) = event, going.remove(node) != nil else {
      return altered(actions)
    }
    let late = putOff.map { Action.start($0.node, attempt: $0.attempt) }
    going.formUnion(putOff.map(\.node))
    putOff = []
    return late + altered(actions)
  }

  mutating func reachedDisk(_ count: UInt32) -> [Action] { altered(run.reachedDisk(count)) }

  mutating func diskFailed() -> [Action] {
    for start in putOff { events.append(.ended(start.node, attempt: start.attempt, .notStarted)) }
    putOff = []
    return altered(run.diskFailed())
  }

  mutating func nextAnnouncement() -> DueAnnouncement? {
    let inTime = run.nextAnnouncement()
    if fault != .peopleAreToldTooEarly { return inTime }
    return announcements.isEmpty ? nil : announcements.removeFirst()
  }

  mutating func takeDropped() -> [Event] {
    defer { events = [] }
    return run.takeDropped() + events
  }

  /// What happens instead of what was decided.
  private mutating func altered(_ actions: [Action]) -> [Action] {
    actions.filter { action in
      switch (fault, action) {
      case (.aPauseNeverEnds, .arm(.backoff, _)), (.nothingIsKilled, .kill): return false
      case (.aStartIsLost, .start):
        starts += 1
        return starts != 2
      case (.aStartIsPutOff, .start(let node, let attempt, _)):
        if going.isEmpty {
          going.insert(node)
          return true
        }
        putOff.append((node, attempt))
        return false
      case (.aStartIsPutOff, .terminate(let node)), (.aStartIsPutOff, .kill(let node)):
        guard let index = putOff.firstIndex(where: { $0.node == node }) else { return true }
        let start = putOff.remove(at: index)
        events.append(.ended(node, attempt: start.attempt, .notStarted))
        return false
      case (.anAttemptIsTakenForEnded, .start(let node, let attempt, _)):
        events.append(.ended(node, attempt: attempt, .exited(0)))
        return true
      case (.orphansAreForgotten, .recover(let node, let attempt)):
        events.append(.ended(node, attempt: attempt, .lost))
        return false
      case (.whatIsLostSucceeded, .recover(let node, let attempt)):
        events.append(.ended(node, attempt: attempt, .exited(0)))
        return false
      default: return true
      }
    }
  }
}
