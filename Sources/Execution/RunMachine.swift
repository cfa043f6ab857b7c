package import PlanGraph

/// The machine of a run: does what the run asks for, and reports the results.
///
/// It may be one machine or represent many. It decides nothing. If it cannot do something, such as
/// start a step on a machine that does not answer, it reports that as the end of the attempt.
///
/// The protocol is next to `Action` and `Event` because it expresses the same as calls, and because
/// a conformer, such as a machine behind a connection, needs nothing of the local machine. The
/// driver handles all other requests of a run: timers, signals, the journal and announcements.
/// There is one driver for all conformers (`RunDriver`).
package protocol RunMachine: AnyObject {
  /// Prepares for one run, before the first call.
  ///
  /// - Parameter report: receives what happens, on the driver's thread. It may be called during a
  ///   call to the machine.
  func begin(_ report: @escaping (MachineReport) -> Void)

  /// Starts an attempt and reports `started` and `ended`, or only `ended` if it could not be
  /// started.
  ///
  /// - Parameters:
  ///   - node: the step.
  ///   - attempt: counted from 1.
  ///   - cause: the cause of the handler that the step belongs to.
  func start(_ node: NodeID, attempt: Int, cause: HandlerCause?)

  /// Finds out what happened to an attempt that began before the resume, waits for its end if it
  /// still runs, and reports `ended`.
  func recover(_ node: NodeID, attempt: Int)

  /// Asks the step's attempt to end. Does nothing if none is running.
  func terminate(_ node: NodeID)

  /// Kills the step's attempt and everything that belongs to it. Does nothing if none is running.
  func kill(_ node: NodeID)

  /// Checks whether a condition holds for a step or block, and reports `answered`.
  func ask(_ node: NodeID, _ condition: RuntimeCondition)

  /// Kills everything that runs, without waiting or reporting.
  func abandon()

  /// Restores the state before `begin`. Nothing is reported afterwards.
  func end()
}

/// What the machine of a run reports.
package enum MachineReport: Hashable, Sendable {
  /// Like `Event.started`.
  case started(NodeID, attempt: Int, process: Int32?)
  /// Like `Event.ended`.
  case ended(NodeID, attempt: Int, AttemptResult)
  /// Like `Event.answered`.
  case answered(NodeID, Bool)
  /// A remark for people, which the run does not get.
  case remark(Remark)
}
