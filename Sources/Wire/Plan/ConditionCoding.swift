import PlanGraph
import Words

/// A condition is a flat list: each condition comes before those inside it.
///
/// `not` is followed by one condition, `all` and `any` by a number and so many conditions, `exists` by
/// a path. So a condition that is nested deep is not JSON that is nested deep.
private struct ConditionReader {
  /// No plan nests them deeper.
  private static let deepest = 1000

  private let words: ArraySlice<JSONValue>
  private var index: Int
  private let name: String

  init(_ words: [JSONValue], _ name: String) {
    self.words = words[...]
    index = words.startIndex
    self.name = name
  }

  /// The only condition of the list.
  mutating func whole() throws(WireFailure) -> RuntimeCondition {
    let condition = try condition(depth: 0)
    if index < words.endIndex { throw failure("goes on after its end") }
    return condition
  }

  private func failure(_ words: String) -> WireFailure {
    WireFailure("the condition '\(name)' \(words)")
  }

  private mutating func next() throws(WireFailure) -> JSONValue {
    guard index < words.endIndex else { throw failure("is not complete") }
    defer { index += 1 }
    return words[index]
  }

  private mutating func condition(depth: Int) throws(WireFailure) -> RuntimeCondition {
    if depth > Self.deepest { throw failure("is nested too deep") }
    guard case .string(let word) = try next() else { throw failure("has a value without a word") }
    switch word {
    case "exists":
      guard case .string(let path) = try next() else { throw failure("has no path after 'exists'") }
      return .exists(path)
    case "not": return .not(try condition(depth: depth + 1))
    case "all": return .all(try list(depth))
    case "any": return .any(try list(depth))
    default: throw Fields.unknown("a word of the condition '\(name)'", word)
    }
  }

  private mutating func list(_ depth: Int) throws(WireFailure) -> [RuntimeCondition] {
    guard case .number(let digits) = try next(), let count = Int(digits), count >= 0 else {
      throw failure("has no number after 'all' or 'any'")
    }
    // Each of them takes at least a word.
    if count > words.endIndex - index { throw failure("is not complete") }
    var conditions: [RuntimeCondition] = []
    for _ in 0..<count { conditions.append(try condition(depth: depth + 1)) }
    return conditions
  }
}

extension Fields {
  /// A condition; nil if there is none.
  func condition(_ name: String) throws(WireFailure) -> RuntimeCondition? {
    value(name) == nil ? nil : try requiredCondition(name)
  }

  /// A condition that must be there.
  func requiredCondition(_ name: String) throws(WireFailure) -> RuntimeCondition {
    var reader = ConditionReader(try requiredList(name), name)
    return try reader.whole()
  }
}

extension JSONWriter {
  /// Writes a field that is a condition.
  mutating func condition(_ name: StaticString, _ condition: RuntimeCondition) {
    self.name(name)
    array { $0.words(of: condition) }
  }

  private mutating func words(of condition: RuntimeCondition) {
    switch condition {
    case .exists(let path):
      value("exists")
      value(path)
    case .not(let inner):
      value("not")
      words(of: inner)
    case .all(let conditions): words(of: "all", conditions)
    case .any(let conditions): words(of: "any", conditions)
    }
  }

  private mutating func words(of word: String, _ conditions: [RuntimeCondition]) {
    value(word)
    value(conditions.count)
    for condition in conditions { words(of: condition) }
  }
}
