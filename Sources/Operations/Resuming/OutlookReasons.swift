import Execution
import PlanGraph

extension ResumeExplanation {
  /// What becomes of a step, and why.
  typealias Reason = (verdict: Verdict, words: String)

  /// Adds all steps of a run.
  ///
  /// - Parameters:
  ///   - run: the run.
  ///   - lapse: what may have undone the results of steps.
  ///   - underWay: what is said of a step that was running when the run was interrupted.
  ///   - doubtful: what is said of a step of which only a person can say whether it may start again;
  ///     takes its failure, if it failed.
  mutating func addSteps(
    of run: Run,
    after lapse: Lapse,
    underWay: (NodeID) -> Reason,
    doubtful: (NodeID, StepFailure?) -> Reason
  ) {
    for (node, outlook) in run.outlook(after: lapse) {
      let reason: Reason =
        switch outlook {
        case .passed(.succeeded): (.keep, "succeeded")
        case .passed(.failedOptional):
          (.keep, "failed, but is optional, so what comes after it continued")
        case .passed: (.keep, run.policy.passedOver[node]?.words ?? "was skipped")
        case .askedAgain(let state): (.run, lapse.words(of: state, run.graph.step(node)))
        case .againWithBlock:
          (.run, "succeeded, but a handler of its block has run, so all of the block runs again")
        case .seenThrough: underWay(node)
        case .again(let failure?): (.run, "failed: \(describe(failure))")
        case .again(nil): (.run, "was interrupted")
        case .first:
          run.policy.passedOver[node].map { (.keep, $0.words) } ?? (.run, "was not started")
        case .doubtful(let failure): doubtful(node, failure)
        case .assumed(.done): (.keep, "is assumed to be done")
        case .assumed(.again): (.run, "is assumed to need another run")
        case .ifEntered: (.maybe, "belongs to a handler, which runs if it is entered")
        }
      add(node, reason.verdict, reason.words)
    }
  }
}

extension Lapse {
  /// Why a step that has passed is asked again.
  func words(of state: NodeState, _ step: StepTemplate?) -> String {
    if state == .skipped, step?.condition != nil {
      return "was skipped, but the machine was booted since; what runs now relies on it"
    }
    let how = state == .skipped ? "passed" : "succeeded"
    if self == .reboot {
      return "\(how), but the machine was booted since; what runs now relies on it"
    }
    switch step?.action {
    case .start: return "\(how); what runs now relies on its processes, so they are checked again"
    case .stop, .unmonitor:
      return "\(how); what runs now relies on it, so the processes are checked again"
    default: return "\(how); what runs now relies on it, so it is checked again"
    }
  }
}
