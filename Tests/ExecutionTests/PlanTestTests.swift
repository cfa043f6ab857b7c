@testable import Analysis
@testable import Journal
import PlanGraph
import PlanLanguage
import Testing

/// Tests written in plans.
@Suite struct PlanTestTests {
  private func compile(_ text: String) throws -> [PlanTestResult] {
    let parsed = Parser.parse(SourceFile(name: "shop.plan", text: text))
    #expect(parsed.diagnostics.filter { $0.severity == .error } == [])
    let plan = try #require(parsed.tree.plan)
    return plan.tests.map { PlanTestCompiler.compile($0, of: BuildInput(plan: parsed.tree)) }
  }

  private func compile(body: String) throws -> PlanTestResult {
    let text = """
      plan shop {
        default { timeout 1m }
        param batch = 1
        param key
        phase backup { script backup { retry 1 backoff 2s } }
        barrier across deployment
        phase report { when exists "data" script report { optional when exists "report" } run "x" as y }
        phase upgrade {
          when director.version >= 3
          script upgrade
          on failure { run "undo \\(key)" as undo }
        }
        phase last per instance { run "true" as last }
        finally { run "true" as bye }

        test "it" {
          release-jobs db, web
          \(body)
        }
      }
      """
    return try #require(try compile(text).first)
  }

  private static let known = "with key = \"x\" with director.version = 3.1 "

  @Test(
    arguments: [
      // Expectations that are met.
      ("expect exit 0 expect within 6s expect succeeded \"backup\", \"bye\"", []),
      ("expect \"backup\" before \"script-upgrade\" expect unstarted \"undo\"", []),
      ("when \"backup:vm/0/db\" fails expect failed \"backup:vm/0/db\" expect exit 1", []),
      ("when \"backup:vm/0/db\" fails expect blocked \"upgrade:vm/0/db#script-upgrade\"", []),
      ("when \"backup:vm/0/db\" fails on attempt 1 expect attempts 2 of \"backup:vm/0/db\"", []),
      ("when \"backup:vm/0/db\" hangs expect within 3m expect exit 1", []),
      ("when \"script-report\" exits 9 expect failed \"script-report\" expect exit 0", []),
      ("when \"script-upgrade\" dies expect started \"undo\" expect blocked \"last\"", []),
      ("when cancelled at 500ms expect cancelled \"backup\" expect exit 143", []),
      ("when \"backup\" takes 10s when \"backup\" takes 20s expect within 30s", []),
      ("when \"script-report\" skipped expect skipped \"script-report\" expect started \"y\"", []),
      ("when \"y\" skipped expect skipped \"report\" expect exit 0", []),
      // Expectations that are not met.
      ("when \"script-report\" skipped expect skipped \"y\"", [0]),
      ("expect exit 1", [0]), ("expect exit 0 expect within 4s", [1]),
      ("when \"backup\" takes 40s expect within 30s", [0]),
      ("expect succeeded \"undo\"", [0]), ("expect blocked \"backup\"", [0]),
      ("expect attempts 2 of \"backup\" expect skipped \"backup\"", [0, 1]),
      ("expect \"upgrade\" before \"backup\"", [0]), ("expect \"backup\" before \"undo\"", [0]),
      ("expect started \"undo\" expect unstarted \"last\" expect exit 0", [0, 1]),
    ] as [(String, [Int])]
  )
  func expectations(body: String, misses: [Int]) throws {
    let result = try compile(body: Self.known + body)
    let test = try #require(result.test, "\(result.diagnostics.map(\.message))")
    #expect(PlanTestRun(test).misses.map(\.expectation) == misses)
  }

  @Test func testSetsItsOwnFactsAndParams() throws {
    let older = try compile(
      body: "with key = 1 with director.version = 2 expect skipped \"upgrade\""
    )
    #expect(PlanTestRun(try #require(older.test)).misses.count == 0)
    let newer = try compile(body: Self.known + "expect skipped \"script-upgrade\"")
    #expect(PlanTestRun(try #require(newer.test)).misses.count == 1)
  }

  @Test(
    arguments: [
      ("with director.version = 3 expect exit 0", DiagnosticCode.missingParam, nil),
      ("with key = 1 with kez = 2 expect exit 0", .unknownParam, "write 'key'"),
      (known + "when \"bakcup\" fails expect exit 1", .unknownStepInTest, "write \"backup\""),
      (known + "expect exit 0 expect succeeded \"x*\"", .unknownStepInTest, nil),
      (known + "when \"backup\" skipped expect exit 0", .nothingAskedInTest, nil),
    ] as [(String, DiagnosticCode, String?)]
  )
  func mistakesInTestsAreFound(body: String, code: DiagnosticCode, fix: String?) throws {
    let result = try compile(body: body)
    #expect(result.test == nil)
    #expect(result.diagnostics.map(\.code) == [code])
    #expect(result.diagnostics.first?.fixIt?.message == fix)
  }

  @Test func testWithoutReleaseJobsMustNameSome() throws {
    let results = try compile(
      "plan p { phase a { script a { timeout 1m } } test \"t\" { expect succeeded \"a\" } }"
    )
    #expect(results[0].diagnostics.first?.notes.first?.message.contains("release-jobs") == true)
  }

  @Test func explainPagesOfTestsShowTheirMistakes() throws {
    for code in [DiagnosticCode.unknownStepInTest, .nothingAskedInTest, .expectationFailed] {
      let page = Explain.page(for: code)
      for (text, isWrong) in [(page.wrong ?? "", true), (page.right, false)] {
        let result = try #require(try compile(text).first)
        if code != .expectationFailed {
          #expect(result.diagnostics.map(\.code) == (isWrong ? [code] : []))
        } else {
          #expect(PlanTestRun(try #require(result.test)).misses.isEmpty != isWrong)
        }
      }
    }
  }

  @Test func testsDoNotChangeTheCompiledPlan() throws {
    func identity(_ tail: String) throws -> GraphIdentity {
      let text = "plan p { phase a { script a { timeout 1m } }\(tail) }"
      let parsed = Parser.parse(SourceFile(name: "p.plan", text: text))
      return GraphIdentity(try #require(GraphBuilder.build(BuildInput(plan: parsed.tree)).graph))
    }
    #expect(try identity("") == identity("\n\ntest \"t\" { release-jobs a expect exit 0 }"))
  }
}
