import Glibc
import TestSupport
import Testing

/// Signals to a run, and steps that must be ended.
@Suite(.waits) struct SignalTests {
  private static let plan = """
    plan p {
      phase pre-start { script pre-start }
      barrier across instance
      phase post-start { script post-start }
    }
    """

  /// A run of one pre-start that has reported that it runs.
  private func running(
    plan: String = plan,
    _ preStart: (Fifo) -> String
  ) throws -> (Sandbox, TestVM, RunningCommand, Fifo) {
    let sandbox = try Sandbox()
    let arrived = try sandbox.fifo("arrived")
    let vm = try sandbox.vm()
    try vm.releaseJob("a", ["pre-start": preStart(arrived), "post-start": vm.note("post-start")])
    try sandbox.write("p.plan", plan)
    let run = try sandbox.start(["run", "p.plan", "--vm", "vm"])
    _ = try arrived.line()
    return (sandbox, vm, run, arrived)
  }

  /// Reports that it runs and then sleeps as long as the test may take.
  private static func sleeping(_ arrived: Fifo) -> String {
    "echo here > '\(arrived.path)'; exec sleep 300"
  }

  @Test(arguments: [(SIGINT, 130, "SIGINT"), (SIGTERM, 143, "SIGTERM")])
  func signalEndsRunningStepsAndStartsNoOthers(signal: Int32, status: Int32, name: String) throws {
    let (sandbox, vm, run, _) = try running { Self.sleeping($0) }
    try run.signal(signal)
    let finished = try run.finish().expect(status)
    finished.prints("\(name): what runs is asked to end", "cancelled  pre-start")
    finished.prints("p stopped by \(name) after")
    finished.checkManners()
    #expect(vm.order.isEmpty)
    sandbox.expectNoSurvivors()
  }

  @Test func hangupDoesNotStopTheRun() throws {
    let sandbox = try Sandbox()
    let (arrived, go) = (try sandbox.fifo("arrived"), try sandbox.fifo("go"))
    let vm = try sandbox.vm()
    try vm.releaseJob("a", ["pre-start": "echo here > '\(arrived.path)'; read line < '\(go.path)'"])
    let run = try sandbox.start(["run", "bosh-deploy", "--vm", "vm"])
    _ = try arrived.line()
    try run.signal(SIGHUP)
    try go.release()
    try run.finish().expect(0).prints("1 succeeded")
  }

  /// As SIGKILL would, and not as a crash.
  @Test func quitInterruptsTheRun() throws {
    let (sandbox, _, run, _) = try running { Self.sleeping($0) }
    try run.signal(SIGQUIT)
    let finished = try run.finish()
    #expect(finished.status == .signalled(SIGQUIT), finished.shown)
    #expect(finished.err.isEmpty, finished.shown)
    try sandbox.lockstep("resume", "--vm", "vm", "--explain").expect(0)
      .prints("it was interrupted", "is still running")
    sandbox.killEverything()
  }

  @Test func scriptGetsTERMFirst() throws {
    let (_, vm, run, _) = try running { arrived in
      """
      trap 'echo asked; exit 0' TERM
      echo here > '\(arrived.path)'
      sleep 300 &
      wait
      """
    }
    try run.signal(SIGTERM)
    try run.finish().expect(143)
    #expect(vm.log("a", "pre-start.stdout") == "asked\n")
  }

  @Test func secondSignalKillsEverythingAtOnce() throws {
    let (sandbox, _, run, arrived) = try running { arrived in
      """
      trap 'echo asked > "\(arrived.path)"' TERM
      echo here > '\(arrived.path)'
      while :; do sleep 300 & wait; done
      """
    }
    try run.signal(SIGTERM)
    #expect(try arrived.line() == "asked")
    try run.signal(SIGINT)
    let finished = try run.finish().expect(143)
    finished.prints(
      "SIGTERM: what runs is asked to end",
      "SIGINT: what runs is killed, handlers too"
    )
    finished.prints("p stopped by SIGTERM", ": 0 succeeded, 1 cancelled, 1 not started")
    sandbox.expectNoSurvivors()
  }

  @Test func wholeProcessGroupIsEnded() throws {
    let (sandbox, _, run, _) = try running(
      plan: "plan p { phase pre-start { script pre-start { grace 100ms } } }"
    ) { arrived in
      "(trap '' TERM; echo here > '\(arrived.path)'; exec sleep 300) & sleep 300 & wait"
    }
    try run.signal(SIGINT)
    try run.finish().expect(130)
    sandbox.expectNoSurvivors()
  }

  @Test("BOSH 12, timeouts: a timeout sends TERM and then KILL")
  func timeoutSendsTERMAndThenKILL() throws {
    try withGrowingTimeout { timeout in
      let sandbox = try Sandbox()
      let vm = try sandbox.vm()
      let traps = ": > '\(sandbox["traps"])'"
      try vm.releaseJob(
        "a",
        ["pre-start": "trap 'echo asked' TERM; \(traps); while :; do sleep 300 & wait; done"]
      )
      try sandbox.write(
        "p.plan",
        "plan p { phase pre-start { script pre-start { timeout \(timeout) grace \(timeout) } } }"
      )
      let finished = try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
      sandbox.expectNoSurvivors()
      guard sandbox.exists("traps"), vm.log("a", "pre-start.stdout") != "" else { return false }
      finished.prints("timeout", "kill", "did not end within its grace", "timed out")
      finished.prints("1 of 1 pre-start script failed")
      #expect(vm.log("a", "pre-start.stdout") == "asked\n")
      return true
    }
  }

