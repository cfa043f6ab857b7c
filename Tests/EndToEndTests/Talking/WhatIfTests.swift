import TestSupport
import Testing

/// `lockstep dry-run --what-if` and `lockstep test`, for people and for programs.
@Suite(.waits) struct WhatIfTests {
  private func sandbox() throws -> (Sandbox, TestVM) {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    for name in ["db", "web"] {
      try vm.releaseJob(name, ["pre-start": "true", "post-start": "true"])
    }
    try sandbox.write(
      "p.plan",
      """
      plan p {
        default { timeout 1m }
        phase pre-start { script pre-start { retry 1 backoff 5s } }
        barrier across instance
        phase once per instance { run "true" as once }
        phase post-start { script post-start }
        finally { run "true" as bye }

        test "a failed pre-start" {
          release-jobs db, web
          when "pre-start:vm/0/db" fails
          expect blocked "post-start"
          expect exit 1
        }
        test "what is not so" {
          release-jobs db, web
          expect blocked "post-start"
        }
      }
      """
    )
    return (sandbox, vm)
  }

  private func whatIf(_ sandbox: Sandbox, _ arguments: String...) throws -> FinishedCommand {
    let all = ["dry-run", "p.plan", "--vm", "vm"] + arguments
    let finished = try sandbox.start(all).finish()
    // A document for programs may have long lines.
    if !arguments.contains("json") { finished.checkManners() }
    return finished
  }

  @Test func rehearsedRunIsShownWithItsEnd() throws {
    let (sandbox, _) = try sandbox()
    let before = FileTree.listing(sandbox.path)
    try whatIf(sandbox, "--what-if", "pre-start:vm/0/db=exit 75").expect(0).prints(
      "    0.0s  begin      pre-start   vm/0/db",
      "    1.0s  retry      pre-start   vm/0/db  exit status 75; again in 5.0s",
      "    7.0s  failed     pre-start   vm/0/db  exit status 75 after 2 attempts",
      "not started because of it: 3 steps (1 of once, 2 of post-start)",
      "the run's exit status would be 1",
      "  run     pre-start:vm/0/db#script-pre-start",
      "every step is assumed to take 1s"
    )
    try whatIf(sandbox, "--what-if", "once=fail").expect(0).prints(
      "  ask     once:vm/0#once",
      "2 to run, 1 to be decided, 1 that may run, 2 to keep as they are"
    )
    try whatIf(sandbox, "--what-if", "none").expect(0).prints("p succeeded after 4.0s")
    try whatIf(sandbox, "--what-if", "cancel@500ms").expect(0).prints(
      "    0.5s  stop       SIGTERM",
      "the run's exit status would be 143"
    )
    try whatIf(sandbox, "--what-if", "all").expect(0).prints(
      "pre-start:vm/0/db             1       8.0s          3         1",
      "6 runs rehearsed"
    )
    FileTree.expectUnchanged(sandbox.path, since: before)
  }

  @Test func durationsComeFromAFileOrFromEarlierRuns() throws {
    let (sandbox, _) = try sandbox()
    try sandbox.write("times", "* 2s\npre-start 50s # slow\n")
    try whatIf(sandbox, "--what-if", "none", "--durations", "times").expect(0).prints(
      "p succeeded after 56.0s",
      "durations: from times, 6 of 6 steps"
    )
    try sandbox.write("times", "* 2s\n\npre-start soon\n")
    try whatIf(sandbox, "--what-if", "none", "--durations", "times").expect(2)
      .complains("times:3: 'soon' is not a duration")
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(0)
    try whatIf(sandbox, "--what-if", "none").expect(0)
      .prints("durations: measured in 1 earlier run, 6 of 6 steps")
    try sandbox.write("times", "pre-strat 1s\npre-start 1s\nonec 2s\nx 3s\n")
    let strange = try whatIf(sandbox, "--what-if", "none", "--durations", "times").expect(0)
    #expect(strange.err.contains("'pre-strat' names no step of this plan, and 2 more lines"))
    try sandbox.write("other.plan", "plan other { phase q per instance { run \"true\" } }")
    try sandbox.lockstep("dry-run", "other.plan", "--vm", "vm", "--what-if", "none").expect(0)
      .prints("durations: none of its steps in 1 earlier run; every step is assumed to take 1s")
    try sandbox.write("vm/data/lockstep/runs/20200101T000000Z-0000/journal", "nonsense\n")
    try sandbox.folder("vm/data/lockstep/runs/20200101T000000Z-0000/steps")
    let finished = try whatIf(sandbox, "--what-if", "none").expect(0)
    #expect(finished.err.contains("warning: the journal of run 20200101T000000Z-0000"))
  }

