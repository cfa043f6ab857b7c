import Execution
import PlanGraph
import System
import VM

/// One attempt of a step whose command is held.
struct HeldCommand {
  var hold: HolderStart
  let launcher: Launcher
  /// The release job that it belongs to; nil where its subject is wider.
  let releaseJob: String?
  let command: Command
  /// The number of `step`.
  let template: StepTemplateID
  let step: StepTemplate
  /// What the attempt is told of itself.
  var variables: [String] = []

  /// Starts the command under a holder.
  ///
  /// - Parameter opened: told what was in the logs, before the command can write to them.
  /// - Returns: the process of the holder.
  /// - Throws: why it was not started.
  func launch(opened: (LogSizes) -> Void) throws(LaunchFailure) -> LaunchedProcess {
    try launcher.command(
      command,
      of: releaseJob,
      template,
      step,
      variables,
      hold: hold,
      opened: opened
    )
  }

  /// Makes an attempt out of the record of a holder that is not.
  func orphan(ended: @escaping (AttemptResult) -> Void) -> OrphanHolderAttempt {
    OrphanHolderAttempt(
      hold.record,
      launcher.machinery,
      search: launcher.search(step.action, of: releaseJob, template),
      result: result,
      ended: ended
    )
  }

  /// What an end of the command means.
  func result(_ end: HeldCommandEnd, byTimeout: Bool) -> AttemptResult {
    if byTimeout { return .failed("its time was over, and its holder ended it") }
    switch end {
    case .exited(let status): return .exited(status)
    case .signalled(let number): return .signalled(number)
    case .notStarted(let number):
      return .refused(launcher.words(SpawnFailure(number: number), command, template, step))
    }
  }
}
