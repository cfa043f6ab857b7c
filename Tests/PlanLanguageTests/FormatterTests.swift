import PlanLanguage
import Testing

@Suite("What the formatter has made it leaves as it is")
struct FormatterTests {
  @Test(
    "whatever decides where a line is broken",
    arguments: [
      // How far a string of several lines is indented is no part of its line's width.
      """
      plan p {
        when exists "/as-long-as-is-needed" and instance == \"""
      a
      \""" and deployment == "long enough"
      }
      """
    ]
  )
  func again(plan: String) throws {
    let once = try #require(Formatter.format(SourceFile(name: "a.plan", text: plan)))
    #expect(Formatter.format(SourceFile(name: "a.plan", text: once)) == once)
  }
}
