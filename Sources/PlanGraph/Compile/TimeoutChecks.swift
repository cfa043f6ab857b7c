import PlanLanguage
import Words

/// A timeout written on a plan, block or step, not one from a `default`.
struct WrittenTimeout {
  let length: Duration
  let location: Location
  /// What it is written on, for messages.
  let place: String

  /// Makes the timeout in some settings; nil if they have none.
  init?(_ settings: Settings, _ context: PhaseCompiler.Context, _ place: String) {
    guard let length = settings.timeout, let span = settings.timeoutSpan else { return nil }
    self.length = length
    location = context.unit.location(span)
    self.place = place
  }
}

// Finds timeouts that are too short to be met, or too long to have an effect.
extension PhaseCompiler {
  /// Checks the timeout of a compiled step.
  func checkTimeout(_ step: StepTemplate, _ settings: Settings, _ context: Context) {
    if step.skipReason != nil { return }
    let written = WrittenTimeout(settings, context, "step")
    // A process must be seen before its running time counts.
    if step.action.isStart, step.settle > .zero, let timeout = step.timeout,
      timeout <= step.settle
    {
      sink.report(
        .timeoutTooShort,
        at: written?.location ?? step.location,
        "this start cannot succeed: its timeout of \(timeout.planText) is not longer than the "
          + "\(step.settle.planText) that \(step.action.units.isEmpty ? "processes must run" : "units must be active"), by 'settle'",
        notes: written == nil ? [Diagnostic.Note("the timeout comes from a 'default'")] : []
      )
    }
    guard let written else { return }
    let isAnswer: Bool
    switch step.action {
    case .wait: isAnswer = true
    case .script, .run, .drain, .start, .stop, .startUnits, .stopUnits, .unmonitor:
      isAnswer = settings.retry?.only.contains(.timeout) ?? false
    }
    _ = reportNeverEnds(
      written,
      context,
      // Another rule asks for a timeout.
      mayBeLeftOut: !isAnswer || context.defaults.timeout != nil
    )
  }

  /// Reports it if a timeout around it always comes first, and returns whether it does.
  ///
  /// A timeout from a `default` is meant for many steps, and one from another file for many plans.
  /// So neither is a mistake here.
  func reportNeverEnds(
    _ timeout: WrittenTimeout,
    _ context: Context,
    mayBeLeftOut: Bool
  ) -> Bool {
    guard let outer = context.shortestTimeout, timeout.length >= outer.length else { return false }
    sink.report(
      .timeoutNeverEnds,
      at: timeout.location,
      "this timeout of \(timeout.length.planText) has no effect: the timeout of "
        + "\(outer.length.planText) around it comes first",
      notes: [Diagnostic.Note("the timeout of the \(outer.place)", at: outer.location)],
      fixIt: mayBeLeftOut
        ? Diagnostic.FixIt("leave it out", replacing: timeout.location.span, with: "") : nil
    )
    return true
  }
}
