import Glibc
import Journal
import TestSupport
import Testing

/// Runs that were killed, and how a resume continues them.
@Suite(.waits) struct CrashTests {
  @Test("BOSH 2.7: a resume waits for a script that still runs, before it runs it again")
  func runningScriptIsAwaitedAndThenRunAgain() throws {
    let rig = try CrashRig.script()
    try rig.killed()
    let explained = try rig.resume("--explain").finish().expect(0)
    explained.prints("it was interrupted", "is still running, as process", "runs again afterwards")
    explained.prints("1 to run, 1 to wait for")
    let resumed = try rig.resume()
    try resumed.waitForLines(1)
    #expect(rig.vm.order == ["begin"])
    try rig.go.release()
    #expect(try rig.arrived.line() == "here")
    #expect(rig.vm.order == ["begin", "end", "begin"])
    try rig.go.release()
    let finished = try resumed.finish().expect(0)
    finished.checkManners()
    finished.prints(
      "await      pre-start   vm/0/a  started earlier; waits for it to end",
      "again      pre-start   vm/0/a  how it ended is unknown",
      "begin      pre-start   vm/0/a  attempt 2",
      "2 succeeded"
    )
    #expect(rig.vm.order == ["begin", "end", "begin", "end", "last"])
    rig.sandbox.expectNoSurvivors()
  }

  @Test func interruptedScriptRunsAgain() throws {
    let rig = try CrashRig.script()
    try rig.killed()
    rig.sandbox.killEverything()
    try rig.resume("--explain").finish().expect(0).prints("was interrupted", "2 to run")
    let resumed = try rig.resume()
    #expect(try rig.arrived.line() == "here")
    try rig.go.release()
    try resumed.finish().expect(0)
    #expect(rig.vm.order == ["begin", "begin", "end", "last"])
  }

  @Test func killedResumeCanBeResumed() throws {
    let rig = try CrashRig.script()
    try rig.killed()
    for _ in 0..<2 {
      let resumed = try rig.resume()
      try resumed.waitForLines(1)
      try resumed.crash()
    }
    #expect(rig.vm.order == ["begin"])
    let resumed = try rig.resume()
    try rig.go.release(2)
    try resumed.finish().expect(0)
    #expect(rig.vm.order == ["begin", "end", "begin", "end", "last"])
  }

  @Test func awaitedStepCanBeStopped() throws {
    let rig = try CrashRig.script()
    try rig.killed()
    let resumed = try rig.resume()
    try resumed.waitForLines(1)
    try resumed.signal(SIGTERM)
    try resumed.finish().expect(143).prints("p stopped by SIGTERM")
    rig.sandbox.expectNoSurvivors()
    #expect(rig.vm.order == ["begin"])
    let again = try rig.resume()
    #expect(try rig.arrived.line() == "here")
    try rig.go.release()
    try again.finish().expect(0)
  }

  @Test func runningPlainCommandIsAwaitedAndItsResultCounts() throws {
    let rig = try CrashRig.plain()
    try rig.killed()
    let explained = try rig.resume("--explain").finish().expect(0)
    explained.prints("is still running, as process", "its result counts")
    let resumed = try rig.resume()
    try resumed.waitForLines(1)
    try rig.go.release()
    let finished = try resumed.finish().expect(0)
    finished.prints("await      work        vm/0", "ok         work        vm/0", "2 succeeded")
    #expect(rig.vm.order == ["begin", "end", "last"])
  }

  @Test func awaitedPlainCommandThatFailsHasFailed() throws {
    let rig = try CrashRig { vm, work in
      "plan p { phase work per instance { run \"echo mine; \(work); exit 3\" as once } }"
    }
    try rig.killed()
    let resumed = try rig.resume()
    try resumed.waitForLines(1)
    try rig.go.release()
    let finished = try resumed.finish().expect(1)
    finished.checkManners()
    // Only the coordinator that started it knew where in the log its output begins.
    finished.prints("exit status 3\n    its logs are\n    \(rig.vm.path)/sys/log/lockstep/once.{")
    #expect(rig.vm.order == ["begin", "end"])
    try rig.resume().finish().expect(3).complains("has not succeeded (exit status 3)")
  }

