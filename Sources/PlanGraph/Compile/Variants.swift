import PlanLanguage

extension Assembly {
  /// Compiles a phase's block: once if its facts are the same for all of its subjects, else once
  /// for each group of subjects with the same facts.
  mutating func compile(
    _ compiled: inout CompiledPhase,
    _ phase: PhaseDecl,
    _ context: PhaseCompiler.Context,
    count: Int,
    first: SubjectID?
  ) {
    let facts = compiler.facts
    let place =
      "phase '\(phase.name.text)' is "
      + (phase.scope == .releaseJob ? "for each release job" : "per \(phase.scope.word)")
    let start = compiler.steps.endIndex
    let taken = PhaseCompiler.StatementNames(context.names)
    facts.enter(first, place)
    compiled.body = compiler.compile(
      phase,
      compiler.withOwnEnvironment(context),
      subjectCount: count
    )
    let differing = facts.leave()
    guard !differing.isEmpty, count > 1 else { return }
    sink.expectRepeats()
    var known: [[String?]: Int] = [:]
    for subject in deployment.subjects.members(of: .deployment, at: phase.scope)
    where compiled.selects(subject, in: deployment.subjects) {
      facts.enter(subject, place)
      let values = differing.map { facts.value(of: $0) }
      let number = known[values] ?? known.count
      if known.updateValue(number, forKey: values) == nil, number > 0 {
        let variant = compiler.steps.endIndex
        compiled.variants.append(
          compiler.compile(
            phase,
            compiler.withOwnEnvironment(context.with(PhaseCompiler.StatementNames(taken))),
            subjectCount: count
          )
        )
        compiler.note(variantFrom: variant, of: start)
      }
      if number > 0 { compiled.variantOfSubject[subject] = number - 1 }
      _ = facts.leave()
    }
  }
}

extension PhaseCompiler {
  /// The context with the file's own `env`, for the current subject.
  func withOwnEnvironment(_ context: Context) -> Context {
    guard context.environmentDiffers else { return context }
    var context = context
    context.environment =
      Settings(
        context.unit.plan.clauses.filter {
          if case .env = $0.kind { true } else { false }
        },
        context.values,
        context.conditions
      ).environment
    return context
  }
}
