import Glibc
import TestSupport
import Testing

/// Runs that were stopped or lost their terminal, and how they are resumed.
@Suite(.waits) struct StopTests {
  private struct Rig {
    let sandbox: Sandbox
    let vm: TestVM
    let arrived: Fifo
    let go: Fifo

    /// A script that waits for the test, with a handler.
    ///
    /// There is a command before it and one after it.
    init() throws {
      sandbox = try Sandbox()
      vm = try sandbox.vm()
      (arrived, go) = (try sandbox.fifo("arrived"), try sandbox.fifo("go"))
      try vm.releaseJob("a", ["work": "\(vm.note("work")); \(vm.waiting(arrived, go))"])
      try sandbox.write(
        "p.plan",
        """
        plan p {
          phase before per instance { run "\(vm.note("before"))" as before }
          phase work { script work }
          phase after per instance { run "\(vm.note("after"))" as after }
          finally { run "\(vm.note("finally"))" as bye }
        }
        """
      )
    }

    func running(stdout: Output = .pipe) throws -> RunningCommand {
      let run = try sandbox.start(["run", "p.plan", "--vm", "vm"], stdout: stdout)
      #expect(try arrived.line() == "here")
      return run
    }

    /// Resumes it, and checks that all of it gets done.
    func resume(_ location: SourceLocation = #_sourceLocation) throws {
      let resumed = try sandbox.start(["resume", "--vm", "vm"])
      #expect(try arrived.line(location) == "here", sourceLocation: location)
      try go.release()
      let finished = try resumed.finish(location).expect(0, location)
      finished.prints(": 4 succeeded", at: location)
      #expect(vm.order.count { $0 == "before" } == 1, finished.shown, sourceLocation: location)
      #expect(
        vm.order.suffix(3) == ["work", "after", "finally"],
        finished.shown,
        sourceLocation: location
      )
      sandbox.expectNoSurvivors(location)
    }
  }

  @Test("BOSH 2.7: a run can be cancelled, and resumed", arguments: [SIGINT, SIGTERM])
  func runIsResumedAfterOneSignal(signal: Int32) throws {
    let rig = try Rig()
    let run = try rig.running()
    try run.signal(signal)
    let finished = try run.finish().expect(128 + signal)
    finished.prints("to resume what has not succeeded:\n  lockstep resume --vm \(rig.vm.path)")
    #expect(rig.vm.order == ["before", "work", "finally"])
    let journal = rig.vm.journal()
    #expect(journal.contains(" cancelled \(signal)\n"))
    // The last thing that happened is the last that was recorded.
    #expect(journal.hasSuffix("exited 0 p:#bye\n"), "\(journal)")
    try rig.resume()
  }

  @Test func runIsResumedAfterTwoSignals() throws {
    let rig = try Rig()
    try rig.vm.releaseJob(
      "a",
      ["work": "\(rig.vm.note("work")); trap '' TERM; \(rig.vm.waiting(rig.arrived, rig.go))"]
    )
    let run = try rig.running()
    try run.signal(SIGTERM)
    try run.waitFor("SIGTERM: what runs is asked to end")
    try run.signal(SIGINT)
    try run.finish().expect(143)
    rig.sandbox.expectNoSurvivors()
    #expect(rig.vm.order == ["before", "work"])
    let journal = rig.vm.journal()
    #expect(journal.contains(" cancelled 15\n") && journal.contains(" cancelled 2\n"), "\(journal)")
    #expect(journal.hasSuffix("signalled 9 work:vm/0/a#script-work\n"), "\(journal)")
    try rig.sandbox.lockstep("audit", "--vm", "vm").expect(0)
    try rig.sandbox.lockstep("resume", "--vm", "vm", "--explain").expect(0)
      .prints("it was stopped by SIGTERM")
    try rig.resume()
  }

  @Test func stoppedPlainCommandNeedsADecision() throws {
    let rig = try Rig()
    let work = "\(rig.vm.note("once")); \(rig.vm.waiting(rig.arrived, rig.go))"
    try rig.sandbox.write(
      "p.plan",
      "plan p { phase work per instance { run \"\(work)\" as once } }"
    )
    for forced in [false, true] {
      let run = try rig.running()
      try run.signal(SIGINT)
      if forced { try run.signal(SIGINT) }
      try run.finish().expect(130)
      rig.sandbox.expectNoSurvivors()
      try rig.sandbox.lockstep("resume", "--vm", "vm").expect(3)
        .complains("error: work:vm/0#once\n  is not idempotent and")
    }
    #expect(rig.vm.order == ["once", "once"])
    try rig.sandbox.lockstep("resume", "--vm", "vm", "--assume", "once=done").expect(0)
  }

  /// A lost connection: the terminal is gone, and SIGHUP comes.
  @Test(arguments: [true, false])
  func closedTerminalDoesNotStopTheRun(withHangup: Bool) throws {
    let rig = try Rig()
    let run = try rig.running(stdout: .terminal)
    run.closeStdout()
    if withHangup { try run.signal(SIGHUP) }
    try rig.go.release()
    try run.finish().expect(0)
    #expect(rig.vm.order == ["before", "work", "after", "finally"])
    #expect(rig.vm.journal().hasSuffix("exited 0 p:#bye\n"))
    try rig.sandbox.lockstep("resume", "--vm", "vm").expect(0).prints("nothing is left to do")
  }

  @Test func closedTerminalBeforeASignalLosesNothing() throws {
    let rig = try Rig()
    let run = try rig.running(stdout: .terminal)
    run.closeStdout()
    try run.signal(SIGTERM)
    try run.finish().expect(143)
    #expect(rig.vm.order == ["before", "work", "finally"])
    try rig.resume()
  }

  /// Ctrl-Z: steps keep running, and their ends and timeouts are noticed afterwards.
  @Test func runCanBeSuspended() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    let (arrived, go) = (try sandbox.fifo("arrived"), try sandbox.fifo("go"))
    try sandbox.write(
      "p.plan",
      """
      plan p {
        phase work per instance {
          parallel {
            run "\(vm.waiting(arrived, go)); \(vm.note("quick")); echo done > \(arrived.path)" as quick
            run "exec sleep 300" as late { timeout 100ms }
            run "sleep 1; echo past > \(arrived.path)" as clock
          }
        }
      }
      """
    )
    let run = try sandbox.start(["run", "p.plan", "--vm", "vm"])
    #expect(try arrived.line() == "here")
    // The timeout of `late` has not fired yet: only a stopped process lets it pass.
    try run.pause()
    try go.release()
    #expect(try Set(arrived.lines(2)) == ["done", "past"])
    #expect(vm.order == ["quick"])
    try run.signal(SIGCONT)
    let finished = try run.finish().expect(1)
    finished.prints("timed out", ": 2 succeeded, 1 failed")
    finished.prints("ok         work#quick", "ok         work#clock", "timeout    work#late")
    sandbox.expectNoSurvivors()
  }
}
