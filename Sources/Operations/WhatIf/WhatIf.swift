package import Analysis
package import Execution

/// What somebody wants to know of a run that goes wrong.
package struct WhatIfRequest: Sendable {
  /// As `--what-if` has them: what is to happen to which steps.
  package var texts: [String]
  package var parallel: Int
  package var failureMode: RunPolicy.FailureMode
  package var seed: UInt64
  /// A file that says how long steps take; nil for what earlier runs took.
  package var durations: String?
  /// The folder of records; nil for that beneath the first machine's folder.
  package var state: String?
  /// From how many steps on those for which the same comes of it are put together.
  package var groupsAbove: Int

  /// Asks what comes of it.
  package init(_ texts: [String]) {
    self.texts = texts
    parallel = RunPolicy.defaultParallel
    failureMode = .finish
    seed = 0
    groupsAbove = .max
  }
}

/// Runs of a plan that are rehearsed on a virtual clock: nothing is started, written or asked.
package struct WhatIf {
  /// What came of it.
  package enum Answer {
    /// One run; where it would not succeed, with what a resume of it would do.
    case run(Rehearsal, resume: ResumeExplanation?)
    /// A run for every step to which it happens alone.
    case single(SingleFailures, Scenario.Effect)
  }

  package let answer: Answer
  /// Where it is known from how long steps take.
  package let source: DurationSource

  /// Rehearses.
  ///
  /// - Throws: what is not understood of the request, or names no step.
  package init(_ dryRun: DryRun, _ request: WhatIfRequest) throws(CommandFailure) {
    let graph = dryRun.graph
    let question = try WhatIfQuestion(request.texts, graph)
    var policy = RunPolicy(
      parallel: request.parallel,
      failureMode: request.failureMode,
      seed: request.seed
    )
    policy.passedOver = dryRun.leftOut
    source = try DurationSource(
      file: request.durations,
      state: request.state,
      graph,
      dryRun.preparation.vms
    )
    let times = source.durations.times(in: graph)
    switch question {
    case .scenario(let scenario):
      let rehearsal = Rehearsal(graph, policy: policy, times: times, scenario: scenario)
      answer = .run(rehearsal, resume: SimulatedResume.explanation(of: rehearsal))
    case .single(let effect):
      let failures = SingleFailures(
        graph,
        policy: policy,
        times: times,
        effect: effect,
        groupsAbove: request.groupsAbove
      )
      answer = .single(failures, effect)
    }
  }
}
