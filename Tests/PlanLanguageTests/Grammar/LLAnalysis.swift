/// The FIRST and FOLLOW sets of a grammar, and its conflicts.
struct LLAnalysis {
  /// A place where a parser with one token of look-ahead could not decide.
  struct Conflict: CustomStringConvertible {
    var rule: String
    var tokens: Set<String>
    var description: String { "\(rule): \(tokens.sorted().joined(separator: " "))" }
  }

  private let grammar: EBNF
  private var nullable: Set<String> = []
  private(set) var first: [String: Set<String>] = [:]
  private(set) var follow: [String: Set<String>] = [:]
  private(set) var conflicts: [Conflict] = []

  init(_ grammar: EBNF, start: String) {
    self.grammar = grammar
    // Each pass can only add tokens. The last pass adds none.
    var size = -1
    while size != total {
      size = total
      for (name, expression) in grammar.rules {
        if isNullable(expression) { nullable.insert(name) }
        first[name, default: []].formUnion(first(of: expression))
      }
    }
    follow[start] = ["end"]
    size = -1
    while size != total {
      size = total
      for (name, expression) in grammar.rules {
        addFollow(expression, after: follow[name, default: []])
      }
    }
    for name in grammar.order {
      guard let expression = grammar.rules[name] else { continue }
      findConflicts(expression, after: follow[name, default: []], in: name)
    }
  }

  private var total: Int {
    nullable.count + first.values.reduce(0) { $0 + $1.count }
      + follow.values.reduce(0) { $0 + $1.count }
  }

  func isNullable(_ expression: EBNF.Expression) -> Bool {
    switch expression {
    case .literal, .terminal: false
    case .rule(let name): nullable.contains(name)
    case .sequence(let parts): parts.allSatisfy(isNullable)
    case .choice(let parts): parts.contains(where: isNullable)
    case .optional, .repetition: true
    }
  }

  func first(of expression: EBNF.Expression) -> Set<String> {
    switch expression {
    case .literal(let text): return ["'\(text)'"]
    case .terminal(let name): return [name]
    case .rule(let name): return first[name, default: []]
    case .choice(let parts): return parts.reduce(into: []) { $0.formUnion(first(of: $1)) }
    case .optional(let inner), .repetition(let inner): return first(of: inner)
    case .sequence(let parts):
      var result: Set<String> = []
      for part in parts {
        result.formUnion(first(of: part))
        if !isNullable(part) { break }
      }
      return result
    }
  }

  /// For each part of a sequence, the tokens that can come after it.
  private func tokensAfter(_ parts: [EBNF.Expression], _ after: Set<String>) -> [Set<String>] {
    var result: [Set<String>] = []
    var current = after
    for part in parts.reversed() {
      result.append(current)
      current = isNullable(part) ? current.union(first(of: part)) : first(of: part)
    }
    return result.reversed()
  }

  private mutating func addFollow(_ expression: EBNF.Expression, after: Set<String>) {
    switch expression {
    case .literal, .terminal: break
    case .rule(let name): follow[name, default: []].formUnion(after)
    case .choice(let parts):
      for part in parts { addFollow(part, after: after) }
    case .optional(let inner): addFollow(inner, after: after)
    case .repetition(let inner): addFollow(inner, after: after.union(first(of: inner)))
    case .sequence(let parts):
      for (part, after) in zip(parts, tokensAfter(parts, after)) { addFollow(part, after: after) }
    }
  }

  private mutating func findConflicts(
    _ expression: EBNF.Expression,
    after: Set<String>,
    in rule: String
  ) {
    switch expression {
    case .literal, .terminal, .rule: break
    case .choice(let parts):
      for (index, part) in parts.enumerated() {
        for other in parts[(index + 1)...] {
          check(predict(part, after), predict(other, after), rule)
        }
        findConflicts(part, after: after, in: rule)
      }
    case .optional(let inner):
      check(first(of: inner), after, rule)
      findConflicts(inner, after: after, in: rule)
    case .repetition(let inner):
      check(first(of: inner), after, rule)
      findConflicts(inner, after: after.union(first(of: inner)), in: rule)
    case .sequence(let parts):
      for (part, after) in zip(parts, tokensAfter(parts, after)) {
        findConflicts(part, after: after, in: rule)
      }
    }
  }

  private func predict(_ expression: EBNF.Expression, _ after: Set<String>) -> Set<String> {
    isNullable(expression) ? first(of: expression).union(after) : first(of: expression)
  }

  private mutating func check(_ left: Set<String>, _ right: Set<String>, _ rule: String) {
    var shared = left.intersection(right)
    for (one, other) in [(left, right), (right, left)] {
      for terminal in one.intersection(["NAME", "FACT", "WORD"]) {
        shared.formUnion(other.filter { Self.overlap(terminal, $0) })
      }
    }
    if !shared.isEmpty { conflicts.append(Conflict(rule: rule, tokens: shared)) }
  }

  /// Whether a token can be both, because a keyword is a name, too.
  private static func overlap(_ terminal: String, _ other: String) -> Bool {
    if other == "NAME" || other == terminal { return true }
    guard other.hasPrefix("'") else { return false }
    let text = other.dropFirst().dropLast()
    guard text.first?.isLetter ?? false else { return false }
    switch terminal {
    case "FACT": return text.contains(".")
    case "WORD": return !["not", "and", "or", "exists", "known"].contains(text)
    default: return true
    }
  }
}
