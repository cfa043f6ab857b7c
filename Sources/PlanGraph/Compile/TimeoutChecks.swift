import PlanLanguage
import Words

/// A timeout as it is written on a plan, block or step, not as a `default` hands it down.
struct WrittenTimeout {
  let length: Duration
  let location: Location
  /// What it is written on, for a message.
  let place: String

  /// The one that settings say; nil where they say none.
  init?(_ settings: Settings, _ context: PhaseCompiler.Context, _ place: String) {
    guard let length = settings.timeout, let span = settings.timeoutSpan else { return nil }
    self.length = length
    location = context.unit.location(span)
    self.place = place
  }
}

// Timeouts that are too short ever to be met, or too long ever to end anything.
extension PhaseCompiler {
  /// Looks at the timeout of a step that has been compiled.
  func checkTimeout(_ step: StepTemplate, _ settings: Settings, _ context: Context) {
    if step.skipReason != nil { return }
    let written = WrittenTimeout(settings, context, "step")
    // Before a process can be known to have run for so long, it has to have been seen.
    if step.action.isStart, step.settle > .zero, let timeout = step.timeout,
      timeout <= step.settle
    {
      sink.report(
        .timeoutTooShort,
        at: written?.location ?? step.location,
        "this start cannot succeed: its timeout of \(timeout.planText) is not longer than the "
          + "\(step.settle.planText) that \(step.action.units.isEmpty ? "processes have to run" : "units have to be active"), by 'settle'",
        notes: written == nil ? [Diagnostic.Note("the timeout is that of a 'default'")] : []
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
      // Another rule would ask for it.
      mayBeLeftOut: !isAnswer || context.defaults.timeout != nil
    )
  }

  /// Says so where a timeout around it always comes first; gives whether it does.
  ///
  /// One that comes by a `default` is meant for many steps, and one of another file for many plans:
  /// neither is a mistake of this place.
  func reportNeverEnds(
    _ timeout: WrittenTimeout,
    _ context: Context,
    mayBeLeftOut: Bool
  ) -> Bool {
    guard let outer = context.shortestTimeout, timeout.length >= outer.length else { return false }
    sink.report(
      .timeoutNeverEnds,
      at: timeout.location,
      "this timeout of \(timeout.length.planText) never ends anything: the one of "
        + "\(outer.length.planText) around it comes first",
      notes: [Diagnostic.Note("the timeout of the \(outer.place)", at: outer.location)],
      fixIt: mayBeLeftOut
        ? Diagnostic.FixIt("leave it out", replacing: timeout.location.span, with: "") : nil
    )
    return true
  }
}
