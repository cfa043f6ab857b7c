import Foundation
@testable import PlanLanguage
import Testing

/// The reference must list everything.
@Suite("The reference of the language")
struct ReferenceTests {
  private let page: Document

  init() throws { page = try Document(name: "docs/language.md") }

  @Test("lists the codes as 'explain' does")
  func codes() {
    let expected = DiagnosticCode.allCases.map { code in
      "| `\(code.rawValue)` | \(code.severity.rawValue) | \(Explain.page(for: code).title) |"
    }
    let start = page.lines.firstIndex { $0.hasPrefix("| `PLAN") } ?? 0
    let table = Array(page.lines[start...].prefix { $0.hasPrefix("|") })
    if table == expected { return }
    Issue.record(
      "the table of codes is\n\(expected.joined(separator: "\n"))",
      sourceLocation: page.place(start + 1)
    )
  }

  @Test("knows every word of the grammar")
  func words() {
    let text = page.lines.joined(separator: "\n")
    #expect(Word.allCases.map(\.rawValue).filter { !text.contains($0) } == [])
  }

  @Test("shows the grammar that the tests of the parser use")
  func grammar() throws {
    let file = Document.package.appending(path: "Grammar/plan.ebnf")
    let text = try String(contentsOf: file, encoding: .utf8)
    let fence = try #require(page.fences.first { $0.language == "ebnf" })
    let start = try #require(text.firstRange(of: "\nfile "))
    if "\n" + fence.text == text[start.lowerBound...] { return }
    Issue.record("it is not Grammar/plan.ebnf", sourceLocation: page.place(fence.line))
  }

  /// A row for each clause, a column for each place, as in ``Placement``.
  @Test("says where each clause is allowed")
  func places() throws {
    let places: [(String, [Placement.Place])] = [
      ("plan", [.plan]), ("phase", [.phase]), ("`parallel`", [.parallel]),
      ("`sequence`", [.sequence]), ("handler", [.onFailure, .finally]), ("`run`", [.run]),
      ("`wait`", [.wait]), ("`start`", [.start]), ("`drain`", [.drain]),
      ("other steps", [.script, .stop, .unmonitor]),
    ]
    let clauses =
      ["env", "timeout", "retry", "when", "optional", "default", "limit", "grace"]
      + ["settle", "every", "strict", "idempotent"]
    var expected = ["| |" + places.map { " \($0.0) |" }.joined()]
    expected.append("|---|" + String(repeating: ":-:|", count: places.count))
    for word in clauses {
      let kind = try #require(Self.sample(word))
      let cells = places.map { place in
        place.1.allSatisfy { Placement.allows(kind, in: $0) } ? " yes |" : " |"
      }
      expected.append("| `\(word)` |" + cells.joined())
    }
    let start = page.lines.firstIndex(of: expected[0]) ?? 0
    let table = Array(page.lines[start...].prefix { $0.hasPrefix("|") })
    if table == expected { return }
    Issue.record(
      "the table of places is\n\(expected.joined(separator: "\n"))",
      sourceLocation: page.place(start + 1)
    )
  }

  private static func sample(_ word: String) -> Clause.Kind? {
    let span = Span(0, 0)
    let duration = DurationValue.literal(.seconds(1), span)
    switch word {
    case "env": return .env(Name("A", span), StringLiteral([], span))
    case "timeout": return .timeout(duration)
    case "retry":
      return .retry(
        RetryClause(count: .literal(1, span), backoffLow: nil, backoffHigh: nil, only: [])
      )
    case "when": return .when(.exists(StringLiteral([], span), span))
    case "optional": return .optional
    case "default": return .defaults([])
    case "limit": return .limit(.count(1, span))
    case "grace": return .grace(duration)
    case "settle": return .settle(duration)
    case "every": return .every(duration)
    case "strict": return .strict(nil)
    case "idempotent": return .idempotent
    default: return nil
    }
  }
}
