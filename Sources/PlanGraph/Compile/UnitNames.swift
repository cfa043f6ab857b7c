import PlanLanguage

extension PhaseCompiler {
  /// The full names of the units that a step names, with params filled in.
  func unitNames(_ literals: [StringLiteral], _ context: Context) -> [String] {
    var names: [String] = []
    var places: [String: Span] = [:]
    for literal in literals {
      if literal.isMissing { continue }
      guard let text = context.values.string(literal)?.text else { continue }
      if let refusal = UnitName.refusal(of: text) {
        reportUnusable(text, refusal, literal, context)
        continue
      }
      if let near = misspelt(text) {
        sink.report(
          .unusableUnit,
          at: context.unit.location(literal.span),
          "'\(text)' does not end with a kind of unit, but almost does",
          notes: [
            Diagnostic.Note("for the service with this name, write '\(text).service'")
          ],
          fixIt: literal.plainText == nil
            ? nil
            : Diagnostic.FixIt(
              "write '\(near)'",
              replacing: literal.span,
              with: quotedForPlan(near)
            )
        )
        continue
      }
      let name = UnitName.whole(text)
      if let earlier = places[name] {
        sink.report(
          .duplicateUnit,
          at: context.unit.location(literal.span),
          "the unit '\(name)' is named twice in one step",
          notes: [Diagnostic.Note("it appears here first", at: context.unit.location(earlier))]
        )
        continue
      }
      places[name] = literal.span
      names.append(name)
    }
    return names
  }

  private func reportUnusable(
    _ text: String,
    _ refusal: String,
    _ literal: StringLiteral,
    _ context: Context
  ) {
    let whole = UnitName.whole(text)
    let isTemplate = UnitName.template(of: whole) == whole
    sink.report(
      .unusableUnit,
      at: context.unit.location(literal.span),
      text.isEmpty
        ? "a unit's name is empty" : "'\(text)' is not the name of a systemd unit: it \(refusal)",
      notes: [
        Diagnostic.Note(
          isTemplate
            ? "name an instance, such as \"\(UnitName.anInstance(of: whole))\""
            : "a name is letters, digits and : - _ . \\ @, such as nginx.service or \"app@1.service\""
        )
      ]
    )
  }

  /// The name that was probably meant, if a name almost ends with a kind, such as `nginx.servce`.
  private func misspelt(_ text: String) -> String? {
    guard !UnitName.hasKind(text), let dot = text.lastIndex(of: ".") else { return nil }
    let kind = String(text[text.index(after: dot)...])
    guard kind.utf8.count > 3, let near = nearMiss(kind, among: UnitName.kinds) else { return nil }
    return "\(text[...dot])\(near)"
  }
}
