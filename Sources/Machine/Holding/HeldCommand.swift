import Execution
import PlanGraph
import System
import VM

/// One attempt at a step whose command is held.
struct HeldCommand {
  var hold: HolderStart
  let launcher: Launcher
  /// The release job that it belongs to; nil if its subject is wider.
  let releaseJob: String?
  let command: Command
  /// The number of `step`.
  let template: StepTemplateID
  let step: StepTemplate
  /// The variables that describe the attempt.
  var variables: [String] = []

  /// Starts the command under a holder.
  ///
  /// - Parameter opened: called with what is in the logs before the command can write to them.
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

  /// Makes an attempt from the record of a holder that is not our child.
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
    if byTimeout { return .failed("it timed out, and its holder ended it") }
    switch end {
    case .exited(let status): return .exited(status)
    case .signalled(let number): return .signalled(number)
    case .notStarted(let number):
      return .refused(launcher.words(SpawnFailure(number: number), command, template, step))
    }
  }
}
