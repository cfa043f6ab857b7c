/// A grammar, read from `Grammar/plan.ebnf`.
struct EBNF: Sendable {
  indirect enum Expression: Sendable {
    /// Text in quotes.
    case literal(String)
    /// A name in capitals.
    case terminal(String)
    case rule(String)
    case sequence([Expression])
    case choice([Expression])
    case optional(Expression)
    case repetition(Expression)
  }

  /// The error for text that is not a grammar.
  struct Malformed: Error {
    var message: String
  }

  private(set) var rules: [String: Expression] = [:]
  private(set) var order: [String] = []

  /// Reads rules of the form `name = expression ;` with comments between `(*` and `*)`.
  init(_ text: String) throws {
    var tokens = Self.tokens(text)[...]
    while let name = tokens.popFirst() {
      guard tokens.popFirst() == "=" else { throw Malformed(message: "no '=' after \(name)") }
      let expression = try Self.choice(&tokens)
      guard tokens.popFirst() == ";" else { throw Malformed(message: "no ';' ends \(name)") }
      guard rules.updateValue(expression, forKey: name) == nil else {
        throw Malformed(message: "\(name) twice")
      }
      order.append(name)
    }
  }

  private static func tokens(_ text: String) -> [String] {
    let bare = text.replacing(#/\(\*(?:[^*]|\*[^)])*\*\)/#, with: " ")
    return bare.matches(of: #/"[^"]*"|[A-Za-z]+|[=;|\[\]{}()]/#).map { String($0.output) }
  }

  private static func choice(_ tokens: inout ArraySlice<String>) throws -> Expression {
    var parts = [try sequence(&tokens)]
    while tokens.first == "|" {
      tokens.removeFirst()
      parts.append(try sequence(&tokens))
    }
    return parts.count == 1 ? parts[0] : .choice(parts)
  }

  private static func sequence(_ tokens: inout ArraySlice<String>) throws -> Expression {
    var parts: [Expression] = []
    while let token = tokens.first, ![";", "|", ")", "]", "}"].contains(token) {
      tokens.removeFirst()
      switch token {
      case "(": parts.append(try closed(&tokens, ")"))
      case "[": parts.append(.optional(try closed(&tokens, "]")))
      case "{": parts.append(.repetition(try closed(&tokens, "}")))
      case _ where token.hasPrefix("\""):
        parts.append(.literal(String(token.dropFirst().dropLast())))
      case _ where token.allSatisfy(\.isUppercase): parts.append(.terminal(token))
      default: parts.append(.rule(token))
      }
    }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  private static func closed(_ tokens: inout ArraySlice<String>, _ end: String) throws -> Expression
  {
    let inner = try choice(&tokens)
    guard tokens.popFirst() == end else { throw Malformed(message: "no '\(end)'") }
    return inner
  }
}
