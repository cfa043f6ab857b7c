package import Clock
package import PlanGraph

/// How an attempt's work ended, as the machine saw it.
package enum AttemptResult: Hashable, Sendable {
  /// The process exited; 0 is success. A step without a process of its own succeeds as 0.
  case exited(Int32)
  /// The process was ended by a signal.
  case signalled(Int32)
  /// It could not be started, or what was asked of a supervisor did not come about; the reason, as
  /// one line for people.
  case failed(String)
  /// It is over, and nobody can tell how it ended.
  case lost
  /// Nothing of it was ever started.
  case notStarted
  /// As `failed`, and it is certain that nothing of it was ever started.
  case refused(String)
}

/// What a person says of a step whose past leaves open whether it may be run again.
package enum Assumption: String, Hashable, Sendable, CaseIterable {
  /// Its work is done, as if it had succeeded.
  case done
  /// It may be started again.
  case again
}

/// A timer of the run.
package enum TimerID: Hashable, Sendable {
  /// The bound on the step's present attempt.
  case timeout(NodeID)
  /// Between TERM and KILL of the step's present attempt.
  case grace(NodeID)
  /// The pause before the step's next attempt.
  case backoff(NodeID)
  /// The bound on the block's present attempt.
  case blockTimeout(BlockID)
  /// The pause before the block's next attempt.
  case blockBackoff(BlockID)
}

/// What a run is told.
///
/// Together with the moments of their arrival the events determine everything.
package enum Event: Hashable, Sendable {
  /// The run begins.
  case began
  /// The attempt's process is there; nil where it has none, or the one before could not execute its
  /// program.
  case started(NodeID, attempt: Int, process: Int32?)
  /// The attempt is over and nothing of it is left that it was asked to end.
  case ended(NodeID, attempt: Int, AttemptResult)
  /// The answer to `Action.ask`.
  case answered(NodeID, Bool)
  /// An armed timer's moment has come.
  case fired(TimerID)
  /// Somebody asks the run to stop, for the first time or again; the number of the signal.
  case cancelled(signal: Int32)
  /// A person says what became of a step, before the run is resumed.
  case assumed(NodeID, Assumption)
  /// The run goes on after it was broken off, or after it ended without success; what may have undone
  /// meanwhile what had passed.
  case resumed(Lapse)
  /// Nothing can be recorded any more: nothing new may start, handlers included.
  case halted
}

extension Event {
  /// Whether the run goes on with it.
  package var isResumption: Bool { if case .resumed = self { true } else { false } }
}

/// What a run asks for.
package enum Action: Hashable, Sendable {
  /// Start this attempt of the step (counted from 1), then report `started` and `ended`, or `ended`
  /// alone where it could not be started; a step of a handler is told what the handler is there for.
  case start(NodeID, attempt: Int, cause: HandlerCause? = nil)
  /// Find out what became of this attempt, begun before the run was resumed; if it is still under
  /// way, see it through to its end. Then report `ended`.
  case recover(NodeID, attempt: Int)
  /// Ask the step's attempt to end: TERM to its process group.
  case terminate(NodeID)
  /// End the step's attempt: KILL to its process group and whatever else belongs to it.
  case kill(NodeID)
  /// Find out whether the condition of the step, or of the block that begins here, holds.
  case ask(NodeID, RuntimeCondition)
  case arm(TimerID, at: Instant)
  case disarm(TimerID)
  /// Tell people, when the disk has what it follows from; asks nothing of the machine.
  case announce(Announcement)
  /// Nothing is left to do.
  case finish(RunOutcome)
  /// Stop driving the run now, without waiting for attempts to end or for the journal: somebody insists.
  ///
  /// What is still under way has been asked to be killed. A resume finds out what became of it.
  case leave(RunOutcome)
}

/// What a handler is there for: how the block ended that it belongs to.
package struct HandlerCause: Hashable, Sendable {
  /// The steps of the block that failed, ascending, the first `most` of them.
  ///
  /// Where none failed, and the block was ended: those that had to end for it.
  package var steps: [NodeID]
  /// How many more there are.
  package var others: Int
  /// How the block ended.
  package var ending: Ending

  package enum Ending: Hashable, Sendable {
    case succeeded
    /// By this failure, the first there was.
    case failed(StepFailure)
  }

  /// More than anybody reads of them.
  package static let most = 100
}

/// How the whole run ended.
package enum RunOutcome: Hashable, Sendable {
  case succeeded
  case failed
  /// Stopped by this signal.
  case cancelled(signal: Int32)
}

/// Something of which people may want to know at once.
package enum Announcement: Hashable, Sendable {
  case attemptStarted(NodeID, attempt: Int)
  /// An attempt of before the run was resumed, which is seen through to its end.
  case attemptAdopted(NodeID, attempt: Int)
  /// An attempt that is over without anybody knowing how; the step is started again.
  case attemptLost(NodeID, attempt: Int)
  /// A failed attempt that is followed by another after the pause.
  case attemptFailed(NodeID, attempt: Int, StepFailure, retryAfter: Duration)
  case stepSucceeded(NodeID, attempts: Int)
  case stepFailed(NodeID, attempts: Int, StepFailure, isOptional: Bool)
  case stepSkipped(NodeID, reason: String)
  /// A barrier that everything before it has passed.
  case barrierPassed(NodeID)
  case blockRetried(BlockID, attempt: Int, after: Duration)
  case blockTimedOut(BlockID)
  case handlerEntered(BlockID)
  /// The attempt's time is over; it has been asked to end.
  case timedOut(NodeID, attempt: Int)
  /// The attempt did not end within its grace and is ended.
  case killed(NodeID, attempt: Int)
  /// Nothing new starts, because nothing can be recorded any more.
  case halted
  /// A signal asks the run to stop, and this is what it does.
  case stopping(signal: Int32, StopLevel)
  /// What a step says itself.
  case remark(Remark)
}

/// Why a step failed.
package enum StepFailure: Hashable, Sendable {
  case exited(Int32)
  case signalled(Int32)
  case timedOut
  case cancelled
  case failed(String)
  /// Nobody can tell how it ended, and it may not be started again without a person's word.
  case lost
}
