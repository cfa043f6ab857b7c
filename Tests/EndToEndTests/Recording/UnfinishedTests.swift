import Glibc
import TestSupport
import Testing

/// A new run on a VM where another was interrupted.
///
/// A script never runs twice at once.
@Suite("A run after an interrupted run", .waits)
struct UnfinishedTests {
  /// What may still run.
  enum Work: CaseIterable {
    case script, plainCommand, idempotentCommand

    func rig() throws -> CrashRig {
      switch self {
      case .script: try CrashRig.script()
      case .plainCommand: try CrashRig.plain()
      case .idempotentCommand: try CrashRig.plain("{ idempotent }")
      }
    }

    var step: String { self == .script ? "pre-start:vm/0/a#script-pre-start" : "work:vm/0#once" }
  }

  @Test(arguments: Work.allCases)
  func newRunIsRefusedWhileAStepStillRuns(work: Work) throws {
    let rig = try work.rig()
    try rig.sandbox.write("other.plan", "plan other { phase x per instance { run \"true\" } }")
    try rig.sandbox.link("alias", to: "vm")
    try rig.killed()
    let run = try #require(rig.vm.runs.last)
    let journal = rig.vm.journal()
    let phase = work == .script ? "pre-start" : "work"
    let commands = [
      ["run", "p.plan", "--vm", "vm"], ["run", "p.plan", "--vm", "alias", "--quiet"],
      ["run", "p.plan", "--vm", "vm", "--only", phase],
      ["run", "p.plan", "--vm", "vm", "--from", phase],
      ["run", "p.plan", "--vm", "vm", "--skip", "post-start"],
      ["run", "other.plan", "--vm", "vm"], ["run", "other.plan", "--vm", "vm", "--once-per-boot"],
      ["run", "bosh-start", "--vm", "vm", "--state", "elsewhere"],
      ["dry-run", "p.plan", "--vm", "vm"], ["dry-run", "other.plan", "--vm", "vm"],
    ]
    for command in commands {
      let finished = try rig.sandbox.start(command).finish()
      finished.expect(command[0] == "run" ? 3 : 2)
      finished.checkManners()
      finished.complains(
        "error: run \(run) of the plan p was interrupted\n  \(work.step) still runs, as process ",
        ", since 20",
        "    lockstep resume --vm \(rig.vm.path) \(run)\n",
        "    --abandon \(run)=wait\n    --abandon \(run)=end\n",
        command[0] == "run" ? "refused, nothing was started" : "a run would be refused"
      )
    }
    #expect(rig.vm.order == ["begin"])
    #expect(rig.vm.runs == [run] && rig.vm.journal() == journal)
    #expect(!rig.sandbox.exists("elsewhere/runs"))
    let resumed = try rig.resume()
    try rig.go.release(2)
    try resumed.finish().expect(0)
    // Now it is over, and nothing mentions it.
    try rig.go.release()
    let finished = try rig.sandbox.start(commands[0]).finish().expect(0)
    #expect(finished.err.isEmpty, finished.shown)
    rig.sandbox.expectNoSurvivors()
  }

  /// The case that showed all this: a crash, and then the same command again, which says when the
  /// step is over.
  @Test(arguments: Work.allCases)
  func abandonedRunIsAwaited(work: Work) throws {
    let rig = try work.rig()
    try rig.killed()
    let run = try #require(rig.vm.runs.last)
    let anew = try rig.sandbox.start(["run", "p.plan", "--vm", "vm", "--abandon", run])
    try anew.waitForComplaint("waiting for \(work.step) of run \(run): process ")
    #expect(rig.vm.order == ["begin"])
    try rig.go.release()
    #expect(try rig.arrived.line() == "here")
    #expect(rig.vm.order == ["begin", "end", "begin"])
    try rig.go.release()
    let finished = try anew.finish().expect(0).prints("2 succeeded")
    finished.checkManners()
    #expect(rig.vm.order == ["begin", "end", "begin", "end", "last"])
    rig.sandbox.expectNoSurvivors()
    // It is abandoned for good.
    try rig.go.release()
    let next = try rig.sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(0)
    #expect(next.err.isEmpty, next.shown)
    try rig.resume("--explain", run).finish().complains("run \(run) was abandoned for run 20")
  }

