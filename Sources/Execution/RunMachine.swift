package import PlanGraph

/// The machine of a run: does what the run asks for, and reports what came of it.
///
/// It may be one machine or stand for many. It decides nothing. What it cannot do, such as start a
/// step on a machine that does not answer, it reports as the end of the attempt.
///
/// The protocol stands beside `Action` and `Event` because it says in calls what those say in values,
/// and because whoever conforms to it, such as a machine at the end of a connection, needs nothing of
/// the local one. The rest of what a run asks for is the driver's, and there is one driver for all
/// conformers: timers, signals, the journal, and telling people (`RunDriver`).
package protocol RunMachine: AnyObject {
  /// Makes ready for one run, before the first call.
  ///
  /// - Parameter report: takes what happens, from the thread of the driver. It may be called while the
  ///   machine is being asked for something.
  func begin(_ report: @escaping (MachineReport) -> Void)

  /// Starts an attempt; `started` and `ended` are reported, or `ended` alone where it could not be
  /// started.
  ///
  /// - Parameters:
  ///   - node: the step.
  ///   - attempt: counted from 1.
  ///   - cause: what the handler is there for that the step stands in.
  func start(_ node: NodeID, attempt: Int, cause: HandlerCause?)

  /// Finds out what became of an attempt that was begun before the run was resumed, and sees it through
  /// to its end where it is still under way; `ended` is reported.
  func recover(_ node: NodeID, attempt: Int)

  /// Asks the step's attempt to end; nothing where none is under way.
  func terminate(_ node: NodeID)

  /// Ends the step's attempt and whatever belongs to it; nothing where none is under way.
  func kill(_ node: NodeID)

  /// Finds out whether a condition holds where the step or block stands; `answered` is reported.
  func ask(_ node: NodeID, _ condition: RuntimeCondition)

  /// Kills everything that is under way; neither waits nor reports.
  func abandon()

  /// Puts everything back as it was before `begin`; nothing is reported afterwards.
  func end()
}

/// What the machine of a run reports.
package enum MachineReport: Hashable, Sendable {
  /// As `Event.started`.
  case started(NodeID, attempt: Int, process: Int32?)
  /// As `Event.ended`.
  case ended(NodeID, attempt: Int, AttemptResult)
  /// As `Event.answered`.
  case answered(NodeID, Bool)
  /// Something for people; the run is not told.
  case remark(Remark)
}
