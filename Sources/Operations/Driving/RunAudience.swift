package import Journal
package import PlanGraph

/// Whoever looks on while a run goes on.
package protocol RunAudience: AnyObject {
  /// A run begins, now that nothing is in its way.
  ///
  /// - Parameter graph: what it is of.
  /// - Returns: who is told what it announces.
  func begin(_ graph: Graph) -> any AnnouncementListener
  /// Takes what is not announced by the run itself, before it, beside it and at its end; it must not
  /// wait.
  func tell(_ notice: Notice)
}
