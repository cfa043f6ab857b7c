import Analysis
import Execution
import Operations
import PlanGraph
import Testing

/// Plans that are shown, rehearsed and timed, and not run.
@Suite struct DryRunTests {
  private func folder() -> TestFolder {
    let folder = TestFolder()
    folder.script("web", "pre-start", "true")
    folder.script("web", "post-start", "true")
    return folder
  }

  private let body = "phase a { script pre-start }\nphase b { script post-start }"

  @Test func aDryRunLeavesTheVMAsItWas() throws {
    let folder = folder()
    let dryRun = try DryRun(DryRunRequest(folder.plan(body))) { _ in }
    #expect(dryRun.graph.stepCount == 2)
    #expect(dryRun.problems().isEmpty)
    try dryRun.requireNoProblems { _ in }
    #expect(folder.read("vm/sys/log/web/pre-start.stdout.log") == nil)
    #expect(!FileReader.isFolder(folder.at("vm/data/lockstep")))
  }

  @Test func leftOutStepsAreKnown() throws {
    let folder = folder()
    var request = try DryRunRequest(folder.plan(body))
    request.selection = RunSelection(skip: ["b"])
    let dryRun = try DryRun(request) { _ in }
    #expect(dryRun.leftOut.keys.map(dryRun.graph.name) == ["b:vm/0/web#script-post-start"])
  }

  @Test func aFailureIsRehearsedWithItsResume() throws {
    let folder = folder()
    let dryRun = try DryRun(DryRunRequest(folder.plan(body))) { _ in }
    let whatIf = try WhatIf(dryRun, WhatIfRequest(["a=fail"]))
    guard case .run(let rehearsal, let resume?) = whatIf.answer else {
      Issue.record("no run, or nothing to resume")
      return
    }
    #expect(rehearsal.exitStatus == 1)
    #expect(resume.steps.map(\.verdict) == [.run, .run])
  }

  @Test func everyStepFailsInTurn() throws {
    let folder = folder()
    let dryRun = try DryRun(DryRunRequest(folder.plan(body))) { _ in }
    let whatIf = try WhatIf(dryRun, WhatIfRequest(["all"]))
    guard case .single(let failures, .fails) = whatIf.answer else {
      Issue.record("no single failures")
      return
    }
    #expect(failures.leftOut == 0)
  }

  @Test func invalidQuestionIsACommandLineMistake() throws {
    let folder = folder()
    let dryRun = try DryRun(DryRunRequest(folder.plan(body))) { _ in }
    for text in ["a=explode", "nobody=fail", "a"] {
      let failure = try #require(throws: CommandFailure.self) {
        _ = try WhatIf(dryRun, WhatIfRequest([text]))
      }
      #expect(failure.isOfCommandLine)
    }
  }

  @Test func timesAreUnknownBeforeTheFirstRun() throws {
    let folder = folder()
    let dryRun = try DryRun(DryRunRequest(folder.plan(body))) { _ in }
    let times = try PlanTimes(dryRun, parallel: 4)
    #expect(!times.isMeasured)
    #expect(times.source.origin == "no earlier run to measure")
  }

  @Test func anOrderIsProvenOrNot() throws {
    let folder = folder()
    #expect(try PlanProof(folder.plan(body), before: ["a"], after: ["b"]) { _ in }.proof.isProven)
    #expect(try !PlanProof(folder.plan(body), before: ["b"], after: ["a"]) { _ in }.proof.isProven)
  }

  @Test func aLostOrderIsALostGuarantee() throws {
    let folder = folder()
    let (old, same) = (try folder.plan(body), try folder.plan(body))
    let new = try folder.plan("phase b { script post-start }\nphase a { script pre-start }")
    #expect(try !PlanComparison.difference(old, same, parallel: 4) { _ in }.losesGuarantee)
    #expect(try PlanComparison.difference(old, new, parallel: 4) { _ in }.losesGuarantee)
  }
}
