import TestSupport

/// One word of a sentence.
struct SentenceToken: Hashable, Sendable {
  /// The name of a terminal, or `sign` for punctuation; a keyword is a NAME.
  var kind: String
  var text: String

  private static let reserved: Set<String> = ["not", "and", "or", "exists", "known"]

  func matches(terminal: String) -> Bool {
    switch terminal {
    case "NAME": kind == "NAME"
    case "FACT": kind == "NAME" && text.contains(".")
    case "WORD": kind == "NAME" && !text.contains(".") && !Self.reserved.contains(text)
    default: kind == terminal
    }
  }

  func matches(literal: String) -> Bool {
    text == literal && (kind == "NAME" || kind == "sign")
  }

  static func literal(_ text: String) -> SentenceToken {
    SentenceToken(kind: text.first?.isLetter ?? false ? "NAME" : "sign", text: text)
  }
}

/// Makes random sentences from a grammar.
struct SentenceMaker {
  let grammar: EBNF
  var random: SeededRandom

  /// A sentence; the deeper the nesting, the more often the shortest alternative is chosen.
  mutating func sentence(_ start: String) -> [SentenceToken] {
    var result: [SentenceToken] = []
    expand(.rule(start), depth: 0, &result)
    return result
  }

  private mutating func expand(
    _ expression: EBNF.Expression,
    depth: Int,
    _ result: inout [SentenceToken]
  ) {
    switch expression {
    case .literal(let text): result.append(.literal(text))
    case .terminal(let name): result.append(token(name))
    case .rule(let name):
      if let inner = grammar.rules[name] { expand(inner, depth: depth + 1, &result) }
    case .sequence(let parts):
      for part in parts { expand(part, depth: depth, &result) }
    case .choice(let parts):
      // Deep inside, alternatives that nest further are chosen less often.
      let flat = parts.filter { !nests($0) }
      let usable = depth > 8 && !flat.isEmpty && !random.oneIn(6) ? flat : parts
      expand(random.pick(usable), depth: depth, &result)
    case .optional(let inner):
      if random.oneIn(2) { expand(inner, depth: depth, &result) }
    case .repetition(let inner):
      let most = depth > 8 ? 1 : 3
      for _ in 0..<random.below(most + 1) { expand(inner, depth: depth, &result) }
    }
  }

  private func nests(_ expression: EBNF.Expression) -> Bool {
    switch expression {
    case .literal, .terminal: false
    case .rule(let name): ["block", "cond", "test", "rollout", "phase", "conj"].contains(name)
    case .sequence(let parts), .choice(let parts): parts.contains(where: nests)
    case .optional(let inner), .repetition(let inner): nests(inner)
    }
  }

  mutating func token(_ terminal: String) -> SentenceToken {
    let words = [
      "a", "phase", "run", "timeout", "pre-start", "_x", "C++", "per", "as", "secret", "signal",
    ]
    switch terminal {
    case "NAME":
      return SentenceToken(kind: "NAME", text: random.pick(words + ["not", "or", "known", "x.y"]))
    case "FACT": return SentenceToken(kind: "NAME", text: random.pick(["vm.host", "a.b.c"]))
    case "WORD": return SentenceToken(kind: "NAME", text: random.pick(words))
    case "STRING":
      return SentenceToken(kind: "STRING", text: random.pick(["\"x\"", "\"a b\"", "\"{\""]))
    case "INT": return SentenceToken(kind: "INT", text: random.pick(["1", "75", "255"]))
    case "PERCENT": return SentenceToken(kind: "PERCENT", text: "25%")
    case "VERSION": return SentenceToken(kind: "VERSION", text: "1.2")
    case "DUR": return SentenceToken(kind: "DUR", text: random.pick(["5m", "1h30m", "250ms"]))
    case "PARAM": return SentenceToken(kind: "PARAM", text: "\\(p)")
    default:
      return SentenceToken(kind: "CMP", text: random.pick(["==", "!=", "<", "<=", ">", ">="]))
    }
  }

  /// The sentence with one word removed, doubled, swapped, replaced or added.
  mutating func mutated(_ sentence: [SentenceToken]) -> [SentenceToken] {
    var result = sentence
    let place = random.below(result.count)
    let terminals = [
      "NAME", "FACT", "WORD", "STRING", "INT", "PERCENT", "VERSION", "DUR", "PARAM", "CMP",
    ]
    switch random.below(7) {
    case 6 where result[place].kind != "sign": result[place] = token(result[place].kind)
    case 0: result.remove(at: place)
    case 1: result.insert(result[place], at: place)
    case 2: result.swapAt(place, random.below(result.count))
    case 3: result[place] = token(random.pick(terminals))
    case 4: result[place] = random.pick(sentence)
    default: result.insert(random.pick(sentence), at: place)
    }
    return result
  }

  /// The sentence as text, with blanks, line ends and comments between its words.
  mutating func text(_ sentence: [SentenceToken]) -> String {
    var text = ""
    for token in sentence {
      switch random.below(8) {
      case 0: text += "\n"
      case 1: text += "\n  # comment { \"\n  "
      case 2: text += "\t \r\n"
      default: text += " "
      }
      text += token.text
    }
    return text + "\n"
  }
}

/// Checks whether a grammar accepts a sentence, by trying every alternative of the EBNF.
struct Recognizer {
  let grammar: EBNF

  func accepts(_ sentence: [SentenceToken], as start: String) -> Bool {
    ends(.rule(start), from: 0, sentence).contains(sentence.count)
  }

  /// All places where an expression that begins at `start` can end.
  private func ends(_ expression: EBNF.Expression, from start: Int, _ sentence: [SentenceToken])
    -> Set<Int>
  {
    switch expression {
    case .literal(let text):
      return start < sentence.count && sentence[start].matches(literal: text) ? [start + 1] : []
    case .terminal(let name):
      return start < sentence.count && sentence[start].matches(terminal: name) ? [start + 1] : []
    case .rule(let name):
      return grammar.rules[name].map { ends($0, from: start, sentence) } ?? []
    case .sequence(let parts):
      var places: Set<Int> = [start]
      for part in parts {
        places = places.reduce(into: []) { $0.formUnion(ends(part, from: $1, sentence)) }
      }
      return places
    case .choice(let parts):
      return parts.reduce(into: []) { $0.formUnion(ends($1, from: start, sentence)) }
    case .optional(let inner):
      return ends(inner, from: start, sentence).union([start])
    case .repetition(let inner):
      var all: Set<Int> = [start]
      var new = all
      while !new.isEmpty {
        var next: Set<Int> = []
        for place in new { next.formUnion(ends(inner, from: place, sentence)) }
        new = next.subtracting(all)
        all.formUnion(new)
      }
      return all
    }
  }
}
