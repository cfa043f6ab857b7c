import PlanLanguage
import Testing

@Suite("The formatter does not change formatted text")
struct FormatterTests {
  @Test(
    "formatting a second time changes nothing",
    arguments: [
      // The indentation of a string of several lines does not count for the width of its line.
      """
      plan p {
        when exists "/as-long-as-is-needed" and instance == \"""
      a
      \""" and deployment == "long enough"
      }
      """
    ]
  )
  func formattingAgainChangesNothing(plan: String) throws {
    let once = try #require(Formatter.format(SourceFile(name: "a.plan", text: plan)))
    #expect(Formatter.format(SourceFile(name: "a.plan", text: once)) == once)
  }
}
