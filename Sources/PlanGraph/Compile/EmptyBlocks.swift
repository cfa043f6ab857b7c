import PlanLanguage

// Blocks with nothing in them.
extension PhaseCompiler {
  /// Reports a block without statements.
  func reportEmpty(
    _ block: Block,
    _ kind: BlockTemplate.Kind,
    _ context: Context,
    _ location: Location
  ) {
    var notes: [Diagnostic.Note] = []
    if !block.handlers.isEmpty {
      notes.append(
        Diagnostic.Note("its handlers never run, because nothing begins")
      )
    }
    if kind == .phase, context.scope > .releaseJob {
      notes.append(
        Diagnostic.Note("for a join without a step, write 'barrier across \(context.scope.word)'")
      )
    }
    let name =
      switch kind {
      case .phase: "this phase"
      case .onFailure, .finally: "this handler"
      default: "this group"
      }
    sink.report(.emptyBlock, at: location, "\(name) has nothing in it", notes: notes)
  }
}

extension Assembly {
  /// Reports a plan or a rollout that does nothing.
  func reportEmpty(_ flat: [FlatItem]) {
    if flat.isEmpty, !root.plan.items.contains(where: \.isInclude) {
      sink.report(
        .emptyBlock,
        at: root.location(root.plan.name.span),
        "this plan has nothing to do",
        notes: root.plan.handlers.isEmpty
          ? [] : [Diagnostic.Note("its handlers still run when it ends")]
      )
    }
    for case .rollout(let rollout, let unit, let inner) in flat where inner.isEmpty {
      sink.report(
        .emptyBlock,
        at: unit.location(rollout.span),
        "this rollout has nothing to do"
      )
    }
  }
}

extension Item {
  /// Whether it includes another plan.
  fileprivate var isInclude: Bool { if case .include = self { true } else { false } }
}
