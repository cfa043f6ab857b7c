import PlanLanguage

/// What is known of a condition before anything runs.
enum Decision {
  case always
  /// Never, and why, in a form for people.
  case never(String)
  /// Depends on what the machine is asked.
  case atRuntime(RuntimeCondition)
}

/// Decides conditions by parameters and facts.
struct ConditionReader {
  let values: ValueReader
  let site: Site
  let source: SourceFile

  /// What is known of the condition; `always` after a diagnostic, so that one mistake is one.
  func decide(_ condition: Condition) -> Decision {
    switch reduce(condition) {
    case .known(true): .always
    case .known(false): .never(reason(condition))
    case .open(let open): .atRuntime(open)
    }
  }

  private enum Reduced {
    case known(Bool)
    case open(RuntimeCondition)
  }

  private func reduce(_ condition: Condition) -> Reduced {
    switch condition {
    case .not(let inner, _):
      switch reduce(inner) {
      case .known(let value): return .known(!value)
      case .open(let open): return .open(.not(open))
      }
    case .and(let parts, _): return join(parts, decidedBy: false) { .all($0) }
    case .or(let parts, _): return join(parts, decidedBy: true) { .any($0) }
    case .exists(let path, _):
      guard let path = values.string(path) else { return .known(true) }
      return .open(.exists(path.text))
    case .compare(let left, let comparison, let right, let span):
      return .known(compare(left, comparison, right, span) ?? true)
    }
  }

  private func join(
    _ parts: [Condition],
    decidedBy decisive: Bool,
    _ make: ([RuntimeCondition]) -> RuntimeCondition
  ) -> Reduced {
    var open: [RuntimeCondition] = []
    var isDecided = false
    // Every part is looked at, so that a mistake in the last is found although the first decides.
    for part in parts {
      switch reduce(part) {
      case .known(let value): isDecided = isDecided || value == decisive
      case .open(let condition): open.append(condition)
      }
    }
    if isDecided { return .known(decisive) }
    if let only = open.first, open.count == 1 { return .open(only) }
    return open.isEmpty ? .known(!decisive) : .open(make(open))
  }

  /// The text an operand stands for; nil after a diagnostic or where it cannot be known yet.
  private func text(_ operand: Condition.Operand) -> String? {
    switch operand {
    case .literal(let literal):
      switch literal.kind {
      case .string(let string): return values.string(string)?.text
      case .int(let number): return String(number)
      case .version(let version): return version.components.map(String.init).joined(separator: ".")
      case .duration, .percent: return source.text(literal.span)
      }
    case .param(let name): return values.value(of: name)?.text
    case .fact(let name):
      if let value = site.facts[name.text] { return value }
      // Without a machine no fact is known, and none is a mistake.
      if site.discovered == nil { return nil }
      values.sink.reportUnknown(
        .unknownFact,
        name,
        in: values.file,
        "nothing is known of the fact '\(name.text)'",
        known: site.facts.keys.sorted(),
        notes: [Diagnostic.Note("give it with --fact \(name.text)=VALUE")]
      )
      return nil
    }
  }

  private func isVersion(_ operand: Condition.Operand) -> Bool {
    guard case .literal(let literal) = operand else { return false }
    switch literal.kind {
    case .version, .int: return true
    case .string, .duration, .percent: return false
    }
  }

  private func compare(
    _ left: Condition.Operand,
    _ comparison: Condition.Comparison,
    _ right: Condition.Operand,
    _ span: Span
  ) -> Bool? {
    let leftText = text(left)
    let rightText = text(right)
    guard let leftText, let rightText else { return nil }
    let isOrdering = comparison != .equal && comparison != .notEqual
    let wantsVersions = isVersion(left) || isVersion(right) || isOrdering
    let leftVersion = Version(planText: leftText)
    let rightVersion = Version(planText: rightText)
    if wantsVersions {
      guard let leftVersion else { return notAVersion(left, leftText) }
      guard let rightVersion else { return notAVersion(right, rightText) }
      switch comparison {
      case .equal: return leftVersion == rightVersion
      case .notEqual: return leftVersion != rightVersion
      case .less: return leftVersion < rightVersion
      case .lessOrEqual: return !(rightVersion < leftVersion)
      case .greater: return rightVersion < leftVersion
      case .greaterOrEqual: return !(leftVersion < rightVersion)
      }
    }
    return (leftText == rightText) == (comparison == .equal)
  }

  private func notAVersion(_ operand: Condition.Operand, _ text: String) -> Bool? {
    values.sink.report(
      .wrongKindOfValue,
      at: Location(values.file, operand.span),
      "this is '\(text)', which cannot be compared as a version",
      notes: [Diagnostic.Note("a version is numbers with dots between, such as 315 or 255.4")]
    )
    return nil
  }

  private func reason(_ condition: Condition) -> String {
    var known: [String] = []
    collect(condition, into: &known)
    let words = source.text(condition.span).split { $0.isWhitespace }.joined(separator: " ")
    return known.isEmpty ? "when \(words)" : "when \(words): \(known.joined(separator: ", "))"
  }

  private func collect(_ condition: Condition, into known: inout [String]) {
    switch condition {
    case .or(let parts, _), .and(let parts, _): parts.forEach { collect($0, into: &known) }
    case .not(let inner, _): collect(inner, into: &known)
    case .exists: break
    case .compare(let left, _, let right, _):
      for operand in [left, right] {
        switch operand {
        case .fact(let name):
          if let value = site.facts[name.text] { known.append("\(name.text) is \(value)") }
        case .param(let name):
          if let value = values.parameters.values[name.text] {
            known.append("\(name.text) is \(value.isSecret ? "(secret)" : value.text)")
          }
        case .literal: break
        }
      }
    }
  }
}
