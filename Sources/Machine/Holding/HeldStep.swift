import Execution
import PlanGraph

/// One attempt of a step whose command is held.
struct HeldStep {
  var hold: Hold
  let launcher: Launcher
  /// The release job that it belongs to; nil where its subject is wider.
  let releaseJob: String?
  let command: Command
  /// The number of `step`.
  let template: UInt32
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
  func orphan(ended: @escaping (AttemptResult) -> Void) -> HeldOrphan {
    HeldOrphan(
      hold.record,
      launcher.machinery,
      search: launcher.search(step.action, of: releaseJob, template),
      result: result,
      ended: ended
    )
  }

  /// What an end of the command means.
  func result(_ end: HeldEnd, byTimeout: Bool) -> AttemptResult {
    if byTimeout { return .failed("its time was over, and its holder ended it") }
    switch end {
    case .exited(let status): return .exited(status)
    case .signalled(let number): return .signalled(number)
    case .notStarted(let number):
      return .refused(launcher.words(SpawnFailure(number: number), command, template, step))
    }
  }
}

extension LiveMachine {
  /// An attempt of a step as one that is held; nil where it is not: a `run` that is not idempotent
  /// is, where there is a place to record it.
  func heldStep(_ node: NodeID, _ number: Int, _ launcher: Launcher, of releaseJob: String?)
    -> HeldStep?
  {
    let template = graph[node].payload
    let step = graph.steps[Int(template)]
    guard let holding, case .run(let command) = step.action, !step.isIdempotent else { return nil }
    let hold = Hold(
      program: holding.program,
      record: HeldRecord(folder: holding.folder, name: HeldRecord.name(node, attempt: number)),
      timeout: step.timeout,
      grace: step.grace
    )
    return HeldStep(
      hold: hold,
      launcher: launcher,
      releaseJob: releaseJob,
      command: command,
      template: template,
      step: step
    )
  }
}
