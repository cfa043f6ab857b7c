package import Clock
package import Execution
package import Journal
package import PlanGraph

/// How a made-up attempt goes.
package struct SimulatedAttempt: Hashable, Sendable {
  /// How long it takes by itself; nil for ever.
  package var duration: Duration?
  package var result: AttemptResult
  /// How long it goes on after it was asked to end; nil if it takes no notice.
  package var lingers: Duration?

  /// Makes an attempt.
  package init(duration: Duration?, result: AttemptResult, lingers: Duration? = .zero) {
    self.duration = duration
    self.result = result
    self.lingers = lingers
  }

  /// One that succeeds at once.
  package static let success = SimulatedAttempt(duration: .zero, result: .exited(0))
}

extension Simulator {
  /// What happens in a simulated run that the run does not decide.
  package struct World {
    /// How an attempt (counted from 1) goes.
    package var attempt: (NodeID, Int) -> SimulatedAttempt
    /// Whether a condition holds.
    package var answer: (NodeID, RuntimeCondition) -> Bool
    /// When somebody asks the run to stop, and by which signal.
    package var cancellations: [(Instant, Int32)]
    /// How long the disk takes for a group of records (counted from 1), nil where it fails for good;
    /// without this function records are on disk at once.
    package var sync: ((Int) -> Duration?)?

    /// Makes a world.
    package init(
      attempt: @escaping (NodeID, Int) -> SimulatedAttempt,
      answer: @escaping (NodeID, RuntimeCondition) -> Bool = { _, _ in true },
      cancellations: [(Instant, Int32)] = [],
      sync: ((Int) -> Duration?)? = nil
    ) {
      self.attempt = attempt
      self.answer = answer
      self.cancellations = cancellations
      self.sync = sync
    }
  }

  /// Something that happened in a simulated run, and when.
  package struct Entry: Hashable, Sendable {
    package var moment: Instant
    package var occurrence: Occurrence
  }

  /// Something that happened in a simulated run.
  package enum Occurrence: Hashable, Sendable {
    /// An event was recorded, and what the run decided about it.
    case event(Event, [Action])
    /// The machine did what the run had decided.
    case performed(Action)
    /// People were told.
    case told(Announcement)
    /// So many records are on disk.
    case reachedDisk(UInt32)
    /// Nothing that is recorded from here on will be there after the driver's end.
    case diskFailed
    /// The attempt is over in the world, whether anybody is there to notice or not.
    case over(NodeID, attempt: Int, AttemptResult)
    /// The driver is gone, and so many records are left; what that may have undone.
    case interrupted(kept: UInt32, Lapse)
  }

  /// Where the driver of a run is killed.
  package struct Interruption: Hashable, Sendable {
    /// After the record of this event (counted from 1, over all lives) was written.
    package var event: UInt32
    /// How many of the actions that may follow at once are still performed.
    package var performing: Int

    /// Makes an interruption.
    package init(event: UInt32, performing: Int) {
      self.event = event
      self.performing = performing
    }
  }
}

/// A run that is driven by events which are recorded, and holds back what is to wait for the disk.
package protocol SimulatedRun {
  /// How many events there have been.
  var eventCount: UInt32 { get }
  /// What was asked for in answer to the last event, held back or not.
  var decided: [Action] { get }
  var need: GatedRun.Need { get }
  mutating func handle(_ event: Event, at moment: Instant) -> [Action]
  mutating func reachedDisk(_ count: UInt32) -> [Action]
  mutating func diskFailed() -> [Action]
  mutating func nextAnnouncement() -> DueAnnouncement?
  mutating func takeDropped() -> [Event]
}

extension GatedRun: SimulatedRun {
  package var eventCount: UInt32 { run.eventCount }
}
