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
    explanation.addSteps(of: run, after: .time) { _ in
      (.wait, "is under way")
    } doubtful: { node, failure in
      (.ask, DoubtfulStep(node: node, past: past(failure, run[node])).why)
    }
    if explanation.steps.contains(where: { $0.verdict == .ask }) {
      explanation.remarks.append(
        "nothing would start before you decide with --assume STEP=done or --assume STEP=again"
      )
    }
    return explanation
  }

  private static func past(_ failure: StepFailure?, _ state: NodeState) -> DoubtfulStep.Past {
    if let failure { return failure == .lost ? .cutShort : .failed(describe(failure)) }
    return state.isPassed ? .succeeded : .cutShort
  }
}
