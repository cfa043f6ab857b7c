import PlanLanguage
import Testing

/// A large text that is easy to describe and hard to process.
struct LargeText: CustomTestStringConvertible, Sendable {
  var name: String
  var head = ""
  var body: String
  var tail = ""

  var testDescription: String { name }

  /// The text with as many bodies as fit into `size` bytes.
  func bytes(_ size: Int) -> [UInt8] {
    let body = Array(body.utf8)
    var result = Array(head.utf8)
    result.reserveCapacity(size + tail.utf8.count)
    for _ in 0..<(size / body.count) { result += body }
    return result + Array(tail.utf8)
  }

  static let all: [LargeText] = [
    LargeText(name: "opening braces", head: "plan a ", body: "{"),
    LargeText(name: "closing braces", head: "plan a {", body: "}"),
    LargeText(name: "nested groups", head: "plan a { phase b {", body: "parallel { "),
    LargeText(name: "nested handlers", head: "plan a { phase b {", body: "finally {\n"),
    LargeText(name: "nested lines", head: "plan a {\nphase b {\n", body: "sequence {\n"),
    LargeText(name: "parentheses", head: "plan a { phase b { when ", body: "("),
    LargeText(name: "not not not", head: "plan a { phase b { when ", body: "not "),
    LargeText(
      name: "a and b",
      head: "plan a { phase b { when a == b",
      body: " and a == b",
      tail: " } }"
    ),
    LargeText(name: "brackets", head: "plan a { phase b { run ", body: "["),
    LargeText(
      name: "arguments",
      head: "plan a { phase b { run [\"x\"",
      body: ",\"y\"",
      tail: "] } }"
    ),
    LargeText(name: "quotes", head: "plan a { phase b { run ", body: "\""),
    LargeText(name: "open strings", head: "plan a { phase b {\n", body: "run \"x\n"),
    LargeText(name: "a long string", head: "plan a { phase b { run \"", body: "x", tail: "\" } }"),
    LargeText(name: "escapes", head: "plan a { phase b { run \"", body: "\\n\\(a)", tail: "\" } }"),
    LargeText(
      name: "bad escapes",
      head: "plan a { phase b { run \"",
      body: "\\q\\u{\\(",
      tail: "\" } }"
    ),
    LargeText(
      name: "a string of many lines",
      head: "plan a { phase b { run \"\"\"\n",
      body: "  line \\\n",
      tail: "  \"\"\" } }"
    ),
    LargeText(
      name: "comments",
      head: "plan a {\n",
      body: "# comment\n",
      tail: "phase b { script c } }"
    ),
    LargeText(name: "blank lines", head: "plan a {", body: "\n", tail: "}"),
    LargeText(name: "a long name", head: "plan ", body: "a", tail: " {}"),
    LargeText(name: "a long number", head: "plan a { limit ", body: "9", tail: "}"),
    LargeText(name: "a long version", head: "plan a { param b = 1", body: ".1", tail: "}"),
    LargeText(name: "a long duration", head: "plan a { timeout 1", body: "1h", tail: "}"),
    LargeText(
      name: "many names",
      head: "plan a { phase b for c",
      body: ", d",
      tail: "{ script c } }"
    ),
    LargeText(
      name: "the same clause",
      head: "plan a { phase b {",
      body: " optional",
      tail: "script c } }"
    ),
    LargeText(name: "unknown words", head: "plan a {\n", body: "word\n", tail: "}"),
    LargeText(name: "misspelt words", head: "plan a {\n", body: "phse a { script b }\n", tail: "}"),
    LargeText(
      name: "late clauses",
      head: "plan a { phase b {\n",
      body: "script c timeout 1m\n",
      tail: "}}"
    ),
    LargeText(name: "odd characters", head: "plan a {\n", body: "; ", tail: "}"),
    LargeText(name: "letters outside ASCII", head: "plan a {\n", body: "größe ", tail: "}"),
    LargeText(name: "closing and text", head: "plan a {}\n", body: "} x\n"),
    LargeText(name: "keywords alone", head: "plan a {\n", body: "script\n"),
    LargeText(name: "plans", body: "plan a {}\n"),
    LargeText(name: "phases", head: "plan a {\n", body: "phase b { script c }\n", tail: "}"),
    LargeText(
      name: "retries",
      head: "plan a { phase b {",
      body: " run \"x\" { retry 1 }",
      tail: "}}"
    ),
  ]
}

/// No test here reads a clock: what is not linear does not end.
@Suite("Large texts")
struct ScaleTests {
  @Test("a megabyte of any text is parsed", arguments: LargeText.all)
  func aMegabyteIsParsed(text: LargeText) {
    #expect(brokenInvariants(of: text.bytes(1 << 20)) == [])
  }

  @Test(
    "ten megabytes of nested text are parsed",
    arguments: LargeText.all.filter { $0.name.hasPrefix("nested") }
  )
  func tenMegabytesAreParsed(text: LargeText) {
    let source = SourceFile(id: FileID(0), name: "large", bytes: text.bytes(10 << 20))
    #expect(Parser.parse(source).diagnostics.map(\.code) == [.nestedTooDeep])
  }

  @Test("100,000 nested blocks, all closed, are one diagnostic")
  func deepNestingIsOneDiagnostic() {
    let depth = 100_000
    let open = String(repeating: "parallel {", count: depth)
    let close = String(repeating: "}", count: depth)
    let text = "plan a { phase b { \(open) script c \(close) }\n phase d { script e } }"
    let result = Parser.parse(SourceFile(name: "nested", text: text))
    #expect(result.diagnostics.map(\.code) == [.nestedTooDeep])
    #expect(result.tree.plan?.items.count == 2)
  }

  @Test("blocks can be nested up to the limit, but not once more")
  func blocksCanBeNestedUpToTheLimit() {
    for (depth, expected) in [(199, []), (200, [DiagnosticCode.nestedTooDeep])] {
      let open = String(repeating: "parallel {", count: depth)
      let close = String(repeating: "}", count: depth)
      let text = "plan a { phase b { \(open) script c \(close) } }"
      let codes = Parser.parse(SourceFile(name: "nested", text: text)).diagnostics.map(\.code)
      #expect(codes == expected, "\(depth)")
    }
  }

  @Test("after a thousand findings the search ends, and the last one says so")
  func theSearchEndsAfterAThousandFindings() throws {
    let text = "plan a {\n" + String(repeating: "word\nphase b { script c }\n", count: 2000) + "}"
    let diagnostics = Parser.parse(SourceFile(name: "many", text: text)).diagnostics
    #expect(diagnostics.count == Diagnostic.limit)
    let last = try #require(diagnostics.last?.notes.last)
    #expect(last.message == "only the first 1000 findings of this file are shown")
  }
}
