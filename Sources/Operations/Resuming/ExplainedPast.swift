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
    for (node, outlook) in run.outlook(after: lapse) {
      let (verdict, reason) = words(outlook, node, doubt: doubts[node], orphan)
      explanation.add(node, verdict, reason)
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

  private func words(
    _ outlook: ResumeOutlook,
    _ node: NodeID,
    doubt: String?,
    _ orphan: (NodeID) -> Int32?
  ) -> (ResumeExplanation.Verdict, String) {
    switch outlook {
    case .passed(.succeeded): (.keep, "succeeded")
    case .passed(.failedOptional):
      (.keep, "failed, but is optional, so what comes after it continued")
    case .passed: (.keep, run.policy.passedOver[node]?.words ?? "was skipped")
    case .askedAgain(let state): (.run, lapse.words(of: state, run.graph.step(node)))
    case .againWithBlock:
      (.run, "succeeded, but a handler of its block has run, so all of the block runs again")
    case .seenThrough: underWay(node, orphan)
    case .again(let failure?): (.run, "failed: \(describe(failure))")
    case .again(nil): (.run, "was interrupted")
    case .first:
      run.policy.passedOver[node].map { (.keep, $0.words) } ?? (.run, "was not started")
    case .doubtful:
      doubt.map { (.ask, $0) } ?? underWay(node, orphan)
    case .assumed(.done): (.keep, "is assumed to be done")
    case .assumed(.again): (.run, "is assumed to need another run")
    case .ifEntered: (.maybe, "belongs to a handler, which runs if it is entered")
    }
  }

  /// For a step that was running when the run was interrupted, and that is not in doubt.
  private func underWay(
    _ node: NodeID,
    _ orphan: (NodeID) -> Int32?
  ) -> (ResumeExplanation.Verdict, String) {
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
