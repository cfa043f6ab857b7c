import Glibc
import Analysis
import Execution
import Operations
import PlanGraph
import Reports
import Testing

/// Runs of real processes, without a terminal.
@Suite(.serialized) struct RunTests {
  private func ended(_ result: RunResult) throws -> RunEnd {
    guard case .ended(let end) = result else {
      throw CommandFailure(message: "nothing was run")
    }
    return end
  }

  @Test func runAnnouncesItsStepsAndItsEnd() throws {
    let folder = TestFolder()
    folder.script("web", "pre-start", "echo hello")
    let request = try RunRequest(folder.plan("phase pre-start { script pre-start }"))
    let audience = CollectingAudience()
    let end = try ended(PlanRun(request, audience).run())
    #expect(end.outcome == .succeeded)
    #expect(end.status == .succeeded)
    #expect(end.isRecorded)
    #expect(audience.succeeded == ["pre-start:vm/0/web#script-pre-start"])
    #expect(folder.read("vm/sys/log/web/pre-start.stdout.log") == "hello\n")
  }

  @Test func failedRunIsResumed() throws {
    let folder = TestFolder()
    folder.script("web", "pre-start", "echo first")
    folder.script("web", "post-start", "echo second; exit 4")
    let request = try RunRequest(
      folder.plan("phase a { script pre-start }\nphase b { script post-start }")
    )
    do {
      let end = try ended(PlanRun(request, CollectingAudience()).run())
      #expect(end.status == .failed)
      let node = try #require(end.run.failures.keys.first)
      #expect(end.run.failures[node] == .exited(4))
      #expect(end.evidence(node).stdout == Array("second\n".utf8))
    }
    folder.script("web", "post-start", "echo third")
    let resume = ResumeRequest(
      run: RunReference(vms: VMRequest(standard: folder.at("vm"))),
      acceptsChanges: true
    )
    let audience = CollectingAudience()
    let end = try ended(
      Resumption(resume.run.find(), resume, tell: audience.tell).run(audience)
    )
    #expect(end.status == .succeeded)
    #expect(audience.succeeded == ["b:vm/0/web#script-post-start"])
    #expect(folder.read("vm/sys/log/web/pre-start.stdout.log") == "first\n")
  }

  @Test func resumeExplainsWhatItWouldDo() throws {
    let folder = TestFolder()
    folder.script("web", "pre-start", "true")
    folder.script("web", "post-start", "exit 1")
    let request = try RunRequest(
      folder.plan("phase a { script pre-start }\nphase b { script post-start }")
    )
    _ = try PlanRun(request, CollectingAudience()).run()
    let resume = ResumeRequest(run: RunReference(vms: VMRequest(standard: folder.at("vm"))))
    let (explanation, graph) = try Resumption(resume.run.find(), resume) { _ in }.explain()
    let verdicts = explanation.steps.map { "\(graph.name($0.node)) \($0.verdict)" }
    #expect(verdicts == ["a:vm/0/web#script-pre-start keep", "b:vm/0/web#script-post-start run"])
  }

  @Test func changedScriptIsRefused() throws {
    let folder = TestFolder()
    folder.script("web", "pre-start", "exit 1")
    let request = try RunRequest(folder.plan("phase a { script pre-start }"))
    _ = try PlanRun(request, CollectingAudience()).run()
    folder.script("web", "pre-start", "exit 0")
    let resume = ResumeRequest(run: RunReference(vms: VMRequest(standard: folder.at("vm"))))
    let failure = try #require(throws: CommandFailure.self) {
      _ = try Resumption(resume.run.find(), resume) { _ in }.run(CollectingAudience())
    }
    #expect(failure.status == .refused)
    #expect(texts(failure.notices).contains { $0.hasPrefix("a:vm/0/web#script-pre-start: ") })
  }

  @Test func succeededRunLeavesNothingToResume() throws {
    let folder = TestFolder()
    folder.script("web", "pre-start", "true")
    let request = try RunRequest(folder.plan("phase a { script pre-start }"))
    let name = try ended(PlanRun(request, CollectingAudience()).run()).name
    let resume = ResumeRequest(run: RunReference(vms: VMRequest(standard: folder.at("vm"))))
    let result = try Resumption(resume.run.find(), resume) { _ in }.run(CollectingAudience())
    guard case .nothingLeft(let run) = result else {
      Issue.record("something was run")
      return
    }
    #expect(run == name)
  }

  @Test func planThatSucceededInThisBootIsNotRunTwice() throws {
    let folder = TestFolder()
    folder.script("web", "pre-start", "echo once")
    var request = try RunRequest(folder.plan("phase a { script pre-start }"))
    let name = try ended(PlanRun(request, CollectingAudience()).run()).name
    request.plan = try folder.plan("phase a { script pre-start }")
    request.isOncePerBoot = true
    let audience = CollectingAudience()
    guard case .succeededBefore(_, let run) = try PlanRun(request, audience).run() else {
      Issue.record("it was run again")
      return
    }
    #expect(run == name)
    #expect(audience.graphs.isEmpty)
    #expect(folder.read("vm/sys/log/web/pre-start.stdout.log") == "once\n")
  }

  @Test func planThatCannotRunIsRefusedBeforeAnythingStarts() throws {
    let folder = TestFolder()
    folder.script("web", "pre-start", "true")
    folder.script("web", "post-start", "true")
    chmod(folder.at("vm/jobs/web/bin/post-start"), 0o644)
    let request = try RunRequest(
      folder.plan("phase a { script pre-start }\nphase b { script post-start }")
    )
    let audience = CollectingAudience()
    let failure = try #require(throws: CommandFailure.self) {
      _ = try PlanRun(request, audience).run()
    }
    #expect(failure.status == .refused)
    #expect(!failure.problems.isEmpty)
    #expect(audience.graphs.isEmpty)
    #expect(folder.read("vm/sys/log/web/pre-start.stdout.log") == nil)
  }

  @Test func unknownStepNameIsACommandLineMistake() throws {
    let folder = TestFolder()
    folder.script("web", "pre-start", "true")
    var request = try RunRequest(folder.plan("phase a { script pre-start }"))
    request.selection = RunSelection(only: ["b"])
    let failure = try #require(throws: CommandFailure.self) {
      _ = try PlanRun(request, CollectingAudience()).run()
    }
    #expect(failure.isOfCommandLine)
    #expect(texts(failure.notices) == ["no step is named 'b'"])
  }

  @Test func runIsAuditedFromItsRecord() throws {
    let folder = TestFolder()
    folder.script("web", "pre-start", "true")
    let request = try RunRequest(folder.plan("phase a { script pre-start }"))
    _ = try PlanRun(request, CollectingAudience()).run()
    let reference = RunReference(vms: VMRequest(standard: folder.at("vm")))
    #expect(try RecordAudit(reference) { _ in }.audit.findings.isEmpty)
    let missing = RunReference(name: "1999", vms: VMRequest(standard: folder.at("vm")))
    let failure = try #require(throws: CommandFailure.self) {
      _ = try RecordAudit(missing) { _ in }
    }
    #expect(failure.status == .refused)
  }
}
