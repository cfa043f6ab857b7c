/// A grammar of statements, written as EBNF: `name = 'word' CLASS? (other | …)* …`.
///
/// Text in quotes is one of monit's words or a sign, capitals are classes of tokens, and the rest
/// are other rules. The first alternative that fits is taken, with as many tokens as possible.
struct StatementGrammar: Sendable {
  private indirect enum Element: Sendable {
    case terminal(ControlFileTerminal)
    case rule(String)
    case sequence([Element])
    case choice([Element])
    /// As often as it fits: at least this often, and at most once unless it may be repeated.
    case several(Element, least: Int, isRepeated: Bool)
  }

  private var rules: [String: Element] = [:]

  /// How far statements were understood.
  struct Reach {
    /// The token that no alternative could go beyond.
    var furthest = 0
    /// What could have stood there instead.
    var expected: [ControlFileTerminal] = []
    /// The rules that were found, with their tokens, in the order of their ends.
    var found: [(rule: String, tokens: Range<Int>)] = []

    fileprivate mutating func miss(_ index: Int, _ terminal: ControlFileTerminal) {
      if index < furthest { return }
      if index > furthest { expected.removeAll() }
      furthest = index
      if !expected.contains(terminal) { expected.append(terminal) }
    }
  }

  /// Goes as far into tokens as a rule does.
  ///
  /// - Parameters:
  ///   - rule: its name.
  ///   - tokens: the tokens; the last is the end.
  ///   - start: the token to begin with.
  ///   - reach: how far it was understood.
  /// - Returns: the token after it; nil if it is something else.
  func match(
    _ rule: String,
    _ tokens: [ControlFileToken],
    from start: Int,
    _ reach: inout Reach
  ) -> Int? {
    match(.rule(rule), tokens, start, &reach)
  }

  private func match(
    _ element: Element,
    _ tokens: [ControlFileToken],
    _ start: Int,
    _ reach: inout Reach
  ) -> Int? {
    switch element {
    case .terminal(let terminal):
      if start < tokens.count, tokens[start].terminal == terminal { return start + 1 }
      reach.miss(start, terminal)
      return nil
    case .rule(let name):
      guard let content = rules[name] else { preconditionFailure("no rule \(name)") }
      guard let end = match(content, tokens, start, &reach) else { return nil }
      reach.found.append((name, start..<end))
      return end
    case .sequence(let elements):
      var position = start
      for element in elements {
        guard let end = match(element, tokens, position, &reach) else { return nil }
        position = end
      }
      return position
    case .choice(let elements):
      for element in elements {
        if let end = match(element, tokens, start, &reach) { return end }
      }
      return nil
    case .several(let element, let least, let isRepeated):
      var position = start
      var count = 0
      while isRepeated || count == 0, let end = match(element, tokens, position, &reach) {
        position = end
        count += 1
      }
      return count < least ? nil : position
    }
  }

  // MARK: Reading the grammar

  /// Reads a built-in grammar; a mistake in it ends the program.
  init(_ text: String) {
    var words = Self.words(text)[...]
    while let name = words.popFirst() {
      guard words.popFirst() == "=" else { preconditionFailure("no '=' behind \(name)") }
      rules[String(name)] = Self.choice(&words)
    }
  }

  private static func words(_ text: String) -> [Substring] {
    var words: [Substring] = []
    var rest = text[...]
    while let first = rest.first {
      switch first {
      case " ", "\n": rest.removeFirst()
      case "'":
        let end = rest.dropFirst().firstIndex(of: "'") ?? rest.endIndex
        words.append(rest[..<end])
        rest = rest[end...].dropFirst()
      case "=", "|", "(", ")", "?", "*", "+": words.append(rest.removeFirst().description[...])
      default:
        let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "-" }
        precondition(!word.isEmpty, "a grammar has '\(first)'")
        words.append(word)
        rest = rest.dropFirst(word.count)
      }
    }
    return words
  }

  private static func choice(_ words: inout ArraySlice<Substring>) -> Element {
    var alternatives = [sequence(&words)]
    while words.first == "|" {
      words.removeFirst()
      alternatives.append(sequence(&words))
    }
    return alternatives.count == 1 ? alternatives[0] : .choice(alternatives)
  }

  private static func sequence(_ words: inout ArraySlice<Substring>) -> Element {
    var elements: [Element] = []
    while let word = words.first, word != "|", word != ")", words.dropFirst().first != "=" {
      words.removeFirst()
      var element: Element
      if word == "(" {
        element = choice(&words)
        words = words.dropFirst()
      } else if let terminal = terminal(word) {
        element = .terminal(terminal)
      } else {
        element = .rule(String(word))
      }
      switch words.first {
      case "?": element = .several(element, least: 0, isRepeated: false)
      case "*": element = .several(element, least: 0, isRepeated: true)
      case "+": element = .several(element, least: 1, isRepeated: true)
      default:
        elements.append(element)
        continue
      }
      words.removeFirst()
      elements.append(element)
    }
    return elements.count == 1 ? elements[0] : .sequence(elements)
  }

  private static func terminal(_ word: Substring) -> ControlFileTerminal? {
    if word.first == "'" {
      let text = word.dropFirst()
      if let only = text.utf8.first, text.utf8.count == 1, !text.allSatisfy(\.isLetter) {
        return .symbol(only)
      }
      return .keyword(String(text))
    }
    switch word {
    case "STRING": return .string
    case "PATH": return .path
    case "NUMBER": return .number
    case "REAL": return .real
    case "MAIL": return .mailAddress
    case "FIELD": return .mailField
    case "URL": return .url
    default: return nil
    }
  }
}
