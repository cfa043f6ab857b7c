import PlanLanguage
import Testing

/// One cell of the table of clauses and the places where they are allowed.
struct ClauseCell: CustomTestStringConvertible, Sendable {
  /// A place, with a way to write a plan with a clause there.
  enum Place: String, CaseIterable, Sendable {
    case plan, phase, parallel, sequence
    case onFailure = "on failure"
    case finally
    case script, run, wait, start, stop, unmonitor, drain

    func plan(with clause: String) -> String {
      switch self {
      case .plan: "plan a { \(clause) phase b { script c } }"
      case .phase: "plan a { phase b { \(clause) script c } }"
      case .parallel: "plan a { phase b { parallel { \(clause) script c } } }"
      case .sequence: "plan a { phase b { sequence { \(clause) script c } } }"
      case .onFailure: "plan a { phase b { script c on failure { \(clause) script d } } }"
      case .finally: "plan a { phase b { script c finally { \(clause) script d } } }"
      case .script: "plan a { phase b { script c { \(clause) } } }"
      case .run where clause.hasPrefix("retry"):
        "plan a { phase b { run \"c\" { \(clause) idempotent } } }"
      case .run: "plan a { phase b { run \"c\" { \(clause) } } }"
      case .wait where clause.hasPrefix("timeout"):
        "plan a { phase b { wait file \"/c\" { \(clause) } } }"
      case .wait: "plan a { phase b { wait file \"/c\" { \(clause) timeout 1m } } }"
      case .start: "plan a { phase b { start { \(clause) } } }"
      case .stop: "plan a { phase b { stop { \(clause) } } }"
      case .unmonitor: "plan a { phase b { unmonitor { \(clause) } } }"
      case .drain: "plan a { phase b { drain { \(clause) } } }"
      }
    }
  }

  /// A row of the table in the reference: the clause, and all places where it is allowed.
  struct Row {
    var clause: String
    var places: Set<Place>
  }

  static let steps: Set<Place> = [.script, .run, .wait, .start, .stop, .unmonitor, .drain]
  static let blocks: Set<Place> = [.phase, .parallel, .sequence, .onFailure, .finally]

  static let rows: [Row] = [
    Row(clause: "env A = \"b\"", places: Set(Place.allCases)),
    Row(clause: "timeout 1h", places: Set(Place.allCases)),
    Row(clause: "retry 2", places: steps.union(blocks)),
    Row(clause: "when exists \"/x\"", places: steps.union(blocks)),
    Row(clause: "optional", places: steps.union(blocks)),
    Row(clause: "default { timeout 1m }", places: blocks.union([.plan])),
    Row(clause: "limit 3", places: [.plan, .phase, .parallel]),
    Row(clause: "grace 1s", places: steps),
    Row(clause: "settle 1s", places: [.start]),
    Row(clause: "every 1s", places: [.wait]),
    Row(clause: "strict", places: [.drain]),
    Row(clause: "strict \"true\"", places: [.drain]),
    Row(clause: "idempotent", places: [.run]),
  ]

  static let all: [ClauseCell] = rows.flatMap { row in
    Place.allCases.map {
      ClauseCell(clause: row.clause, place: $0, isAllowed: row.places.contains($0))
    }
  }

  var clause: String
  var place: Place
  var isAllowed: Bool

  var testDescription: String { "\(clause) in \(place.rawValue): \(isAllowed ? "yes" : "no")" }
}

@Suite("Where clauses are allowed")
struct ClauseTableTests {
  @Test("a clause is allowed where the table says so, and nowhere else", arguments: ClauseCell.all)
  func aClauseIsAllowedWhereTheTableSaysSo(cell: ClauseCell) {
    let source = SourceFile(name: "cell.plan", text: cell.place.plan(with: cell.clause))
    // A clause without effect is a warning, and has nothing to do with its place.
    let diagnostics = Parser.parse(source).diagnostics.filter { $0.severity == .error }
    if cell.isAllowed {
      #expect(diagnostics == [])
    } else {
      #expect(diagnostics.map(\.code) == [.misplacedClause])
      #expect(diagnostics.allSatisfy { $0.message.contains(cell.place.rawValue) })
    }
  }

  @Test(
    "tuning clauses are allowed in 'default'",
    arguments: [
      "retry 1", "timeout 1s", "grace 1s", "settle 1s", "every 1s", "strict", "strict \"false\"",
    ]
  )
  func tuningIsAllowedInDefault(clause: String) {
    let source = SourceFile(
      name: "t",
      text: "plan a { default { \(clause) } phase b { script c } }"
    )
    #expect(Parser.parse(source).diagnostics.allSatisfy { $0.severity == .warning })
  }

  @Test(
    "no other clause is allowed in 'default'",
    arguments: [
      "env A = \"b\"", "limit 1", "when exists \"/x\"", "idempotent", "optional",
      "default { retry 1 }",
    ]
  )
  func noOtherClauseIsAllowedInDefault(clause: String) {
    let source = SourceFile(
      name: "t",
      text: "plan a { default { \(clause) } phase b { script c } }"
    )
    #expect(Parser.parse(source).diagnostics.map(\.code) == [.misplacedClause])
  }

  @Test("a wait's timeout can come from any 'default' around it")
  func theTimeoutOfAWaitCanComeFromADefault() {
    for place in [ClauseCell.Place.plan, .phase, .parallel, .sequence, .onFailure, .finally] {
      let text = place.plan(with: "default { timeout 1m }")
        .replacing("script c", with: "wait file \"/c\"")
        .replacing("script d", with: "wait file \"/d\"")
      let codes = Parser.parse(SourceFile(name: "t", text: text)).diagnostics
        .filter { $0.severity == .error }.map(\.code)
      // The 'default' of a handler does not apply to the statement before the handler.
      let isHandler = place == .onFailure || place == .finally
      #expect(codes == (isHandler ? [.waitNeedsTimeout] : []), "\(place)")
    }
  }
}
