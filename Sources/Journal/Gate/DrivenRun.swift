package import Clock
package import Execution

/// A run as its driver sees it: `RecordedRun`, or a simpler one of a test.
package protocol DrivenRun: AnyObject {
  /// Handles an event and returns what to do at once.
  func handle(_ event: Event, at moment: Instant) -> [Action]
  /// Which delayed actions may be carried out now.
  func released(at moment: Instant) -> [Action]
  /// Takes what a step remarks, for people.
  func announce(_ remark: Remark, at moment: Instant)
  /// What may be announced now.
  func nextAnnouncement() -> DueAnnouncement?
  /// There is nothing to do but wait; what is waited for is brought about.
  func willWait()
}

extension DrivenRun {
  /// Sends all listeners what may be announced now.
  package func tell(_ listeners: [any AnnouncementListener]) {
    while let due = nextAnnouncement() {
      for listener in listeners { listener.hear(due) }
    }
  }
}
