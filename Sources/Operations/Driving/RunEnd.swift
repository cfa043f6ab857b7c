package import Execution
package import PlanGraph
package import Reports
import VM

/// How a run ended, with all that is told of it.
///
/// Its machines stay locked as long as it is kept, so that no other run writes to the logs that are
/// shown.
package struct RunEnd {
  package let run: Run
  package let outcome: RunOutcome
  /// Since it began or went on.
  package let elapsed: Duration
  /// Whether all of it is on disk.
  package let isRecorded: Bool
  /// The name of its record.
  package let name: String
  /// What a person types to go on with it, in lines.
  package let resumeCommand: [String]
  /// The logs of a step that failed.
  package let evidence: (NodeID) -> FailureEvidence
  let lock: VMLock?

  /// The exit status of a command that ends so.
  package var status: ExitStatus {
    switch outcome {
    case .succeeded: isRecorded ? .succeeded : .failed
    case .cancelled(let signal): .stopped(by: signal)
    case .failed: .failed
    }
  }
}

/// What became of a request to run a plan or to go on with a run.
package enum RunResult {
  case ended(RunEnd)
  /// The plan has succeeded since this boot, as the run of that name.
  case succeededBefore(plan: String, run: String)
  /// The run had succeeded, so there is nothing to go on with.
  case nothingLeft(run: String)
}