  @Test(arguments: [
    ("db", "takes STEP=WHAT"), ("db=fial", "did you mean 'fail'?"), ("dbb=fail", "'db'"),
    ("pre-strat:vm/0/db=fail", "did you mean 'pre-start:vm/0/db'?"),
    ("db=fail@0", "'0' in 'db=fail@0' is not the number of an attempt"),
    ("db=exit 256", "not an exit status"), ("db=slow 5", "is not a duration"),
    ("db=signal NONE", "is not a signal"), ("cancel@x", "'x' in 'cancel@x' is not a duration"),
    ("all=fail@1", "is about all attempts"), ("all=nothing", "not one of fail"),
  ])
  func invalidQuestionsAreExplained(what: String, words: String) throws {
    let (sandbox, _) = try sandbox()
    try whatIf(sandbox, "--what-if", what).expect(2).complains(words)
    try whatIf(sandbox, "--seed", "1").expect(2).complains("'--seed' is for '--what-if'")
    try whatIf(sandbox, "--what-if", "none", "--ask").expect(2).complains("only rehearses")
  }

  @Test func resultIsAvailableAsJSON() throws {
    let (sandbox, _) = try sandbox()
    try whatIf(sandbox, "--what-if", "pre-start:vm/0/db=signal", "--format", "json").expect(0)
      .prints(
        "{\"version\":1,\"plan\":\"p\",\"what_if\":[\"pre-start:vm/0/db=signal\"]",
        "\"outcome\":\"failed\",\"exit_status\":1,\"elapsed\":8",
        "{\"at\":1,\"event\":\"attempt-failed\",\"step\":\"pre-start:vm/0/db#script-pre-start\","
          + "\"attempt\":1,\"reason\":\"ended by SIGKILL\",\"retry_after\":5}"
      )
    try whatIf(sandbox, "--what-if", "all=hang", "--format", "json").expect(0)
      .prints("\"tried\":6,\"left_out\":0,\"rows\":[", "\"untried_steps\":0,\"outcome\":\"failed\"")
    try sandbox.start(["test", "p.plan", "--format", "json"]).finish().expect(1).prints(
      "{\"version\":1,\"passed\":1,\"failed\":1,\"tests\":[",
      "\"code\":\"PLAN0802\"",
      "\"line\":17,\"column\":5"
    )
  }

  @Test func failingTestShowsItsPlaceAndTheTimeline() throws {
    let (sandbox, _) = try sandbox()
    let finished = try sandbox.lockstep("test", "p.plan").expect(1).prints(
      "p.plan\n  ok      a failed pre-start\n  failed  what is not so",
      "2 tests: 1 passed, 1 failed"
    )
    finished.complains(
      "error PLAN0802: expected to be blocked, but not for 2 of 2 steps: ",
      "17 |     expect blocked \"post-start\"",
      "what happened:",
      "ok         post-start  vm/0/db"
    )
    try sandbox.lockstep("test", "p.plan", "--filter", "pre-start").expect(0).prints(
      "1 test: 1 passed"
    )
    try sandbox.lockstep("test", "p.plan", "--filter", "nobody").expect(2)
      .complains("no test has 'nobody' in its name")
    try sandbox.write("q.plan", "plan q { phase a { script a { timeout 1m } } }")
    try sandbox.lockstep("test", "q.plan").expect(2).complains("there is no test")
    try sandbox.lockstep("test", "q.plan", "bosh-stop").expect(0)
    // Tests of an included plan belong to that plan.
    try sandbox.write("r.plan", "plan r { include bosh-start }")
    try sandbox.lockstep("test", "r.plan").expect(2).prints("r.plan: no tests")
  }
}
