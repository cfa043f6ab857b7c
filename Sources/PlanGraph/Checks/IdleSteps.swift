import PlanLanguage

/// Finds the steps of a plan that apply to nothing: no subject has what they need, so a run would
/// silently leave them out.
struct IdleSteps {
  let deployment: DeploymentBuilder
  let site: Site
  let steps: Table<StepTemplateID, StepTemplate>
  let sink: DiagnosticSink
  /// Whether the graph has a node of a template.
  let isUsed: Table<StepTemplateID, Bool>
  /// The files of bundled plans.
  ///
  /// They are for all machines, and on most machines some step has nothing to do.
  let bundled: Set<FileID>

  /// Reports the steps of an item, unless it was already reported that the whole item applies to
  /// nothing.
  func report(_ item: CompiledItem, isTold: (ItemID) -> Bool) {
    switch item {
    case .phase(let phase): if !isTold(phase.item) { report(phase.body) }
    case .barrier: break
    case .rollout(let rollout):
      for item in rollout.items { report(item, isTold: isTold) }
      if rollout.items.contains(where: isUsed) {
        for handler in rollout.handlers { report(handler.block) }
      }
    }
  }

  /// Reports the steps of a block, and of its handlers if they can be reached.
  func report(_ block: CompiledBlock) {
    for statement in block.statements {
      switch statement {
      case .step(let id, let need, _):
        if !isUsed[id] { report(steps[id], need) }
      case .block(let inner): report(inner)
      }
    }
    if !isUsed(block) { return }
    for handler in block.onFailure + block.finally { report(handler) }
  }

  private func isUsed(_ item: CompiledItem) -> Bool {
    if case .phase(let phase) = item { isUsed(phase.body) } else { false }
  }

  private func isUsed(_ block: CompiledBlock) -> Bool {
    block.statements.contains {
      switch $0 {
      case .step(let id, _, _): isUsed[id]
      case .block(let inner): isUsed(inner)
      }
    }
  }

  private func report(_ step: StepTemplate, _ need: Need) {
    if bundled.contains(step.location.file) { return }
    let reason: String
    var notes: [Diagnostic.Note] = []
    switch need {
    case .script(let name):
      reason = "no release job that it is for has a script '\(name)'"
      if let near = nearMiss(name, among: commonScripts()) {
        notes.append(Diagnostic.Note("there is '\(near)'"))
      }
    case .processes: reason = "no release job that it is for has a process"
    case .nothing: reason = "nothing that it is for exists"
    }
    notes.append(Diagnostic.Note("a run leaves it out, and succeeds without it"))
    sink.report(
      .stepAppliesToNothing,
      at: step.location,
      "this step applies to nothing: \(reason)",
      notes: notes
    )
  }

  /// The BOSH lifecycle scripts that some release job has.
  private func commonScripts() -> [String] {
    let subjects = deployment.subjects
    let some = subjects.members(of: .deployment, at: .releaseJob).prefix(64)
    return ["pre-start", "post-start", "post-deploy", "pre-stop", "drain", "post-stop", "run"]
      .filter { script in
        some.contains {
          site.hasScript(subjects.path(subjects.parent($0)), subjects.name($0), script)
        }
      }
  }
}
