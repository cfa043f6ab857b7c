import PlanLanguage

extension PhaseCompiler {
  /// Whether a step of an instance applies to its release jobs one by one.
  func spread(of step: Step, _ context: Context) -> Spread {
    guard context.scope == .instance, step.action.isOfReleaseJobs else { return .none }
    if !step.releaseJobs.isEmpty { return .releaseJobs(Set(step.releaseJobs.map(\.text))) }
    switch step.action {
    case .script, .drain: return .releaseJobs(nil)
    case .start, .stop, .startUnits, .stopUnits, .unmonitor, .run, .wait: return .none
    }
  }

  /// Warns of a retry whose reasons cannot happen to this step.
  func checkRetry(
    _ settings: Settings,
    _ action: StepAction,
    timeout: Duration?,
    _ context: Context
  ) {
    guard let retry = settings.retry, let span = settings.retrySpan, !retry.only.isEmpty else {
      return
    }
    let hasProcess: Bool
    switch action {
    case .script, .run, .drain: hasProcess = true
    case .wait, .start, .stop, .startUnits, .stopUnits, .unmonitor: hasProcess = false
    }
    let canHappen = retry.only.contains { reason in
      switch reason {
      case .exit, .signal: hasProcess
      case .timeout: timeout != nil
      }
    }
    if canHappen { return }
    sink.report(
      .retryNeverHappens,
      at: context.unit.location(span),
      "this step cannot fail in a way that is retried here",
      notes: [
        Diagnostic.Note(
          hasProcess ? "it has no timeout" : "it has no exit status or signal"
        )
      ]
    )
  }
}
