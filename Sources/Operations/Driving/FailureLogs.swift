import Machine
import PlanGraph
import Reports

/// The ends of failed steps' logs, limited to what the last attempt wrote.
///
/// Output of an earlier attempt or run is never shown as its own.
struct FailureLogs {
  let machine: LiveMachine

  /// The logs of a step that has ended, with the end of what its last attempt wrote.
  func evidence(_ node: NodeID) -> FailureEvidence {
    let tail = machine.logTail(of: node)
    var evidence = FailureEvidence(
      path: tail.path,
      isKnown: tail.isKnown,
      stderr: tail.stderr,
      stdout: tail.stdout
    )
    evidence.missing = tail.words
    evidence.isDiskFull = tail.path.map(FreeSpaceCheck.isFull) ?? false
    return evidence
  }
}
