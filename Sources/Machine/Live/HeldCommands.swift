import PlanGraph

extension LiveMachine {
  /// An attempt as a held command; nil if it is not held.
  ///
  /// A `run` that is not idempotent is held, if there is a place to record it.
  func heldStep(_ node: NodeID, _ number: Int, _ launcher: Launcher, of releaseJob: String?)
    -> HeldCommand?
  {
    let template = graph[node].template
    let step = graph.steps[template]
    guard let holding, case .run(let command) = step.action, !step.isIdempotent else { return nil }
    let hold = HolderStart(
      program: holding.program,
      record: HeldCommandRecord(
        folder: holding.folder,
        name: HeldCommandRecord.name(recordNumber(node), attempt: number)
      ),
      timeout: step.timeout,
      grace: step.grace
    )
    return HeldCommand(
      hold: hold,
      launcher: launcher,
      releaseJob: releaseJob,
      command: command,
      template: template,
      step: step
    )
  }
}
