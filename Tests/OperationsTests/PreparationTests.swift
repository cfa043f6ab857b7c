import Operations
import PlanGraph
import Testing
import VM

/// A plan and its machines, prepared without a command line.
@Suite struct PreparationTests {
  @Test func planIsCompiledForTheReleaseJobsOfAVM() throws {
    let folder = TestFolder()
    folder.script("web", "pre-start", "true")
    folder.script("db", "pre-start", "true")
    let request = try folder.plan("phase pre-start { script pre-start }")
    let preparation = try Preparation(request) { _ in }
    let names = preparation.graph.nodes.indices
      .filter { preparation.graph.step($0) != nil }.map(preparation.graph.name)
    #expect(
      names.sorted() == [
        "pre-start:vm/0/db#script-pre-start", "pre-start:vm/0/web#script-pre-start",
      ]
    )
  }

  @Test func mistakeIsAFailureWithItsFindings() throws {
    let folder = TestFolder()
    let request = try folder.plan("phase a { script pre-start }\nphase a { script post-start }")
    let failure = try #require(throws: CommandFailure.self) {
      _ = try Preparation(request) { _ in }
    }
    #expect(failure.status == .wrong)
    guard case .findings(let findings)? = failure.notices.first else {
      Issue.record("no findings")
      return
    }
    #expect(findings.hasErrors)
  }

  @Test func missingFolderIsACommandLineMistake() throws {
    let folder = TestFolder()
    var request = try folder.plan("phase a { script pre-start }")
    request.vms = VMRequest(standard: folder.at("nowhere"))
    let failure = try #require(throws: CommandFailure.self) {
      _ = try Preparation(request) { _ in }
    }
    #expect(failure.status == .wrong)
    #expect(failure.problems.map(\.path) == [folder.at("nowhere")])
  }

  @Test func leftOutStepsAreReported() throws {
    let folder = TestFolder()
    folder.script("web", "pre-start", "true")
    let request = try folder.plan(
      "phase a { script pre-start }\nphase b { script no-such-script }"
    )
    var told = 0
    _ = try Preparation(request) { _ in told += 1 }
    #expect(told == 1)
  }

  @Test func secretParamsAreKnownWithoutTheText() throws {
    let folder = TestFolder()
    folder.script("web", "pre-start", "true")
    let request = try folder.plan(
      """
      param password secret = "x"
      param token secret
      param open = 1
      phase a { script pre-start { env PASSWORD = "\\(password)" env TOKEN = "\\(token)" } }
      """,
      parameters: ["token": "y"]
    )
    let preparation = try Preparation(request) { _ in }
    #expect(preparation.secrets.map(\.name) == ["password", "token"])
    #expect(preparation.secrets.map { $0.standard != nil } == [true, false])
  }
}
