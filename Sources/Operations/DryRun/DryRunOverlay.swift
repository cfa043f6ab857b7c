import Clock
import Execution
import Journal
import PlanGraph
import Reports

/// Reads a recorded run to show it on a plan.
///
/// It takes no lock and writes nothing.
enum DryRunOverlay {
  /// A recorded run, with its plan.
  struct Recorded {
    var preparation: Preparation
    var overlay: RunOverlay
    var leftOut: [NodeID: RunPolicy.PassOver]
    /// How the command line differs from what the run had, for people.
    var differences: [String]
  }

  /// Reads the requested run.
  ///
  /// - Parameters:
  ///   - preparation: made from the request; only for comparison.
  ///   - request: which run.
  ///   - leftOut: what the request leaves out.
  ///   - tell: gets what a run would leave out.
  /// - Returns: the run; nil if none is requested.
  /// - Throws: an error that says why the run cannot be shown.
  static func read(
    _ preparation: Preparation,
    _ request: DryRunRequest,
    leavingOut leftOut: [NodeID: RunPolicy.PassOver],
    tell: Tell
  ) throws(CommandFailure) -> Recorded? {
    guard let name = request.overlay,
      let place = RunRecords.place(request.state, preparation.vms)
    else { return nil }
    let found = try FoundRun(place, name: name)
    let contents = try found.read()
    let then = try prepare(contents.header, preparation, tell)
    let differences = RecordedDifferences(
      contents.header,
      then,
      preparation,
      leavingOut: request.selection.isEmpty ? nil : leftOut
    )
    var overlay = try overlay(found, contents, then.graph)
    overlay.isOfChangedPlan = differences.isOfPlan
    return Recorded(
      preparation: then,
      overlay: overlay,
      leftOut: contents.header.policy.passedOver.filter { $0.key.index < then.graph.count },
      differences: differences.words
    )
  }

  /// Compiles the plan of a run as it was, with its params and facts.
  private static func prepare(
    _ header: RunHeader,
    _ today: Preparation,
    _ tell: Tell
  ) throws(CommandFailure) -> Preparation {
    guard let plan = PlanCompilation.recorded(header) else { return today }
    var parameters = Dictionary(header.parameters.map { ($0.name, $0.value) }) { $1 }
    for name in header.secrets { parameters[name] = RunHeader.secretPlaceholder }
    return try Preparation(
      PlanRequest(
        plan: plan,
        parameters: parameters,
        facts: Dictionary(header.facts.map { ($0.name, $0.value) }) { $1 },
        vms: VMRequest(header.machines)
      ),
      tell: tell
    )
  }

  private static func overlay(
    _ found: FoundRun,
    _ contents: JournalContents,
    _ graph: Graph
  ) throws(CommandFailure) -> RunOverlay {
    let header = contents.header
    let times = try StepTimes(found, contents)
    // The identity does not cover the names of phases, but a person expects them.
    let isSame =
      header.graph == GraphIdentity(graph).whole
      && header.steps.allSatisfy { graph.name($0.node) == $0.name }
    if isSame {
      let run = try RecordedPast(found, contents, graph).run
      var steps: [NodeID: RunOverlay.Step] = [:]
      for node in graph.nodes.indices where graph[node].kind == .step {
        var step = times.step(node, state: run[node])
        step.failure = run.failures[node].map { Execution.describe($0) }
        steps[node] = step
      }
      return RunOverlay(
        run: header.run,
        outcome: words(run.outcome),
        isMatchedByNames: false,
        gone: 0,
        steps: steps
      )
    }
    // The release jobs have changed, so only what was recorded under each name is known.
    let history = try StepHistory(found, contents)
    let policy = contents.header.policy
    var today: [String: NodeID] = [:]
    for node in graph.nodes.indices where graph[node].kind == .step {
      today[graph.name(node)] = node
    }
    var gone = 0
    var steps: [NodeID: RunOverlay.Step] = [:]
    for step in header.steps {
      guard let node = today[step.name] else {
        gone += 1
        continue
      }
      let old = step.node
      let state: NodeState =
        if history.succeeded.contains(old) { .succeeded } else if policy.passedOver[old] != nil {
          .skipped
        } else if history.endedOnce.contains(old) {
          .failed
        } else if history.started.contains(old) { .running } else { .waiting }
      steps[node] = times.step(old, state: state)
    }
    return RunOverlay(
      run: header.run,
      outcome: "of a VM with other release jobs",
      isMatchedByNames: true,
      gone: gone,
      steps: steps
    )
  }

  private static func words(_ outcome: RunOutcome?) -> String {
    switch outcome {
    case nil: "not ended"
    case .succeeded: "succeeded"
    case .failed: "failed"
    case .cancelled: "cancelled"
    }
  }
}

/// When the attempts of each step began and ended, according to a journal.
private struct StepTimes {
  private struct Times {
    var attempts = 0
    var firstStart: Instant?
    var lastEnd: Instant?
    var failure: String?
  }

  private var times: [NodeID: Times] = [:]
  private var began: Instant?

  init(_ found: FoundRun, _ contents: JournalContents) throws(CommandFailure) {
    var times: [NodeID: Times] = [:]
    var began: Instant?
    do {
      try contents.forEachEvent(nil) { entry, _ in
        if began == nil { began = entry.moment }
        switch entry.event {
        case .started(let node, _, _):
          var known = times[node] ?? Times()
          known.attempts += 1
          known.firstStart = known.firstStart ?? entry.moment
          times[node] = known
        case .ended(let node, _, let result):
          times[node]?.lastEnd = entry.moment
          times[node]?.failure = result == .exited(0) ? nil : Self.words(result)
        default: break
        }
      }
    } catch {
      throw found.damaged(error)
    }
    (self.times, self.began) = (times, began)
  }

  private static func words(_ result: AttemptResult) -> String {
    switch result {
    case .exited(let status): describe(StepFailure.exited(status))
    case .signalled(let number): describe(StepFailure.signalled(number))
    case .lost: describe(StepFailure.lost)
    case .failed(let words), .refused(let words): words
    case .notStarted: "nothing of it was started"
    }
  }

  func step(_ node: NodeID, state: NodeState) -> RunOverlay.Step {
    guard let known = times[node] else { return RunOverlay.Step(state: state) }
    let hasEnded = state.isEnded && state != .blocked
    var step = RunOverlay.Step(state: state, attempts: known.attempts)
    if let start = known.firstStart {
      step.started = began.map { start - $0 }
      if hasEnded, let end = known.lastEnd, end >= start { step.duration = end - start }
    }
    if state == .failed || state == .failedOptional { step.failure = known.failure }
    return step
  }
}
