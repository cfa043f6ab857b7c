import PlanGraph
import PlanLanguage
import Testing

@Suite("Explain pages")
struct ExplainTests {
  /// The codes of a plan next to a file `other.plan`, on a machine with two release jobs.
  private func codes(
    _ text: String,
    other: String?,
    isPlain: Bool = false
  ) -> [DiagnosticCode] {
    let source = SourceFile(name: "shop.plan", text: text)
    let parsed = Parser.parse(source)
    if parsed.diagnostics.contains(where: { $0.severity == .error }) {
      return parsed.diagnostics.map(\.code)
    }
    var site = Site.unknown
    site.discovered = Site.Discovered(
      deploymentJob: "web",
      instance: "0",
      releaseJobs: ["nginx", "app"]
    )
    if isPlain {
      site.discovered?.jobs[0].instances[0].releaseJobs = []
      site.isPlain = true
    }
    // This warning shows only if the machine is not known.
    if text == Explain.page(for: .perReleaseJobBesideUnits).wrong { site = .unknown }
    let built = GraphBuilder.build(
      BuildInput(plan: parsed.tree, key: "shop.plan", site: site) { target, _ in
        guard target.name.text == "other.plan" else {
          return .missing(reason: "there is no such file", known: [])
        }
        let text = other ?? "plan other { phase other { script other } }"
        return .found(key: "other.plan", name: "other.plan", bytes: Array(text.utf8))
      }
    )
    return (parsed.diagnostics + built.diagnostics).map(\.code)
  }

  @Test("every code has its own page", arguments: DiagnosticCode.allCases)
  func everyCodeHasItsOwnPage(code: DiagnosticCode) {
    let page = Explain.page(for: code)
    #expect(page.code == code)
    #expect(!page.title.isEmpty && !page.title.hasSuffix("."))
    #expect(page.render().split(separator: "\n").allSatisfy { $0.count <= 900 })
    #expect(page.story.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test("the wrong example shows only the code of its page", arguments: DiagnosticCode.allCases)
  func theWrongExampleShowsOnlyItsCode(code: DiagnosticCode) {
    let page = Explain.page(for: code)
    guard let wrong = page.wrong else {
      let unwritten: [DiagnosticCode] = [
        .invalidUTF8, .fileTooLarge, .hostsNotText, .hostsTooLarge,
      ]
      #expect(unwritten.contains(code))
      return
    }
    // These show only when the tests of a plan are run, or in hosts files; other tests do that.
    if code.rawValue.hasPrefix("PLAN08") || code.isAboutHosts { return }
    let found = Set(codes(wrong, other: page.other, isPlain: page.isForPlainMachine))
    #expect(found.subtracting([.noTimeBound, .barrierJoinsNothing]).union([code]) == [code])
    #expect(found.contains(code))
  }

  @Test(
    "the right example has no error, and not the code of its page",
    arguments: DiagnosticCode.allCases.filter { !$0.isAboutHosts }
  )
  func theRightExampleHasNoError(code: DiagnosticCode) {
    let page = Explain.page(for: code)
    let found = codes(page.right, other: nil, isPlain: page.isForPlainMachine)
    #expect(found.allSatisfy { $0.severity == .warning && $0 != code })
  }

  @Test("a word's example has no error and is formatted")
  func theExampleOfAWordHasNoError() {
    for page in Explain.wordPages {
      let found = codes(
        page.example.replacing("param name\n", with: "param name = 1\n"),
        other: nil
      )
      // Bundled plans do not exist here.
      let isGood = found.allSatisfy { $0.severity == .warning || $0 == .unknownInclude }
      #expect(isGood, "\(page.word): \(found)")
      let text = page.example + "\n"
      #expect(Formatter.format(SourceFile(name: "w.plan", text: text)) == text, "\(page.word)")
      #expect(page.story.split(separator: "\n").allSatisfy { $0.count <= 84 }, "\(page.word)")
      #expect(page.example.contains(page.word), "\(page.word)")
    }
    #expect(Explain.nearestPage(to: "retyr") == "retry")
    #expect(Explain.nearestPage(to: "PLAN0205x") == "PLAN0205")
  }

  @Test(
    "right examples are formatted",
    arguments: DiagnosticCode.allCases.filter { !$0.isAboutHosts }
  )
  func rightExamplesAreFormatted(code: DiagnosticCode) {
    let right = Explain.page(for: code).right
    #expect(Formatter.format(SourceFile(name: "right.plan", text: right)) == right + "\n")
  }
}