  @Test(arguments: Work.allCases)
  func abandonedRunIsEndedOnRequest(work: Work) throws {
    let rig = try work.rig()
    try rig.killed()
    let run = try #require(rig.vm.runs.last)
    let anew = try rig.sandbox.start(["run", "p.plan", "--vm", "vm", "--abandon", "\(run)=end"])
    #expect(try rig.arrived.line() == "here")
    #expect(rig.vm.order == ["begin", "begin"])
    try rig.go.release()
    try anew.finish().expect(0).complains("ending \(work.step) of run \(run): process ")
    #expect(rig.vm.order == ["begin", "begin", "end", "last"])
    rig.sandbox.expectNoSurvivors()
  }

  /// As when a machine shuts down: this run must happen, whatever was interrupted before.
  @Test(arguments: Work.allCases)
  func everyUnfinishedRunIsEndedOnRequest(work: Work) throws {
    let rig = try work.rig()
    try rig.sandbox.write(
      "other.plan",
      "plan other { phase x per instance { run \"\"\"\n  \(rig.vm.note("other"))\n  \"\"\" } }"
    )
    try rig.killed()
    let run = try #require(rig.vm.runs.last)
    let other = ["run", "other.plan", "--vm", "vm"]
    try rig.sandbox.start(other).finish().expect(3)
    let first = try rig.sandbox.start(other + ["--abandon", "all=end"]).finish().expect(0)
    first.checkManners()
    first.complains("ending \(work.step) of run \(run): process ")
    #expect(rig.vm.order == ["begin", "other"])
    rig.sandbox.expectNoSurvivors()
    // The run is not abandoned. It is reported again and can be resumed.
    try rig.sandbox.start(other).finish().expect(0).complains(
      "warning: run \(run) of the plan p was interrupted and is not over; to resume it:"
    )
    try rig.resume("--explain", run).finish().expect(0).prints("run \(run) of the plan p")
    // Without an unfinished run it says nothing.
    let again = try rig.sandbox.start(other + ["--abandon", "all=end"]).finish().expect(0)
    #expect(again.err.isEmpty, again.shown)
    if work == .plainCommand { return }
    let resumed = try rig.resume(run)
    #expect(try rig.arrived.line() == "here")
    try rig.go.release()
    try resumed.finish().expect(0)
    #expect(rig.vm.order == ["begin", "other", "other", "other", "begin", "end", "last"])
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func waitForAnAbandonedRunCanBeStopped(signal: Int32) throws {
    let rig = try CrashRig.script()
    try rig.killed()
    let run = try #require(rig.vm.runs.last)
    let anew = try rig.sandbox.start(["run", "p.plan", "--vm", "vm", "--abandon", run])
    try anew.waitForComplaint("waiting for")
    try anew.signal(SIGHUP)
    try anew.signal(signal)
    try anew.finish().expect(128 + signal).complains("nothing was started")
    #expect(rig.vm.runs == [run])
    // The awaited step keeps running, and is found again.
    try rig.sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(3).complains("still runs")
    try rig.go.release()
    #expect(rig.vm.order.first == "begin")
  }

  @Test func unknownRunNameIsRefused() throws {
    let rig = try CrashRig.script()
    let run = ["run", "p.plan", "--vm", "vm", "--abandon"]
    try rig.sandbox.start(run + ["2026"]).finish().expect(2)
      .complains("no unfinished run on this VM is called '2026'", "omit '--abandon'")
    try rig.sandbox.start(run + ["x=wiat"]).finish().expect(2)
      .complains("'--abandon' takes RUN, RUN=wait or RUN=end, not 'x=wiat'", "'wait'?")
    #expect(rig.vm.runs.isEmpty)
  }

  // MARK: Nothing runs any more

  @Test func plainCommandInDoubtNeedsADecision() throws {
    let rig = try CrashRig.plain()
    try rig.sandbox.write("other.plan", "plan other { phase x per instance { run \"true\" } }")
    try rig.killed()
    rig.sandbox.killEverything()
    let run = try #require(rig.vm.runs.last)
    for plan in ["p.plan", "other.plan"] {
      for command in ["run", "dry-run"] {
        let refused = try rig.sandbox.start([command, plan, "--vm", "vm"]).finish()
        refused.expect(command == "run" ? 3 : 2)
        refused.checkManners()
        refused.complains(
          "work:vm/0#once is not idempotent, and how it ended is unknown; only a person can tell",
          "    lockstep resume --vm \(rig.vm.path) \(run)\n",
          "    --abandon \(run)\n"
        )
      }
    }
    #expect(rig.vm.order == ["begin"])
    try rig.go.release()
    try rig.sandbox.lockstep("run", "p.plan", "--vm", "vm", "--abandon", run).expect(0)
    #expect(rig.vm.order == ["begin", "begin", "end", "last"])
    try rig.go.release()
    let next = try rig.sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(0)
    #expect(next.err.isEmpty, next.shown)
  }

  @Test(arguments: [Work.script, .idempotentCommand])
  func repeatableStepIsAnnouncedUntilItIsDone(work: Work) throws {
    let rig = try work.rig()
    try rig.sandbox.write("other.plan", "plan other { phase x per instance { run \"true\" } }")
    try rig.killed()
    rig.sandbox.killEverything()
    let run = try #require(rig.vm.runs.last)
    for _ in 0..<2 {
      let other = try rig.sandbox.lockstep("run", "other.plan", "--vm", "vm").expect(0)
      other.complains(
        "warning: run \(run) of the plan p was interrupted and is not over; to resume it:",
        "\n  lockstep resume --vm \(rig.vm.path) \(run)\n"
      )
    }
    try rig.sandbox.lockstep("dry-run", "other.plan", "--vm", "vm").expect(0)
      .complains("warning: run \(run)")
    try rig.go.release()
    try rig.sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(0)
      .complains("warning: run \(run)")
    #expect(rig.vm.order == ["begin", "begin", "end", "last"])
    let next = try rig.sandbox.lockstep("run", "other.plan", "--vm", "vm").expect(0)
    #expect(next.err.isEmpty, next.shown)
  }

  /// A run that failed or was stopped is over, because its records say how each step ended.
  @Test func runThatEndedByItselfNeedsNoDecision() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try sandbox.write(
      "p.plan",
      "plan p { phase a per instance { run \"\(vm.note("x")); [ -e good ]\" as x } }"
    )
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    let again = try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    #expect(again.err.isEmpty, again.shown)
    #expect(vm.order == ["x", "x"])
    #expect(FileTree.names("\(vm.path)/data/lockstep/unfinished").isEmpty)
    // So is a run that has not begun.
    try sandbox.write("\(vm.name)/data/lockstep/runs/20250101T000000Z-0001/journal", "")
    try sandbox.link(
      "\(vm.name)/data/lockstep/unfinished/20250101T000000Z-0001",
      to: "../runs/20250101T000000Z-0001"
    )
    try sandbox.folder("\(vm.name)/data/lockstep/runs/20250101T000000Z-0001/steps")
    let third = try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    #expect(third.err.isEmpty, third.shown)
  }

  @Test func runStoppedByTwoSignalsIsAnnounced() throws {
    let rig = try CrashRig.plain()
    let run = try rig.sandbox.start(["run", "p.plan", "--vm", "vm"])
    #expect(try rig.arrived.line() == "here")
    try run.signal(SIGTERM)
    try run.signal(SIGTERM)
    _ = try run.finish()
    rig.sandbox.expectNoSurvivors()
    // Its holder has seen how it ended. Two signals sent at once may arrive as one.
    let isOver = rig.vm.journal().contains(" ended ")
    let next = try rig.sandbox.start(["run", "p.plan", "--vm", "vm", "--skip", "work"]).finish()
    next.expect(0)
    #expect(next.err.contains("warning: run 20") != isOver, next.shown)
  }
}
