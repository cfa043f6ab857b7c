// Steps that start or stop systemd units.
extension TreeChecker {
  /// Reports a step of units in a phase per release job: units belong to a machine.
  mutating func checkSubjectOfUnits(_ step: Step) {
    guard case .phase(let name, .releaseJob, let scopeSpan) = subject,
      !(scopeSpan.map { hasMistake(in: $0) } ?? false)
    else { return }
    let place = Span(name.span.end, name.span.end)
    report(
      .wrongSubject,
      at: Span(step.span.start, min(step.span.start + wordLength(step), step.span.end)),
      "units belong to a machine, but the phase '\(name.text)' runs for each release job",
      notes: [note("this phase has no 'per'", at: name.span)],
      fixIt: name.isMissing
        ? nil
        : Diagnostic.FixIt("write 'per instance'", replacing: place, with: " per instance")
    )
  }

  /// Reports the `env` of a step of units, which would have no effect.
  mutating func checkUnitStep(_ step: Step) {
    for clause in step.clauses {
      guard case .env = clause.kind, !hasMistake(in: clause.span) else { continue }
      report(
        .misplacedClause,
        at: Span(clause.span.start, min(clause.span.start + 3, clause.span.end)),
        "'env' has no effect here: systemd gives a unit its environment",
        notes: [Diagnostic.Note("write 'Environment=' in the unit's own file")],
        fixIt: .remove(clause.span)
      )
    }
  }

  private func wordLength(_ step: Step) -> UInt32 { UInt32(step.action.word.utf8.count) }
}
