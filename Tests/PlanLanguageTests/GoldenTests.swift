import PlanLanguage
import TestSupport
import Testing

@Suite("What the stations make of good plans")
struct GoldenTests {
  @Test("tokens", arguments: Fixture.good)
  func tokens(fixture: Fixture) throws {
    expect(describeTokens(of: try fixture.source()), fixture, "tokens")
  }

  @Test("syntax tree", arguments: Fixture.good)
  func tree(fixture: Fixture) throws {
    expect(describeTree(Parser.parse(try fixture.source()).tree), fixture, "tree")
  }

  @Test("formatted text", arguments: Fixture.good)
  func formatted(fixture: Fixture) throws {
    let text = try #require(Formatter.format(try fixture.source()))
    expect(text, fixture, "formatted")
  }

  @Test("no golden without a plan")
  func orphans() {
    #expect(Golden.orphans(beside: Fixture.good, ["tokens", "tree", "formatted"]) == [])
  }

  private func expect(
    _ text: String,
    _ fixture: Fixture,
    _ kind: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    if let difference = Golden.difference(text, from: fixture, kind) {
      Issue.record(Comment(rawValue: difference), sourceLocation: sourceLocation)
    }
  }
}
