import PlanGraph

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
