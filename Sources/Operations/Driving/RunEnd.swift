package import Execution
package import PlanGraph
package import Reports
import VM

/// How a run ended, with everything to report about it.
///
/// Its machines stay locked as long as this value exists, so no other run writes to the logs being
/// shown.
package struct RunEnd {
  package let run: Run
  package let outcome: RunOutcome
  /// The time since it began or was resumed.
  package let elapsed: Duration
  /// Whether all of it is on disk.
  package let isRecorded: Bool
  /// The name of its record.
  package let name: String
  /// The command that resumes it, in lines.
  package let resumeCommand: [String]
  /// The logs of a step that failed.
  package let evidence: (NodeID) -> FailureEvidence
  let lock: VMLock?

  /// The exit status of a command with this result.
  package var status: ExitStatus {
    switch outcome {
    case .succeeded: isRecorded ? .succeeded : .failed
    case .cancelled(let signal): .stopped(by: signal)
    case .failed: .failed
    }
  }
}

/// The result of a request to run a plan or to resume a run.
package enum RunResult {
  case ended(RunEnd)
  /// The plan has already succeeded in this boot, in the run of that name.
  case succeededBefore(plan: String, run: String)
  /// The run had succeeded, so there is nothing to resume.
  case nothingLeft(run: String)
}
