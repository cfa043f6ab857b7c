import PlanLanguage

/// What is known about a condition before anything runs.
enum Decision {
  case always
  /// It never holds; has the reason for people.
  case never(String)
  /// It depends on what the machine is asked.
  case atRuntime(RuntimeCondition)
}

/// Decides conditions by parameters and facts.
struct ConditionReader {
  let values: ValueReader
  let source: SourceFile

  /// What is known about a condition.
  ///
  /// It is `always` after a diagnostic, so that one mistake is reported once.
  func decide(_ condition: Condition) -> Decision {
    var asked = AskedFacts()
    switch reduce(condition, &asked) {
    case .known(true, _): return .always
    case .known(false, let causes): return .never(reason(causes))
    case .open(let open): return .atRuntime(open)
    }
  }

  private enum Reduced {
    /// If it is false, has the reasons: each of them makes it false on its own.
    case known(Bool, [Cause])
    case open(RuntimeCondition)
  }

  /// A reason why a condition is false.
  private indirect enum Cause {
    case condition(Condition)
    /// All of these alternatives are false, for the listed reasons.
    case all([[Cause]])
  }

  /// The facts that `known` has asked about, from left to right, and which of them may be unknown
  /// here.
  private struct AskedFacts {
    private(set) var names: [String] = []
    /// How many of the conditions around are decided already and have asked for the fact.
    private var shielded: [String: Int] = [:]

    mutating func append(_ name: String) { names.append(name) }
    mutating func shield(_ range: Range<Int>) {
      for name in names[range] { shielded[name, default: 0] += 1 }
    }
    mutating func unshield(_ range: Range<Int>) {
      for name in names[range] { shielded[name, default: 1] -= 1 }
    }
    func mayBeUnknown(_ name: String) -> Bool { shielded[name, default: 0] > 0 }
  }

  private func reduce(_ condition: Condition, _ asked: inout AskedFacts) -> Reduced {
    func known(_ value: Bool) -> Reduced {
      .known(value, value ? [] : [.condition(condition)])
    }
    switch condition {
    case .not(let inner, _):
      switch reduce(inner, &asked) {
      case .known(let value, _): return known(!value)
      case .open(let open): return .open(.not(open))
      }
    case .and(let parts, _): return join(parts, decidedBy: false, &asked)
    case .or(let parts, _): return join(parts, decidedBy: true, &asked)
    case .exists(let path, _):
      guard let path = values.string(path) else { return known(true) }
      return .open(.exists(path.text))
    case .known(let fact, _):
      asked.append(fact.text)
      values.sink.asked.note(fact: fact.text)
      switch values.facts?.look(up: fact.text) {
      // Without a machine no fact is known, and all count as known.
      case .known?, .believed?: return known(true)
      case .disputed?, .narrower?:
        _ = values.fact(fact)
        return known(true)
      case .unknown?, nil: return known(false)
      }
    case .compare(let left, let comparison, let right, let span):
      return known(compare(left, comparison, right, span, asked) ?? true)
    }
  }

  /// Evaluates a chain of `and` or `or`.
  ///
  /// Every part is evaluated, so that a mistake in the last part is found even if the first
  /// decides. Only a fact that `known` has asked about further to the left may be unknown.
  private func join(
    _ parts: [Condition],
    decidedBy decisive: Bool,
    _ asked: inout AskedFacts
  ) -> Reduced {
    var open: [RuntimeCondition] = []
    var causes: [[Cause]] = []
    var spare: [[Cause]] = []
    var isDecided = false
    let begin = asked.names.count
    var shieldedTo = begin
    for part in parts {
      switch reduce(part, &asked) {
      case .known(let value, let why):
        isDecided = isDecided || value == decisive
        if !why.isEmpty, decisive, Self.asksWhatIsKnown(part) {
          // That a fact is unknown counts as a reason only if there is no other.
          if causes.isEmpty { spare.append(why) }
        } else if !why.isEmpty {
          causes.append(why)
        }
      case .open(let condition): open.append(condition)
      }
      if isDecided {
        asked.shield(shieldedTo..<asked.names.count)
        shieldedTo = asked.names.count
      }
    }
    asked.unshield(begin..<shieldedTo)
    if isDecided { return .known(decisive, decisive ? [] : causes.flatMap { $0 }) }
    if let only = open.first, open.count == 1 { return .open(only) }
    if !open.isEmpty { return .open(decisive ? .any(open) : .all(open)) }
    if !decisive { return .known(true, []) }
    let told = causes.isEmpty ? spare : causes
    return .known(false, told.count == 1 ? told[0] : [.all(told)])
  }

