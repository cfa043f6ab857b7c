package import Clock
package import Execution
package import Journal
package import PlanGraph

/// The course of a made-up attempt.
package struct SimulatedAttempt: Hashable, Sendable {
  /// How long it takes by itself; nil if it never ends by itself.
  package var duration: Duration?
  package var result: AttemptResult
  /// How long it continues after it is asked to end; nil if it ignores that.
  package var lingers: Duration?

  /// Makes an attempt.
  package init(duration: Duration?, result: AttemptResult, lingers: Duration? = .zero) {
    self.duration = duration
    self.result = result
    self.lingers = lingers
  }

  /// An attempt that succeeds at once.
  package static let success = SimulatedAttempt(duration: .zero, result: .exited(0))
}

extension Simulator {
  /// Everything in a simulated run that the run does not decide.
  package struct World {
    /// The course of an attempt; attempts are counted from 1.
    package var attempt: (NodeID, Int) -> SimulatedAttempt
    /// Whether a condition holds.
    package var answer: (NodeID, RuntimeCondition) -> Bool
    /// When someone asks the run to stop, and by which signal.
    package var cancellations: [(Instant, Int32)]
    /// How long the disk takes to store a group of records (counted from 1); nil if it fails for
    /// good.
    ///
    /// Without this function records are on disk at once.
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
    /// The machine performed an action that the run had decided.
    case performed(Action)
    /// An announcement was made.
    case told(Announcement)
    /// This many records are on disk.
    case reachedDisk(UInt32)
    /// The disk has failed: records from here on are lost when the driver ends.
    case diskFailed
    /// The attempt is over in the world, even if no driver notices.
    case over(NodeID, attempt: Int, AttemptResult)
    /// The driver is gone. Has the number of records that are left, and what may have been undone.
    case interrupted(kept: UInt32, Lapse)
  }

  /// The point at which the driver of a run is killed.
  package struct Interruption: Hashable, Sendable {
    /// After the record of this event (counted from 1, over all lives) was written.
    package var event: UInt32
    /// How many of the actions that may follow at once it still performs.
    package var performing: Int

    /// Makes an interruption.
    package init(event: UInt32, performing: Int) {
      self.event = event
      self.performing = performing
    }
  }
}

/// A run whose events are recorded, and that delays what must wait for the disk.
package protocol SimulatedRun {
  /// How many events there have been.
  var eventCount: UInt32 { get }
  /// The actions that the last event led to, including those held back.
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
