import PlanLanguage
import Testing

/// A string literal as written, and its meaning.
struct StringCase: CustomTestStringConvertible, Sendable {
  var written: String
  var segments: [StringLiteral.Segment]
  var codes: [DiagnosticCode] = []

  var testDescription: String { written }

  private static func param(_ name: String, _ start: UInt32) -> StringLiteral.Segment {
    .param(Name(name, Span(start, start + UInt32(name.utf8.count) + 3)))
  }

  /// Where the literal begins in the parsed text.
  static let offset: UInt32 = 19

  static let all: [StringCase] = [
    StringCase(written: #""""#, segments: [], codes: [.emptyRun]),
    StringCase(written: #""a b""#, segments: [.text("a b")]),
    StringCase(written: #""\n\t\"\\""#, segments: [.text("\n\t\"\\")]),
    StringCase(written: #""\u{41}\u{20ac}\u{1F600}""#, segments: [.text("A€😀")]),
    StringCase(written: #""\u{0010ffff}""#, segments: [.text("\u{10ffff}")]),
    StringCase(written: #""é€😀""#, segments: [.text("é€😀")]),
    StringCase(written: #""\(a)""#, segments: [param("a", offset + 1)]),
    StringCase(
      written: #""x\(a)\(b.c)y""#,
      segments: [.text("x"), param("a", offset + 2), param("b.c", offset + 6), .text("y")]
    ),
    StringCase(written: #""\\(a)""#, segments: [.text("\\(a)")]),
    StringCase(written: #""$HOME ${x} `y` $(z) %s""#, segments: [.text("$HOME ${x} `y` $(z) %s")]),
    StringCase(written: "\"# no comment\"", segments: [.text("# no comment")]),
    StringCase(written: #""\q""#, segments: [.text("q")], codes: [.unknownEscape]),
    StringCase(written: #""\$a""#, segments: [.text("$a")], codes: [.unknownEscape]),
    StringCase(written: #""a\u{d800}b""#, segments: [.text("ab")], codes: [.unknownEscape]),
    StringCase(written: #""a\u{110000}""#, segments: [.text("a")], codes: [.unknownEscape]),
    StringCase(written: #""a\u{}""#, segments: [.text("a")], codes: [.unknownEscape]),
    StringCase(written: #""a\u{0}b""#, segments: [.text("ab")], codes: [.unknownEscape]),
    StringCase(written: #""a\(b""#, segments: [.text("a")], codes: [.unknownEscape]),
    StringCase(written: "\"\"\"\n  a\n  \"\"\"", segments: [.text("a")]),
    StringCase(written: "\"\"\"\n  a\n    b\n\n  c\n  \"\"\"", segments: [.text("a\n  b\n\nc")]),
    StringCase(written: "\"\"\"\r\n  a\r\n  b\r\n  \"\"\"", segments: [.text("a\nb")]),
    StringCase(written: "\"\"\"\n\ta\n\t\tb\n\t\"\"\"", segments: [.text("a\n\tb")]),
    StringCase(written: "\"\"\"  \n  a\n  \"\"\"", segments: [.text("a")]),
    StringCase(written: "\"\"\"\n  a \\\n  b\n  \"\"\"", segments: [.text("a b")]),
    StringCase(written: "\"\"\"\n  a\\\\\n  b\n  \"\"\"", segments: [.text("a\\\nb")]),
    StringCase(written: "\"\"\"\n  \"a\" \"\"\n  \"\"\"", segments: [.text("\"a\" \"\"")]),
    StringCase(written: "\"\"\"\n  \\\"\"\"\n  \"\"\"", segments: [.text("\"\"\"")]),
    StringCase(written: "\"\"\"\n   \n a\n \"\"\"", segments: [.text("  \na")]),
    StringCase(written: "\"\"\"\n\n  \"\"\"", segments: [], codes: [.emptyRun]),
    StringCase(written: "\"\"\"\n  \"\"\"", segments: [], codes: [.emptyRun]),
    StringCase(written: "\"\"\"\n\n\n\"\"\"", segments: [.text("\n")], codes: [.emptyRun]),
    StringCase(
      written: "\"\"\"\n a\nb\n \"\"\"",
      segments: [.text("a\nb")],
      codes: [.misindentedString]
    ),
    StringCase(
      written: "\"\"\"\n  a\n\tb\n  \"\"\"",
      segments: [.text("a\n\tb")],
      codes: [.misindentedString]
    ),
    StringCase(written: "\"\"\"a\"\"\"", segments: [.text("a")], codes: [.misindentedString]),
    StringCase(written: "\"\"\"\n  a\"\"\"", segments: [.text("  a")], codes: [.misindentedString]),
    StringCase(
      written: "\"\"\"a\n  b\n  \"\"\"",
      segments: [.text("b")],
      codes: [.misindentedString]
    ),
  ]
}

@Suite("Strings")
struct StringTests {
  @Test("a string has the meaning of its text", arguments: StringCase.all)
  func aStringHasTheMeaningOfItsText(string: StringCase) throws {
    let text = "plan a{phase b{run \(string.written)}}"
    let result = Parser.parse(SourceFile(name: "s", text: text))
    #expect(result.diagnostics.map(\.code) == string.codes)
    guard case .phase(let phase)? = result.tree.plan?.items.first,
      case .step(let step)? = phase.block.statements.first,
      case .run(.shell(let literal)) = step.action
    else {
      Issue.record("no run step")
      return
    }
    #expect(literal.segments == string.segments)
    #expect(literal.span.start == StringCase.offset)
    #expect(Int(literal.span.end) == text.utf8.count - 2)
  }

  @Test("a string of several lines that is not closed is one diagnostic at its beginning")
  func anOpenStringOfSeveralLinesIsOneDiagnostic() {
    let text = "plan a {\n  phase b {\n    run \"\"\"\n      echo\n  }\n}\n"
    let diagnostics = Parser.parse(SourceFile(name: "s", text: text)).diagnostics
    #expect(diagnostics.map(\.code) == [.unterminatedString])
    #expect(diagnostics.first?.location.span == Span(29, 32))
  }

  @Test("a string that is not closed ends with its line")
  func anOpenStringEndsWithItsLine() {
    let text = "plan a {\n  phase b { run \"x }\n  phase c { scrip d }\n}\n"
    let diagnostics = Parser.parse(SourceFile(name: "s", text: text)).diagnostics
    #expect(diagnostics.map(\.code) == [.unterminatedString, .unexpectedToken])
  }

  @Test("quoted text can be read back")
  func quotedTextCanBeReadBack() throws {
    let text = "a\"b\\c\n\t\u{1}\u{7f}é\\(x)"
    let source = SourceFile(name: "q", text: "plan a { param b = \(quotedForPlan(text)) }")
    let result = Parser.parse(source)
    #expect(result.diagnostics == [])
    guard case .param(let param)? = result.tree.plan?.items.first,
      case .string(let literal)? = param.value?.kind
    else {
      Issue.record("no string")
      return
    }
    #expect(literal.segments == [.text(text)])
  }
}
