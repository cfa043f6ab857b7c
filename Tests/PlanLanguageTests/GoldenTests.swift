import PlanLanguage
import TestSupport
import Testing

@Suite("Tokens, trees and formatted texts of good plans")
struct GoldenTests {
  @Test("the tokens are as recorded", arguments: Fixture.good)
  func tokensAreAsRecorded(fixture: Fixture) throws {
    expect(describeTokens(of: try fixture.source()), fixture, "tokens")
  }

  @Test("the syntax tree is as recorded", arguments: Fixture.good)
  func treeIsAsRecorded(fixture: Fixture) throws {
    expect(describeTree(Parser.parse(try fixture.source()).tree), fixture, "tree")
  }

  @Test("the formatted text is as recorded", arguments: Fixture.good)
  func formattedTextIsAsRecorded(fixture: Fixture) throws {
    let text = try #require(Formatter.format(try fixture.source()))
    expect(text, fixture, "formatted")
  }

  @Test("every golden has a plan")
  func everyGoldenHasAPlan() {
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
