/// The state of a node in a run.
package enum NodeState: UInt8, Sendable, CaseIterable {
  /// Something before it has not passed, or its block has not been entered.
  case waiting
  /// Its condition is being asked of the machine.
  case asking
  /// It waits only for a slot of a limit in the plan.
  case queued
  /// It holds its slots and waits only for the limit on parallel steps.
  case admitted
  /// An attempt is running; for a block's begin, the block is running.
  case running
  /// Between two attempts.
  case backingOff
  case succeeded
  case skipped
  case failed
  /// Failed, but passed because it is optional.
  case failedOptional
  /// Never started, because of a failure before it.
  case blocked
  /// Not started, or ended early, because the run or a block around it had to end.
  case cancelled

  /// Whether it has ended in the current attempt of the block around it.
  package var isEnded: Bool { rawValue >= NodeState.succeeded.rawValue }

  /// Whether what comes after it may start.
  package var isPassed: Bool {
    switch self {
    case .succeeded, .skipped, .failedOptional: true
    default: false
    }
  }

  /// Its word in messages and JSON.
  package var word: String {
    switch self {
    case .waiting: "waiting"
    case .asking: "asking"
    case .queued, .admitted: "queued"
    case .running: "running"
    case .backingOff: "backing-off"
    case .succeeded: "succeeded"
    case .skipped: "skipped"
    case .failed: "failed"
    case .failedOptional: "failed-optional"
    case .blocked: "blocked"
    case .cancelled: "cancelled"
    }
  }
}
