import PlanLanguage
import Testing
import Words

@Suite("Rendered diagnostics")
struct RendererTests {
  private func rendered(_ text: String, color: Bool = false) -> String {
    let source = SourceFile(name: "shop.plan", text: text)
    let renderer = DiagnosticRenderer(sources: [source], color: color)
    return Parser.parse(source).diagnostics.map(renderer.render).joined()
  }

  @Test("a diagnostic shows the line, its exact part, the other place and the help")
  func aDiagnosticShowsLinePlaceAndHelp() {
    let text = "plan shop {\n  phase a {\n    run \"x\" timeout 30m\n  }\n}\n"
    #expect(
      rendered(text) == """
        error PLAN0109: 'timeout' comes after a statement; clauses come first in a
          block, and a step's clauses go in its own braces
         --> shop.plan:3:13
          |
        3 |     run "x" timeout 30m
          |             ^^^^^^^
        note: the clauses of this block belong directly after this '{'
         --> shop.plan:2:11
          |
        2 |   phase a {
          |           -
          = help: write '{ timeout 30m }' after the step

        """
    )
  }

  @Test("line numbers of different length are aligned")
  func lineNumbersAreAligned() {
    let text =
      "plan shop {\n  phase a { run \"x\" as y }\n" + String(repeating: "\n", count: 9)
      + "  phase b { run \"x\" as y run \"z\" as y }\n}\n"
    #expect(
      rendered(text) == """
        error PLAN0207: the label 'y' appears twice in one phase
          --> shop.plan:12:37
           |
        12 |   phase b { run "x" as y run "z" as y }
           |                                     ^
        note: it appears here first
          --> shop.plan:12:24
           |
        12 |   phase b { run "x" as y run "z" as y }
           |                        -

        """
    )
  }

  @Test("a long line is cut to the text near its mistake")
  func aLongLineIsCut() {
    let filler = String(repeating: "phase aaaa { script b } ", count: 50)
    let lines = rendered("plan shop { \(filler)phse c { script d } \(filler)}").split(
      separator: "\n"
    )
    #expect(lines.count == 6)
    #expect(lines.dropFirst(2).allSatisfy { $0.count <= 80 })
    let excerpt = Array(lines[3])
    let marks = Array(lines[4])
    let start = marks.firstIndex(of: "^") ?? 0
    #expect(String(excerpt[start..<(start + 4)]) == "phse")
    #expect(marks.filter { $0 == "^" }.count == 4)
  }

  @Test("tabs, wide and combining characters keep the mark in its place")
  func theMarkIsInItsPlace() {
    let text = "plan shop {\n\tparam x = \"日本e\u{301}\" phse c { script d }\n}"
    let lines = rendered(text).split(separator: "\n")
    #expect(lines[3] == "2 |   param x = \"日本e\u{301}\" phse c { script d }")
    // Two columns each for the tab and the two wide letters, none for the accent.
    #expect(lines[4] == "  |" + String(repeating: " ", count: 21) + "^^^^")
  }

  @Test("no control character of a plan reaches the terminal")
  func noControlCharacterReachesTheTerminal() {
    let escape = "plan shop {\n  run \u{1B}[31m\u{7}\u{202E}\u{9B}x phse\n}"
    let output = rendered(escape)
    #expect(!output.isEmpty)
    #expect(
      output.unicodeScalars.allSatisfy {
        ($0.value >= 0x20 || $0 == "\n") && !(0x7F...0x9F).contains($0.value) && $0.value != 0x202E
      }
    )
    let bytes = Array("plan shop {\n  phse \"".utf8) + [0xFF, 0x1B, 0x80] + Array("\"\n}".utf8)
    let source = SourceFile(id: FileID(0), name: "a\u{1B}b.plan", bytes: bytes)
    let renderer = DiagnosticRenderer(sources: [source], color: false)
    let text = Parser.parse(source).diagnostics.map(renderer.render).joined()
    #expect(text.contains("a\u{241B}b.plan"))
    #expect(text.contains("<FF>"))
    #expect(!text.contains("\u{1B}"))
  }

  @Test("colour does not change the text")
  func colourDoesNotChangeTheText() {
    let text = "plan shop {\n  phase a { run \"x\" timeout 30m }\n}"
    let colored = rendered(text, color: true)
    #expect(colored.contains("\u{1B}[1;31m"))
    #expect(colored.replacing(#/\u{1B}\[[0-9;]*m/#, with: "") == rendered(text))
  }

  @Test("an empty file and the end of a file are places, too")
  func theEndOfAFileIsAPlace() {
    #expect(
      rendered("") == """
        error PLAN0110: the file contains no plan; a plan begins with plan NAME {
         --> shop.plan:1:1

        """
    )
    #expect(rendered("plan a {").contains("shop.plan:1:9"))
  }

  @Test("a diagnostic can be in another file, or in a file that is not known")
  func aDiagnosticCanBeInAnotherFile() {
    let one = SourceFile(id: FileID(0), name: "one.plan", text: "plan one {\n  include two\n}\n")
    let two = SourceFile(id: FileID(1), name: "two.plan", text: "plan two {}\n")
    let diagnostic = Diagnostic(
      .includeCycle,
      at: Location(FileID(0), Span(21, 24)),
      "words",
      notes: [
        Diagnostic.Note("here", at: Location(FileID(1), Span(5, 8))),
        Diagnostic.Note("gone", at: Location(FileID(9), Span(0, 1))),
        Diagnostic.Note("nowhere"),
      ]
    )
    let text = DiagnosticRenderer(sources: [one, two], color: false).render(diagnostic)
    #expect(
      text == """
        error PLAN0407: words
         --> one.plan:2:11
          |
        2 |   include two
          |           ^^^
        note: here
         --> two.plan:1:6
          |
        1 | plan two {}
          |      ---
        note: gone
          = note: nowhere

        """
    )
  }

  @Test("JSON contains everything, with a version")
  func jsonContainsEverything() {
    let source = SourceFile(
      name: "a\"\n.plan",
      text: "plan shop {\n  phse é { run \"x\" timeout 1m }\n}"
    )
    let text = DiagnosticJSON(sources: [source]).render(Parser.parse(source).diagnostics)
    #expect(text.hasPrefix(#"{"version":1,"diagnostics":["#))
    let start = #""start":{"line":2,"column":3,"offset":14}"#
    let place = #""file":"a\"\n.plan",\#(start),"end":{"line":2,"column":7,"offset":18}"#
    let head =
      #"{"code":"PLAN0106","severity":"error","message":"unexpected 'phse' in the plan","#
    let fix = #""fix":{"message":"write 'phase'",\#(place),"replacement":"phase"}}"#
    #expect(text.contains(#"\#(head)\#(place),"notes":[],\#(fix)"#))
    #expect(text.contains(#""start":{"line":2,"column":20,"offset":32}"#))
    #expect(DiagnosticJSON(sources: []).render([]) == "{\"version\":1,\"diagnostics\":[]}\n")
  }

  @Test("JSON strings are escaped")
  func jsonStringsAreEscaped() {
    let written = JSONWriter.bytes { $0.value("a\"b\\c\n\r\t\u{1}\u{7f}é😀") }
    #expect(String(decoding: written, as: UTF8.self) == #""a\"b\\c\n\r\t\u0001\u007fé😀""#)
  }

  @Test("lines and columns of every offset agree with counting")
  func positionsAgreeWithCounting() {
    var text = ""
    for index in 0..<3000 { text += index % 7 == 0 ? "é\n" : "x€" }
    let source = SourceFile(name: "p", text: text)
    let table = LineTable(source)
    var line = 1
    var column = 1
    var offset: UInt32 = 0
    for scalar in text.unicodeScalars {
      let position = table.position(of: offset, in: source)
      #expect(position.line == line && position.column == column)
      offset += UInt32(String(scalar).utf8.count)
      if scalar == "\n" { (line, column) = (line + 1, 1) } else { column += 1 }
    }
  }
}
