package import Journal
package import PlanGraph

/// Receives what happens during a run.
package protocol RunAudience: AnyObject {
  /// Called when nothing prevents the run any more and it begins.
  ///
  /// - Parameter graph: the run's graph.
  /// - Returns: the listener for its announcements.
  func begin(_ graph: Graph) -> any AnnouncementListener
  /// Receives notices that the run itself does not announce: before it, during it and at its end.
  /// It must not block.
  func tell(_ notice: Notice)
}
