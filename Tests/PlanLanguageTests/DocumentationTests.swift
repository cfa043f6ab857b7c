import PlanLanguage
import Testing

@Suite("Comments as documentation")
struct DocumentationTests {
  private func phase(_ text: String) throws -> PhaseDecl {
    let result = Parser.parse(SourceFile(name: "d", text: text))
    #expect(result.diagnostics == [])
    for case .phase(let phase) in try #require(result.tree.plan).items { return phase }
    throw Missing()
  }

  private struct Missing: Error {}

  @Test("a comment block directly above a phase is its documentation, without the number signs")
  func theBlockAboveIsDocumentation() throws {
    let text = "plan a {\n  # One.\n  #   Two.\n  #\n  ## Three.  \n  phase b { script c }\n}"
    #expect(try phase(text).documentation == "One.\n  Two.\n\nThree.")
  }

  @Test(
    "no other comment is documentation",
    arguments: [
      "plan a {\n  # An empty line follows.\n\n  phase b { script c }\n}",
      "plan a { # After something.\n  phase b { script c }\n}",
      "plan a {\n  param x = 1 # After something.\n  phase b { script c }\n}",
      "plan a {\n  # The item does not begin its line.\n  param x = 1 phase b { script c }\n}",
      "plan a {\n  #\n  phase b { script c }\n}",
    ]
  )
  func noOtherCommentIsDocumentation(text: String) throws {
    #expect(try phase(text).documentation == nil)
  }

  @Test("only the block directly above counts, not one before an empty line")
  func onlyTheBlockDirectlyAboveCounts() throws {
    let text = "plan a {\n  # One.\n\n  # Two.\n  phase b { script c }\n}"
    #expect(try phase(text).documentation == "Two.")
  }

  @Test("the line that names an interpreter is not documentation")
  func theInterpreterLineIsNotDocumentation() throws {
    let text = "#!/usr/bin/lockstep run\n# The plan.\nplan a { phase b { script c } }"
    let plan = try #require(Parser.parse(SourceFile(name: "d", text: text)).tree.plan)
    #expect(plan.documentation == "The plan.")
    let bare = "#!/usr/bin/lockstep run\nplan a { phase b { script c } }"
    #expect(Parser.parse(SourceFile(name: "d", text: bare)).tree.plan?.documentation == nil)
    // The formatter moves it to the beginning of the file, where it names an interpreter.
    for before in ["\n", "\u{FEFF}", "\u{FEFF}\r\n \n"] {
      let moved = Parser.parse(SourceFile(name: "d", text: before + bare))
      #expect(moved.tree.plan?.documentation == nil)
    }
  }
}
