package import Analysis
package import Execution

/// A question about a run in which something goes wrong.
package struct WhatIfRequest: Sendable {
  /// As in `--what-if`: what happens to which steps.
  package var texts: [String]
  package var parallel: Int
  package var failureMode: RunPolicy.FailureMode
  package var seed: UInt64
  /// A file with the durations of steps; nil for those of earlier runs.
  package var durations: String?
  /// The folder of records; nil for the one in the first machine's folder.
  package var state: String?
  /// The number of steps from which those with the same result are grouped.
  package var groupsAbove: Int

  /// Makes a question.
  package init(_ texts: [String]) {
    self.texts = texts
    parallel = RunPolicy.defaultParallel
    failureMode = .finish
    seed = 0
    groupsAbove = .max
  }
}

/// Runs of a plan, rehearsed on a virtual clock.
///
/// Nothing is started, written or asked.
package struct WhatIf {
  /// The result.
  package enum Answer {
    /// One run. If it would not succeed, with what a resume would do.
    case run(Rehearsal, resume: ResumeExplanation?)
    /// One run for each step, in which only that step is affected.
    case single(SingleFailures, Scenario.Effect)
  }

  package let answer: Answer
  /// The source of the durations.
  package let source: DurationSource

  /// Rehearses.
  ///
  /// - Throws: an error if the request is not understood or names no step.
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
