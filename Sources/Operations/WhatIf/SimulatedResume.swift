package import Analysis
import Execution
import PlanGraph

/// What a resume of a rehearsed run would do.
package enum SimulatedResume {
  /// Explains it like `lockstep resume --explain`; nil if there would be nothing to resume.
  package static func explanation(of rehearsal: Rehearsal) -> ResumeExplanation? {
    guard case .finished(let outcome) = rehearsal.ending, outcome != .succeeded else { return nil }
    let run = rehearsal.run
    var explanation = ResumeExplanation(title: "a resume would begin with:")
    for (node, outlook) in run.outlook(after: .time) {
      let (verdict, reason) = words(outlook, node, run)
      explanation.add(node, verdict, reason)
    }
    if explanation.steps.contains(where: { $0.verdict == .ask }) {
      explanation.remarks.append(
        "nothing would start before you decide with --assume STEP=done or --assume STEP=again"
      )
    }
    return explanation
  }

  private static func words(
    _ outlook: ResumeOutlook,
    _ node: NodeID,
    _ run: Run
  ) -> (ResumeExplanation.Verdict, String) {
    switch outlook {
    case .passed(.succeeded): (.keep, "succeeded")
    case .passed(.failedOptional):
      (.keep, "failed, but is optional, so what comes after it continued")
    case .passed: (.keep, run.policy.passedOver[node]?.words ?? "was skipped")
    case .askedAgain(let state): (.run, Lapse.time.words(of: state, run.graph.step(node)))
    case .againWithBlock:
      (.run, "succeeded, but a handler of its block has run, so all of the block runs again")
    case .seenThrough: (.wait, "is under way")
    case .again(let failure?): (.run, "failed: \(describe(failure))")
    case .again(nil): (.run, "was interrupted")
    case .first: run.policy.passedOver[node].map { (.keep, $0.words) } ?? (.run, "was not started")
    case .doubtful(let failure):
      (.ask, DoubtfulStep(node: node, past: past(failure, run[node])).why)
    case .assumed(.done): (.keep, "is assumed to be done")
    case .assumed(.again): (.run, "is assumed to need another run")
    case .ifEntered: (.maybe, "belongs to a handler, which runs if it is entered")
    }
  }

  private static func past(_ failure: StepFailure?, _ state: NodeState) -> DoubtfulStep.Past {
    if let failure { return failure == .lost ? .cutShort : .failed(describe(failure)) }
    return state.isPassed ? .succeeded : .cutShort
  }
}