  @Test func timeoutCanBeRetried() throws {
    try withGrowingTimeout { timeout in
      let sandbox = try Sandbox()
      let vm = try sandbox.vm()
      try vm.releaseJob("a", ["pre-start": "\(vm.note("try")); exec sleep 300"])
      try sandbox.write(
        "p.plan",
        """
        plan p {
          phase pre-start { script pre-start { retry 1 backoff 1ms only timeout timeout \(timeout) } }
        }
        """
      )
      let finished = try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
      finished.prints("timed out after 2 attempts")
      sandbox.expectNoSurvivors()
      return vm.order == ["try", "try"]
    }
  }

  @Test func wholePhaseCanHaveATimeout() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("a", ["pre-start": "exec sleep 300", "post-start": vm.note("post-start")])
    try sandbox.write(
      "p.plan",
      "plan p { phase work { timeout 100ms script pre-start script post-start } }"
    )
    let finished = try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    finished.prints("phase work timed out", "work:vm/0/a", "timed out after 100ms in all")
    #expect(vm.order.isEmpty)
    sandbox.expectNoSurvivors()
  }

  @Test func signalDuringAPauseEndsTheRunAtOnce() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("a", ["pre-start": "\(vm.note("try")); exit 1"])
    try sandbox.write(
      "p.plan",
      "plan p { phase pre-start { script pre-start { retry 3 backoff 1h } } }"
    )
    let run = try sandbox.start(["run", "p.plan", "--vm", "vm"])
    // `start` and `retry`.
    try run.waitForLines(2)
    try run.signal(SIGTERM)
    try run.finish().expect(143).prints("p stopped by SIGTERM")
    #expect(vm.order == ["try"])
  }

  @Test func queuedStepsDoNotStartAfterASignal() throws {
    let sandbox = try Sandbox()
    let arrived = try sandbox.fifo("arrived")
    let vm = try sandbox.vm()
    for releaseJob in ["a", "b", "c"] {
      try vm.releaseJob(
        releaseJob,
        ["pre-start": "\(vm.note("begin")); echo here > '\(arrived.path)'; exec sleep 300"]
      )
    }
    try sandbox.write("p.plan", "plan p { phase pre-start { limit 1 script pre-start } }")
    let run = try sandbox.start(["run", "p.plan", "--vm", "vm"])
    _ = try arrived.line()
    try run.signal(SIGTERM)
    try run.finish().expect(143).prints("1 cancelled, 2 not started")
    #expect(vm.order == ["begin"])
    sandbox.expectNoSurvivors()
  }

  @Test func secondSignalEndsAHangingHandler() throws {
    let sandbox = try Sandbox()
    let arrived = try sandbox.fifo("arrived")
    let vm = try sandbox.vm()
    try sandbox.write(
      "p.plan",
      """
      plan p {
        phase work per instance {
          run "exit 1"
          finally { run "trap '' TERM; echo here > \(arrived.path); while :; do sleep 300; done" }
        }
        phase last per instance { run "\(vm.note("last"))" }
      }
      """
    )
    let run = try sandbox.start(["run", "p.plan", "--vm", "vm"])
    _ = try arrived.line()
    try run.signal(SIGINT)
    try run.waitForLines(5)
    try run.signal(SIGINT)
    try run.finish().expect(130)
    #expect(vm.order.isEmpty)
    sandbox.expectNoSurvivors()
  }

  @Test func runThatCannotStartIsRefused() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("a", ["pre-start": vm.note("ran")])
    let run = try RunningCommand(
      "/bin/sh",
      ["-c", "ulimit -n 7; exec '\(Lockstep.path)' run bosh-start --vm vm"],
      environment: Lockstep.environment,
      folder: sandbox.path
    )
    let finished = try run.finish().expect(3)
    finished.complains("Too many open files", "nothing was started")
    #expect(vm.order.isEmpty)
  }

  @Test func handlersRunAfterTheFirstSignal() throws {
    let sandbox = try Sandbox()
    let arrived = try sandbox.fifo("arrived")
    let vm = try sandbox.vm()
    try sandbox.write(
      "p.plan",
      """
      plan p {
        phase work per instance {
          run "echo here > \(arrived.path); exec sleep 300"
          on failure { run "\(vm.note("on failure"))" }
          finally { run "\(vm.note("finally"))" }
        }
      }
      """
    )
    let run = try sandbox.start(["run", "p.plan", "--vm", "vm"])
    _ = try arrived.line()
    try run.signal(SIGTERM)
    try run.finish().expect(143)
    #expect(vm.order == ["on failure", "finally"])
  }
}
