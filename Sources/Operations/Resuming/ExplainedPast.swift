import Execution
import Journal
import Machine
import PlanGraph

extension RecordedPast {
  /// Why each step would run or not if the run were resumed now.
  ///
  /// - Parameters:
  ///   - orphan: the process that is left of an idempotent step; nil if there is none.
  ///   - isDriven: whether a process is driving the run now.
  /// - Returns: the explanation.
  func explanation(orphan: (NodeID) -> Int32?, isDriven: Bool) -> ResumeExplanation {
    let state = isDriven && run.outcome == nil ? "it is running" : self.state
    let title = "run \(contents.header.run) of the plan \(run.graph.planName): \(state)"
    var explanation = ResumeExplanation(title: title)
    let doubts = Dictionary(doubtful().map { ($0.node, $0.why) }) { first, _ in first }
    explanation.addSteps(of: run, after: lapse) {
      underWay($0, orphan)
    } doubtful: { node, _ in
      doubts[node].map { (.ask, $0) } ?? underWay(node, orphan)
    }
    if !doubts.isEmpty {
      explanation.remarks.append(
        "nothing starts before you decide with --assume STEP=done or --assume STEP=again"
      )
    }
    return explanation
  }

  private var state: String {
    switch run.outcome {
    case .succeeded: "it has succeeded"
    case .failed: "it failed"
    case .cancelled(let signal): "it was stopped by \(signalName(signal))"
    case nil: "it was interrupted"
    }
  }

  /// For a step that was running when the run was interrupted, and that is not in doubt.
  private func underWay(
    _ node: NodeID,
    _ orphan: (NodeID) -> Int32?
  ) -> ResumeExplanation.Reason {
    if run.graph.step(node)?.isIdempotent == false {
      switch held(node) {
      case .absent: return (.run, "was about to be started")
      case .running(let process):
        return (.wait, "is still running, as process \(process); its result counts")
      case .ended(.exited(0), byTimeout: false):
        return (.keep, "succeeded after the run was interrupted")
      case .ended: return (.keep, "failed after the run was interrupted, but is optional")
      case .lost: break
      }
    }
    if let process = orphan(node) {
      return (.wait, "is still running, as process \(process), and runs again afterwards")
    }
    return (.run, "was interrupted")
  }
}
