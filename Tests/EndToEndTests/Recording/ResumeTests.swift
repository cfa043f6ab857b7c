import TestSupport
import Testing

/// Resuming a run that ended without success.
@Suite(.waits) struct ResumeTests {
  private static let plan = """
    plan p {
      phase pre-start { script pre-start }
      barrier across instance
      phase post-start { script post-start }
    }
    """

  /// Two release jobs.
  ///
  /// One of them fails until there is a file `mended`.
  private func failing(_ plan: String = plan) throws -> (Sandbox, TestVM) {
    let sandbox = try Sandbox()
    try sandbox.write("p.plan", plan)
    let vm = try sandbox.vm()
    try vm.releaseJob("a", ["pre-start": vm.note("a pre"), "post-start": vm.note("a post")])
    try vm.releaseJob(
      "b",
      [
        "pre-start": "\(vm.note("b pre")); [ -e '\(sandbox["mended"])' ] || exit 3",
        "post-start": vm.note("b post"),
      ]
    )
    return (sandbox, vm)
  }

  @Test func succeededStepsAreNotRunAgain() throws {
    let (sandbox, vm) = try failing()
    let first = try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    first.prints("to resume what has not succeeded:\n  lockstep resume --vm \(vm.path)\n")
    #expect(vm.order.sorted() == ["a pre", "b pre"])
    try sandbox.write("mended", "")
    let second = try sandbox.lockstep("resume", "--vm", "vm").expect(0)
    second.prints("begin      pre-start   vm/0/b  attempt 2", "p succeeded after", ": 4 succeeded")
    #expect(!second.out.contains("begin      pre-start   vm/0/a"), second.shown)
    #expect(!second.out.contains("to resume"), second.shown)
    #expect(vm.order[0...2].sorted() == ["a pre", "b pre", "b pre"])
    #expect(vm.order[3...].sorted() == ["a post", "b post"])
    #expect(vm.runs.count == 1)
  }

  @Test func runCanBeResumedUntilItSucceeds() throws {
    let (sandbox, vm) = try failing()
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    for attempts in 2...3 {
      let again = try sandbox.lockstep("resume", "--vm", "vm").expect(1)
      again.prints("exit status 3 after \(attempts) attempts")
      again.prints("1 succeeded, 1 failed, 2 not started")
      again.prints("lockstep resume --vm")
    }
    try sandbox.write("mended", "")
    try sandbox.lockstep("resume", "--vm", "vm").expect(0)
    let before = FileTree.listing(vm.path)
    let last = try sandbox.lockstep("resume", "--vm", "vm").expect(0)
    #expect(last.out == "run \(vm.runs[0]) succeeded; nothing is left to do\n")
    FileTree.expectUnchanged(vm.path, since: before)
    #expect(vm.order.count { $0 == "a pre" } == 1)
  }

  @Test func attemptsAreCountedFromZeroAgain() throws {
    let (sandbox, vm) = try failing(
      "plan p { phase pre-start { script pre-start { retry 1 backoff 1ms } } }"
    )
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    try sandbox.lockstep("resume", "--vm", "vm").expect(1).prints("after 4 attempts")
    #expect(vm.order.count { $0 == "b pre" } == 4)
  }

  @Test func blockWhoseHandlerHasRunStartsOver() throws {
    let (sandbox, vm) = try failing(
      """
      plan p {
        phase first for a { script post-start }
        barrier across instance
        phase work for b {
          script post-start
          script pre-start
          on failure { script clean }
          finally { script tidy }
        }
        finally { run "true" as end }
      }
      """
    )
    for script in ["clean", "tidy"] {
      try vm.releaseJob("b", [script: vm.note(script)])
    }
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    #expect(vm.order[2...] == ["b pre", "clean", "tidy"])
    let explained = try sandbox.lockstep("resume", "--vm", "vm", "--explain").expect(0)
    explained.prints("a handler of its block has run, so all of the block runs again")
    try sandbox.write("mended", "")
    let second = try sandbox.lockstep("resume", "--vm", "vm").expect(0)
    #expect(vm.order[5...] == ["b post", "b pre", "tidy"], second.shown)
    // The plan's own handlers run each time the run ends, idempotent or not.
    second.prints("ok         p#end")
    second.prints(": 5 succeeded\n")
  }

