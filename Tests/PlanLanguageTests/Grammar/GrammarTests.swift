import Foundation
import PlanLanguage
import TestSupport
import Testing

@Suite("Grammar")
struct GrammarTests {
  static func file(_ path: String) throws -> String {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return try String(contentsOf: root.appending(path: "Grammar/\(path)"), encoding: .utf8)
  }

  let grammar: EBNF

  init() throws { grammar = try EBNF(Self.file("plan.ebnf")) }

  @Test("every rule that is used exists, and every rule is used")
  func everyRuleExistsAndIsUsed() {
    var used: Set<String> = ["file"]
    var words: Set<String> = []
    func visit(_ expression: EBNF.Expression) {
      switch expression {
      case .literal(let text): if text.first?.isLetter ?? false { words.insert(text) }
      case .terminal: break
      case .rule(let name): used.insert(name)
      case .sequence(let parts), .choice(let parts): parts.forEach(visit)
      case .optional(let inner), .repetition(let inner): visit(inner)
      }
    }
    grammar.rules.values.forEach(visit)
    #expect(used == Set(grammar.order))
    #expect(words == Set(Word.allCases.map(\.rawValue)))
  }

  @Test("one token of look-ahead is enough everywhere")
  func oneTokenOfLookAheadIsEnough() {
    let analysis = LLAnalysis(grammar, start: "file")
    #expect(analysis.conflicts.map(\.description) == [])
    #expect(analysis.first["file"] == ["'plan'"])
    #expect(analysis.follow["names"]?.contains("'{'") == true)
  }

  @Test("the analysis finds conflicts")
  func conflictsAreFound() throws {
    for text in [
      "file = [ NAME ] \"plan\" ;", "file = { \"a\" } \"a\" ;", "file = \"a\" | \"a\" \"b\" ;",
      "file = x NAME ; x = [ \"a\" ] ;", "file = WORD | \"run\" ;",
    ] {
      #expect(!LLAnalysis(try EBNF(text), start: "file").conflicts.isEmpty, "\(text)")
    }
    #expect(LLAnalysis(try EBNF("file = WORD | \"not\" ;"), start: "file").conflicts.isEmpty)
  }

  @Test("sentences of the grammar parse without a diagnostic", arguments: UInt64(0)..<10)
  func sentencesParse(seed: UInt64) {
    var maker = SentenceMaker(grammar: grammar, random: SeededRandom(seed: seed))
    for round in 0..<200 {
      let sentence = maker.sentence("file")
      let text = maker.text(sentence)
      let diagnostics = Parser.parseSyntax(SourceFile(name: "s", text: text)).diagnostics
      if !diagnostics.isEmpty {
        Issue.record("seed \(seed), round \(round): \(diagnostics.map(\.message))\n\(text)")
      }
    }
  }

  @Test(
    "the parser accepts changed sentences exactly if the grammar does",
    arguments: UInt64(0)..<10
  )
  func theParserAgreesWithTheGrammar(seed: UInt64) {
    var maker = SentenceMaker(grammar: grammar, random: SeededRandom(seed: seed &+ 1000))
    let recognizer = Recognizer(grammar: grammar)
    var accepted = 0
    var rejected = 0
    for round in 0..<200 {
      let original = maker.sentence("file")
      if original.count > 300 { continue }
      for _ in 0..<4 {
        let sentence = maker.mutated(original)
        let expected = recognizer.accepts(sentence, as: "file")
        let text = maker.text(sentence)
        let diagnostics = Parser.parseSyntax(SourceFile(name: "s", text: text)).diagnostics
        if diagnostics.isEmpty != expected {
          Issue.record(
            "seed \(seed), round \(round): the grammar \(expected ? "accepts" : "rejects") this, the parser says \(diagnostics.map(\.message))\n\(text)"
          )
        }
        if expected { accepted += 1 } else { rejected += 1 }
      }
    }
    // Both cases must really occur.
    #expect(accepted > 10 && rejected > 100)
  }
}
