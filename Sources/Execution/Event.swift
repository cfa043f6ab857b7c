package import Clock
package import PlanGraph

/// How an attempt ended, as the machine saw it.
package enum AttemptResult: Hashable, Sendable {
  /// The process exited; 0 is success. A step without a process of its own succeeds as 0.
  case exited(Int32)
  /// The process was ended by a signal.
  case signalled(Int32)
  /// It could not be started, or a supervisor did not do what was requested; with the reason as one
  /// line for people.
  case failed(String)
  /// It is over, and how it ended is unknown.
  case lost
  /// Nothing of it was ever started.
  case notStarted
  /// Like `failed`, and it is certain that nothing of it was ever started.
  case refused(String)
}

/// A person's decision about a step in doubt.
package enum Assumption: String, Hashable, Sendable, CaseIterable {
  /// Its work is done, as if it had succeeded.
  case done
  /// It may be started again.
  case again
}

/// A timer of the run.
package enum TimerID: Hashable, Sendable {
  /// The timeout of the step's current attempt.
  case timeout(NodeID)
  /// The time between TERM and KILL for the step's current attempt.
  case grace(NodeID)
  /// The pause before the step's next attempt.
  case backoff(NodeID)
  /// The timeout of the block's current attempt.
  case blockTimeout(BlockID)
  /// The pause before the block's next attempt.
  case blockBackoff(BlockID)
}

/// An event for a run.
///
/// The events and the times of their arrival determine everything.
package enum Event: Hashable, Sendable {
  /// The run begins.
  case began
  /// The attempt's process exists; nil if it has none, or if its first process could not execute
  /// its program.
  case started(NodeID, attempt: Int, process: Int32?)
  /// The attempt is over, and nothing is left of it that was asked to end.
  case ended(NodeID, attempt: Int, AttemptResult)
  /// The answer to `Action.ask`.
  case answered(NodeID, Bool)
  /// An armed timer has fired.
  case fired(TimerID)
  /// The run is asked to stop, for the first time or again; with the number of the signal.
  case cancelled(signal: Int32)
  /// A person's decision about a step, before the run is resumed.
  case assumed(NodeID, Assumption)
  /// The run is resumed after it was interrupted or ended without success; with what may have
  /// undone its results meanwhile.
  case resumed(Lapse)
  /// Nothing can be recorded any more, so nothing new may start, including handlers.
  case halted
}

extension Event {
  /// Whether it starts or resumes the run.
  package var isResumption: Bool { if case .resumed = self { true } else { false } }
}

/// A request by a run.
package enum Action: Hashable, Sendable {
  /// Start this attempt of the step (counted from 1). Then report `started` and `ended`, or only
  /// `ended` if it could not be started. A step of a handler gets the handler's cause.
  case start(NodeID, attempt: Int, cause: HandlerCause? = nil)
  /// Find out what happened to this attempt, which began before the run was resumed. If it is still
  /// running, wait for its end. Then report `ended`.
  case recover(NodeID, attempt: Int)
  /// Ask the step's attempt to end: TERM to its process group.
  case terminate(NodeID)
  /// End the step's attempt: KILL to its process group and whatever else belongs to it.
  case kill(NodeID)
  /// Find out whether the condition of the step, or of the block that begins here, holds.
  case ask(NodeID, RuntimeCondition)
  case arm(TimerID, at: Instant)
  case disarm(TimerID)
  /// Announce this when its cause is on disk. The machine has nothing to do.
  case announce(Announcement)
  /// The run is over.
  case finish(RunOutcome)
  /// Stop driving the run now, without waiting for attempts to end or for the journal, because a
  /// signal insists.
  ///
  /// Everything that still runs has been killed. A resume finds out what happened to it.
  case leave(RunOutcome)
}

/// The cause of a handler: how its block ended.
package struct HandlerCause: Hashable, Sendable {
  /// The steps of the block that failed, ascending, the first `most` of them.
  ///
  /// If none failed and the block was stopped: those that had to end.
  package var steps: [NodeID]
  /// How many more there are.
  package var others: Int
  /// How the block ended.
  package var ending: Ending

  package enum Ending: Hashable, Sendable {
    case succeeded
    /// By this failure, which was the first.
    case failed(StepFailure)
  }

  /// More than anyone reads.
  package static let most = 100
}

/// How the whole run ended.
package enum RunOutcome: Hashable, Sendable {
  case succeeded
  case failed
  /// Stopped by this signal.
  case cancelled(signal: Int32)
}

/// Something that people may want to know at once.
package enum Announcement: Hashable, Sendable {
  case attemptStarted(NodeID, attempt: Int)
  /// An attempt from before the resume, which is awaited.
  case attemptAdopted(NodeID, attempt: Int)
  /// An attempt that ended in an unknown way; the step is started again.
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
  /// The attempt has timed out and been asked to end.
  case timedOut(NodeID, attempt: Int)
  /// The attempt did not end within its grace and is ended.
  case killed(NodeID, attempt: Int)
  /// Nothing new starts, because nothing can be recorded any more.
  case halted
  /// A signal asks the run to stop; with what the run does.
  case stopping(signal: Int32, StopLevel)
  /// A remark of a step.
  case remark(Remark)
}

/// Why a step failed.
package enum StepFailure: Hashable, Sendable {
  case exited(Int32)
  case signalled(Int32)
  case timedOut
  case cancelled
  case failed(String)
  /// How it ended is unknown, and it must not be started again without a person's decision.
  case lost
}