  private static func asksWhatIsKnown(_ condition: Condition) -> Bool {
    switch condition {
    case .known: true
    case .not(let inner, _): asksWhatIsKnown(inner)
    case .or, .and, .exists, .compare: false
    }
  }

  /// The text of an operand; nil after a diagnostic or if it cannot be known yet.
  private func text(_ operand: Condition.Operand, _ asked: AskedFacts) -> String? {
    switch operand {
    case .literal(let literal):
      switch literal.kind {
      case .string(let string):
        return values.string(string).flatMap { $0.isBelieved ? nil : $0.text }
      case .int(let number): return String(number)
      case .version(let version): return version.components.map(String.init).joined(separator: ".")
      case .duration, .percent: return source.text(literal.span)
      }
    case .param(let name) where values.isFact(name): return fact(name, asked)
    case .param(let name): return values.value(of: name)?.text
    case .fact(let name): return fact(name, asked)
    }
  }

  private func fact(_ name: Name, _ asked: AskedFacts) -> String? {
    values.sink.asked.note(fact: name.text)
    values.sink.asked.note(fact: name.text)
    if case .unknown? = values.facts?.look(up: name.text), asked.mayBeUnknown(name.text) {
      return nil
    }
    // Without a machine no fact is known, and that is not a mistake.
    return values.fact(name).flatMap { $0.isBelieved ? nil : $0.text }
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
    _ span: Span,
    _ asked: AskedFacts
  ) -> Bool? {
    let leftText = text(left, asked)
    let rightText = text(right, asked)
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
      notes: [Diagnostic.Note("a version is numbers separated by dots, such as 315 or 255.4")]
    )
    return nil
  }

  /// Why a condition does not hold: the parts that do not hold, and what is known about them.
  private func reason(_ causes: [Cause]) -> String {
    var known: [String] = []
    let words = words(causes, &known)
    return known.isEmpty ? "when \(words)" : "when \(words): \(known.joined(separator: ", "))"
  }

  private func words(_ causes: [Cause], _ known: inout [String]) -> String {
    var parts: [String] = []
    for cause in causes {
      switch cause {
      case .condition(let condition):
        collect(condition, into: &known)
        parts.append(
          source.text(condition.span).split { $0.isWhitespace }.joined(separator: " ")
        )
      case .all(let alternatives):
        var texts: [String] = []
        for alternative in alternatives { texts.append(words(alternative, &known)) }
        let text = texts.joined(separator: " or ")
        parts.append(causes.count > 1 ? "(\(text))" : text)
      }
    }
    return parts.joined(separator: " and ")
  }

  private func words(_ fact: Name) -> String {
    values.facts?.value(of: fact.text).map { "\(fact.text) is \($0)" }
      ?? "\(fact.text) is not known"
  }

  private func collect(_ condition: Condition, into known: inout [String]) {
    func add(_ words: String) { if !known.contains(words) { known.append(words) } }
    switch condition {
    case .or(let parts, _), .and(let parts, _): parts.forEach { collect($0, into: &known) }
    case .not(let inner, _): collect(inner, into: &known)
    case .exists: break
    case .known(let fact, _):
      add(words(fact))
    case .compare(let left, _, let right, _):
      for operand in [left, right] {
        switch operand {
        case .fact(let name): add(words(name))
        case .param(let name) where values.isFact(name): add(words(name))
        case .param(let name):
          if let value = values.parameters.values[name.text] {
            add("\(name.text) is \(value.isSecret ? "(secret)" : value.text)")
          }
        case .literal: break
        }
      }
    }
  }
}