  @Test func plainCommandThatEndedMeanwhileIsDone() throws {
    let rig = try CrashRig.plain()
    try rig.killed()
    try rig.go.release()
    rig.sandbox.expectNoSurvivors()
    try rig.resume("--explain").finish().expect(0)
      .prints("keep", "succeeded after the run was interrupted")
    try rig.resume().finish().expect(0).prints("2 succeeded")
    #expect(rig.vm.order == ["begin", "end", "last"])
  }

  @Test(arguments: [("done", ["begin", "last"]), ("again", ["begin", "begin", "end", "last"])])
  func plainCommandInDoubtNeedsADecision(word: String, order: [String]) throws {
    let rig = try CrashRig.plain()
    try rig.killed()
    rig.sandbox.killEverything()
    let before = rig.vm.journal()
    let refused = try rig.resume().finish().expect(3)
    refused.checkManners()
    #expect(refused.out.isEmpty, refused.shown)
    refused.complains(
      "error: work:vm/0#once\n  is not idempotent, and how it ended is unknown",
      "    --assume 'work:vm/0#once=done'\n    --assume 'work:vm/0#once=again'\n",
      "refused, nothing was started"
    )
    #expect(rig.vm.journal() == before)
    try rig.resume("--explain").finish().expect(0).prints(
      "  ask     work:vm/0#once",
      "1 to be decided"
    )
    // An assumption made for an explanation is not kept.
    try rig.resume("--explain", "--assume", "once=\(word)").finish().expect(0)
      .prints(word == "done" ? "is assumed to be done" : "is assumed to need another run")
    try rig.go.release()
    try rig.resume("--assume", "once=\(word)").finish().expect(0).prints("2 succeeded")
    #expect(rig.vm.order == order)
    #expect(rig.vm.journal().contains(" assumed 0 \(word) work:vm/0#once\n"))
  }

  @Test func plainCommandThatFailedMeanwhileNeedsADecision() throws {
    let rig = try CrashRig.plain()
    try rig.killed()
    // Its holder waits for its end and records the result.
    let command = try #require(
      rig.sandbox.survivors().first { $0.command.hasPrefix("/bin/sh -ec") }
    )
    kill(command.identifier, SIGKILL)
    rig.sandbox.expectNoSurvivors()
    try rig.resume().finish().expect(3).complains("has not succeeded (ended by SIGKILL)")
    try rig.resume("--assume", "once=done").finish().expect(0)
    #expect(rig.vm.order == ["begin", "last"])
  }

  @Test func optionalCommandThatFailedMeanwhilePasses() throws {
    let rig = try CrashRig.plain("{ optional }")
    try rig.killed()
    for survivor in rig.sandbox.survivors() where survivor.command.hasPrefix("/bin/sh -ec") {
      kill(survivor.identifier, SIGKILL)
    }
    rig.sandbox.expectNoSurvivors()
    try rig.resume("--explain").finish().expect(0).prints("failed after the run was interrupted")
    try rig.resume().finish().expect(0).prints("ended by SIGKILL, optional", "p succeeded")
  }

  /// After a reboot no process is an orphan of the run, even if it has the recorded number.
  @Test func nothingIsStillRunningAfterAReboot() throws {
    let rig = try CrashRig.script()
    try rig.killed()
    rig.sandbox.killEverything()
    let sleep = ["300"]
    let other = try RunningCommand("/bin/sleep", sleep, environment: [:], folder: rig.sandbox.path)
    try rig.vm.rewriteJournal { line in
      var fields = line.split(separator: " ").map(String.init)
      if line.hasPrefix("session ") { fields[1] = "\"00000000-0000-4000-8000-000000000000\"" }
      if fields[1] == "started" { fields[4] = "\(other.identifier)" }
      return fields.joined(separator: " ")
    }
    let resumed = try rig.resume()
    #expect(try rig.arrived.line() == "here")
    #expect(rig.vm.order == ["begin", "begin"])
    try rig.go.release()
    try resumed.finish().expect(0).prints("attempt 2")
    try other.crash()
  }
}

extension TestVM {
  /// Rewrites the last run's journal with changed or removed lines and matching checksums.
  func rewriteJournal(_ change: (String) -> String?) throws {
    var framer = JournalFramer()
    var bytes: [UInt8] = []
    for line in journal().split(separator: "\n") {
      guard let line = change(String(line.dropFirst(9))) else { continue }
      framer.append(line.utf8, to: &bytes)
    }
    let name = "\(name)/data/lockstep/runs/\(try #require(runs.last))/journal"
    try sandbox.write(name, bytes: bytes, mode: 0o600)
  }
}
