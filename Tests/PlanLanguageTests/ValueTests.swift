import PlanLanguage
import Testing

/// A param's value as written, and its meaning.
struct ValueCase: CustomTestStringConvertible, Sendable {
  var written: String
  /// Nil if it is not a value.
  var kind: LiteralValue.Kind?

  var testDescription: String { written }

  static let all: [ValueCase] = [
    ValueCase(written: "0", kind: .int(0)),
    ValueCase(written: "007", kind: .int(7)),
    ValueCase(written: "9223372036854775807", kind: .int(.max)),
    ValueCase(written: "9223372036854775808", kind: nil),
    ValueCase(written: "25%", kind: .percent(25)),
    ValueCase(written: "1.2", kind: .version(Version([1, 2]))),
    ValueCase(written: "255.4.0", kind: .version(Version([255, 4, 0]))),
    ValueCase(written: "1.18446744073709551615", kind: .version(Version([1, .max]))),
    ValueCase(written: "1.18446744073709551616", kind: nil),
    ValueCase(written: "250ms", kind: .duration(.milliseconds(250))),
    ValueCase(written: "30s", kind: .duration(.seconds(30))),
    ValueCase(written: "5m", kind: .duration(.seconds(300))),
    ValueCase(written: "2h", kind: .duration(.seconds(7200))),
    ValueCase(written: "1h30m", kind: .duration(.seconds(5400))),
    ValueCase(written: "1h1m1s1ms", kind: .duration(.milliseconds(3_661_001))),
    ValueCase(written: "1h1ms", kind: .duration(.milliseconds(3_600_001))),
    ValueCase(written: "90m", kind: .duration(.seconds(5400))),
    ValueCase(written: "876000h", kind: .duration(.seconds(876_000 * 3600))),
    ValueCase(written: "876000h1ms", kind: nil),
    ValueCase(written: "99999999999999999999999h", kind: nil),
    ValueCase(written: "30m1h", kind: nil),
    ValueCase(written: "1s1s", kind: nil),
    ValueCase(written: "5d", kind: nil),
    ValueCase(written: "1.5h", kind: nil),
    ValueCase(written: "-5", kind: nil),
    ValueCase(written: "5%x", kind: nil),
    ValueCase(written: "1.", kind: nil),
    ValueCase(written: "1..2", kind: nil),
    ValueCase(written: "0x10", kind: nil),
    ValueCase(written: "1_000", kind: nil),
    ValueCase(written: "true", kind: nil),
    ValueCase(written: "\\(b)", kind: nil),
  ]
}

@Suite("Values")
struct ValueTests {
  @Test("text is a value or one diagnostic", arguments: ValueCase.all)
  func textIsAValueOrOneDiagnostic(value: ValueCase) throws {
    let source = SourceFile(name: "v", text: "plan a { param b = \(value.written) }")
    let result = Parser.parse(source)
    guard case .param(let param)? = result.tree.plan?.items.first else {
      Issue.record("no param")
      return
    }
    if let kind = value.kind {
      #expect(result.diagnostics == [])
      #expect(param.value?.kind == kind)
      #expect(source.text(try #require(param.value).span) == value.written)
    } else {
      #expect(result.diagnostics.count == 1)
    }
  }

  @Test("versions compare by component")
  func versionsCompareByComponent() {
    #expect(Version([1, 10]) > Version([1, 9]))
    #expect(Version([1]) == Version([1, 0, 0]))
    #expect(Version([1]).hashValue == Version([1, 0]).hashValue)
    #expect(Version([2]) > Version([1, 99, 99]))
    #expect(Version([0]) == Version([0, 0]))
  }

  @Test(
    "the nearest word is found if it is near enough",
    arguments: [
      ("nginz", "nginx"), ("postgers", "postgres"), ("ngin", "nginx"), ("Nginx", "nginx"),
      ("release_job", "release-job"), ("x", nil), ("apache", nil), ("pstgrs", "postgres"),
      ("", nil),
      ("pp", "app"), ("ap", "app"),
    ] as [(String, String?)]
  )
  func theNearestWordIsFound(word: String, expected: String?) {
    let candidates = ["nginx", "postgres", "app", "release-job", "y"]
    #expect(nearMiss(word, among: candidates) == expected)
  }

  @Test("long words and many candidates are ignored, so they are cheap")
  func longWordsAndManyCandidatesAreCheap() {
    let long = String(repeating: "a", count: 100_000)
    #expect(nearMiss(long, among: [long + "b"]) == nil)
    #expect(nearMiss("needle", among: repeatElement("haystack", count: 1_000_000)) == nil)
  }
}
