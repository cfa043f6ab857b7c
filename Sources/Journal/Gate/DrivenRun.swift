package import Clock
package import Execution

/// A run as its driver sees it: `RecordedRun`, or a simpler one of a test.
package protocol DrivenRun: AnyObject {
  /// Takes an event; gives what is to be done at once.
  func handle(_ event: Event, at moment: Instant) -> [Action]
  /// What may be done by now of what was held back.
  func released(at moment: Instant) -> [Action]
  /// Takes what a step remarks, for people.
  func announce(_ remark: Remark, at moment: Instant)
  /// What people may be told by now.
  func nextAnnouncement() -> DueAnnouncement?
  /// There is nothing to do but wait; what is waited for is brought about.
  func willWait()
}

extension DrivenRun {
  /// Tells everybody what may be told by now.
  package func tell(_ listeners: [any AnnouncementListener]) {
    while let due = nextAnnouncement() {
      for listener in listeners { listener.hear(due) }
    }
  }
}