  @Test func resumeNeedsARun() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.vm()
    let before = FileTree.listing(sandbox.path)
    let none = try sandbox.lockstep("resume", "--vm", "vm").expect(3)
    none.complains("no run has been recorded there", "is this the right --vm ROOT or --state DIR?")
    try sandbox.lockstep("resume", "--state", "nowhere").expect(3)
    try sandbox.lockstep("resume", "--vm", "nowhere").expect(2).complains("nowhere")
    try sandbox.lockstep("resume", "--state", "").expect(2).complains("names no folder")
    FileTree.expectUnchanged(sandbox.path, since: before)
  }

  @Test func uniquePrefixNamesARun() throws {
    let (sandbox, vm) = try failing()
    for _ in 0..<2 { try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1) }
    try sandbox.write("mended", "")
    let runs = vm.runs
    try sandbox.lockstep("resume", "2", "--vm", "vm").expect(3)
      .complains("'2' begins the IDs of 2 runs", "give more characters: \(runs[1]), \(runs[0])")
    try sandbox.lockstep("resume", "1999", "--vm", "vm").expect(3)
      .complains("there is no run '1999'", "there are: \(runs[1]), \(runs[0])")
    let earlier = try sandbox.lockstep("resume", runs[0], "--vm", "vm").expect(0)
    earlier.complains("warning: run \(runs[1]) was started after this one")
    // The last one is another, and as it was.
    let beginning = String(
      runs[1].prefix(zip(runs[0], runs[1]).prefix { $0.0 == $0.1 }.count + 1)
    )
    try sandbox.lockstep("resume", "last", "--explain", "--vm", "vm").expect(0).prints(runs[1])
    let last = try sandbox.lockstep("resume", beginning, "--vm", "vm").expect(0)
    #expect(last.err.isEmpty, last.shown)
    last.prints("4 succeeded")
    #expect(vm.order.count { $0 == "a pre" } == 2)
  }

  @Test func planFromStandardInputIsReadFromTheJournal() throws {
    let (sandbox, vm) = try failing()
    let inner = "plan inner { phase post-start { script post-start } }"
    try sandbox.write("inner.plan", inner)
    let plan = """
      plan p {
        phase pre-start { script pre-start }
        barrier across instance
        include "inner.plan"
      }
      """
    try sandbox.lockstep("run", "-", "--vm", "vm", input: .text(plan)).expect(1)
    try sandbox.write("mended", "")
    // Its includes are looked up in the same place as before.
    try sandbox.folder("elsewhere")
    let resumed = try RunningCommand(
      Lockstep.path,
      ["resume", "--vm", vm.path],
      environment: Lockstep.environment,
      folder: sandbox["elsewhere"]
    )
    try resumed.finish().expect(0).prints("p succeeded", "4 succeeded")
  }

  @Test func bundledPlanIsNotReplacedByALocalFile() throws {
    let (sandbox, vm) = try failing()
    try sandbox.lockstep("run", "bosh-start", "--vm", "vm").expect(1)
    try sandbox.write("bosh-start", "plan other { }")
    try sandbox.write("mended", "")
    try sandbox.lockstep("resume", "--vm", "vm").expect(0).prints("bosh-start succeeded")
    #expect(vm.order.count { $0 == "b post" } == 1)
  }

  @Test func missingPlanIsReported() throws {
    let (sandbox, vm) = try failing()
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    FileTree.remove(sandbox["p.plan"])
    try sandbox.lockstep("resume", "--vm", "vm").expect(2)
      .complains("cannot read the plan '\(sandbox["p.plan"])'")
    #expect(vm.order.count == 2)
  }

  @Test func runOfSeveralVMsIsFoundFromEachVM() throws {
    let sandbox = try Sandbox()
    for name in ["one", "two"] {
      let vm = try sandbox.vm(name)
      let fails = name == "two" ? "[ -e '\(sandbox["mended"])' ]" : "true"
      try vm.releaseJob("app", ["pre-start": "\(vm.note(name)); \(fails)"])
    }
    try sandbox.write(
      "p.plan",
      """
      plan p {
        deployment-job web { release-jobs app  instances 2 }
        phase pre-start { script pre-start }
      }
      """
    )
    let machines = ["--vm", "web/0=one", "--vm", "web/1=two"]
    let failed = try sandbox.start(["run", "p.plan"] + machines).finish().expect(1)
    failed.prints("lockstep resume --vm \(sandbox["one"])\n")
    try sandbox.lockstep("resume", "--vm", "two").expect(1)
    _ = try sandbox.vm("three")
    try sandbox.lockstep("resume", "--vm", "three").expect(3).complains("no run has been recorded")
    try sandbox.lockstep("resume", "--vm", "web/0=one", "--vm", "web/1=one").expect(2)
      .complains("the run was started with another folder for 'web/1', \(sandbox["two"])")
    try sandbox.lockstep("resume", "--vm", "web/0=one", "--vm", "db=one").expect(2)
      .complains("the run was started with no folder for 'db'")
    // As it was typed for the run, or only one of the folders.
    try sandbox.start(["resume"] + machines).finish().expect(1)
    try sandbox.write("mended", "")
    try sandbox.lockstep("resume", "--vm", "one").expect(0).prints("2 succeeded")
    #expect(sandbox.lines("order").sorted() == ["one", "two", "two", "two", "two"])
  }

  @Test func stateFolderCanBeChosen() throws {
    let (sandbox, vm) = try failing()
    let run = try sandbox.lockstep("run", "p.plan", "--vm", "vm", "--state", "records").expect(1)
    run.prints("lockstep resume --state \(sandbox["records"])\n")
    #expect(vm.runs.isEmpty)
    #expect(FileTree.names(sandbox["records/runs"]).count == 1)
    try sandbox.lockstep("resume", "--vm", "vm").expect(3).complains("no run has been recorded")
    try sandbox.write("mended", "")
    try sandbox.lockstep("resume", "--state", "records").expect(0).prints("4 succeeded")
  }

  @Test func partialRunResumesOnlyItsPart() throws {
    let (sandbox, vm) = try failing()
    try sandbox.lockstep("run", "p.plan", "--vm", "vm", "--only", "pre-start").expect(1)
    try sandbox.write("mended", "")
    try sandbox.lockstep("resume", "--vm", "vm").expect(0).prints("2 succeeded, 2 skipped")
    #expect(vm.order.sorted() == ["a pre", "b pre", "b pre"])
  }

  @Test func brokenScriptOfASucceededStepDoesNotMatter() throws {
    let (sandbox, vm) = try failing()
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    // Its step has succeeded, so nothing of it is needed any more, not even its log.
    FileTree.remove(vm.logPath("a", "pre-start.stdout"))
    try sandbox.link("vm/sys/log/a/pre-start.stdout.log", to: "/dev/null")
    try sandbox.write("mended", "")
    try sandbox.lockstep("resume", "--vm", "vm").expect(0).prints("4 succeeded")
  }

  @Test func changedParamsAreRefused() throws {
    let (sandbox, vm) = try failing(
      "plan p { param x = one  phase pre-start { env X = \"\\(x)\"  script pre-start } }"
        .replacing("= one", with: "= \"one\"")
    )
    try sandbox.lockstep("run", "p.plan", "--vm", "vm", "--set", "x=two").expect(1)
    try sandbox.lockstep("resume", "--vm", "vm", "--set", "x=three").expect(2)
      .complains("the run was started with another value of 'x', or none", "run the plan again")
    try sandbox.write("mended", "")
    try sandbox.lockstep("resume", "--vm", "vm", "--set", "x=two").expect(0)
    #expect(vm.order.count == 3)
  }
}
