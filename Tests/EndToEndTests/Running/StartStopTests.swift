import Glibc
import TestSupport
import Testing

/// Processes that are started and stopped, with the embedded supervisor.
@Suite(.waits) struct StartStopTests {
  private static let up = """
    plan up {
      phase pre-start { script pre-start }
      barrier across instance
      phase start { start { timeout 20s settle 100ms } }
      barrier across instance
      phase post-start { script post-start }
    }
    """

  private func vm(in sandbox: Sandbox) throws -> TestVM {
    try sandbox.write("up.plan", Self.up)
    return try sandbox.vm()
  }

  private func run(_ sandbox: Sandbox, _ plan: String) throws -> FinishedCommand {
    try sandbox.lockstep("run", plan, "--vm", "vm", "--supervisor", "ctl")
  }

  @Test("BOSH 1.1: every pre-start, then the processes, then every post-start")
  func processesStartBetweenBarriersAndStop() throws {
    let sandbox = try Sandbox()
    let vm = try vm(in: sandbox)
    for releaseJob in ["a", "b"] {
      let pidFile = "\(vm.path)/sys/run/\(releaseJob)/\(releaseJob).pid"
      try vm.releaseJobWithDaemon(
        releaseJob,
        [
          "pre-start": vm.note("pre-start"),
          "post-start": "kill -0 $(cat \(pidFile)) && \(vm.note("post-start"))",
          "pre-stop": vm.note("pre-stop"),
          "post-stop": vm.note("post-stop"),
        ]
      )
    }
    try vm.releaseJob("errand", ["pre-start": vm.note("pre-start")])
    try run(sandbox, "up.plan").expect(0).prints("start       vm/0/a", "start       vm/0/b")
    let stages = vm.order.map { $0.split(separator: " ").first.map(String.init) ?? "" }
    let expected = [("pre-start", 3), ("start", 2), ("post-start", 2)]
    #expect(stages == expected.flatMap { Array(repeating: $0.0, count: $0.1) })
    let pids = [vm.pid("a"), vm.pid("b")]
    #expect(vm.isUp("a") && vm.isUp("b"))

    // A second start finds them running and leaves them alone.
    try run(sandbox, "up.plan").expect(0)
    #expect([vm.pid("a"), vm.pid("b")] == pids)
    #expect(vm.order.filter { $0.hasPrefix("start") }.count == 2)

    try run(sandbox, "bosh-stop").expect(0)
    #expect(
      vm.order.suffix(6).map { $0.prefix(5) } == [
        "pre-s", "pre-s", "stop ", "stop ", "post-", "post-",
      ]
    )
    #expect(!vm.isUp("a") && !vm.isUp("b"))
    sandbox.expectNoSurvivors()

    // A process that has already stopped is not a failure.
    try run(sandbox, "bosh-stop").expect(0)
  }

  @Test("BOSH 5.2: processes of other groups are never started or stopped")
  func processesOfOtherGroupsAreLeftAlone() throws {
    let sandbox = try Sandbox()
    let vm = try vm(in: sandbox)
    try vm.releaseJobWithDaemon("ours")
    try vm.releaseJobWithDaemon("theirs", group: "other")
    try run(sandbox, "up.plan").expect(0)
    #expect(vm.isUp("ours") && !vm.isUp("theirs"))
    try run(sandbox, "bosh-stop").expect(0)
    sandbox.expectNoSurvivors()
  }

  @Test func failingStartProgramIsReported() throws {
    let sandbox = try Sandbox()
    let vm = try vm(in: sandbox)
    try vm.releaseJobWithDaemon("a", start: "echo cannot bind >&2; exit 7")
    try vm.releaseJob("b", ["post-start": vm.note("post-start")])
    let finished = try run(sandbox, "up.plan").expect(1)
    finished.prints("1 of 1 start step failed", "start:vm/0/a", "not started because of it: 1 step")
    finished.prints("exit status 7", vm.logPath("a", "a.ctl.stderr"))
    #expect(vm.log("a", "a.ctl.stderr") == "cannot bind\n")
    #expect(vm.order == ["start a"])
  }

  @Test("BOSH 12: a process that dies while it settles is not running")
  func processThatDiesWhileSettlingIsNotRunning() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJobWithDaemon("a", life: "0.2")
    try sandbox.write("up.plan", "plan up { phase start { start { timeout 3s settle 2s } } }")
    let finished = try run(sandbox, "up.plan").expect(1)
    finished.prints("1 of 1 start step failed")
  }

  @Test func processThatNeverStartsTimesOut() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJobWithDaemon("a", start: "exit 0")
    try sandbox.write("up.plan", "plan up { phase start { start { timeout 300ms grace 100ms } } }")
    let finished = try run(sandbox, "up.plan").expect(1)
    finished.prints("timed out")
    sandbox.expectNoSurvivors()
  }

  @Test func signalEndsAStart() throws {
    let sandbox = try Sandbox()
    let arrived = try sandbox.fifo("arrived")
    let vm = try vm(in: sandbox)
    try vm.releaseJobWithDaemon("a", start: "echo here > '\(arrived.path)'; exec sleep 300")
    let run = try sandbox.start(["run", "up.plan", "--vm", "vm", "--supervisor", "ctl"])
    _ = try arrived.line()
    try run.signal(SIGINT)
    try run.finish().expect(130)
    sandbox.expectNoSurvivors()
  }

  @Test(arguments: [
    ("check process a with pidfile\n", "line 2:1"),
    ("check process a\n  group vcap\n", "line 2:3"),
    ("check process a with pidfile /x\n start program \"a\n", "line 2:2"),
  ])
  func badControlFileIsFoundBeforeTheRun(text: String, place: String) throws {
    let sandbox = try Sandbox()
    let vm = try vm(in: sandbox)
    try vm.releaseJob("a", ["pre-start": vm.note("ran")], monit: text)
    for command in ["run", "dry-run"] {
      let finished = try sandbox.lockstep(command, "up.plan", "--vm", "vm").expect(
        command == "run" ? 3 : 2
      )
      finished.complains(place)
    }
    #expect(vm.order.isEmpty)
  }

  private static let monitWorks = Tool.monit.works("-V")

  @Test(
    .enabled(if: monitWorks || Tool.isAllRequired, "needs monit(1)"),
    arguments: ["named", "in its usual place"]
  )
  func realMonitDoesTheSame(place: String) throws {
    try #require(Self.monitWorks, "monit does not work here")
    let sandbox = try Sandbox()
    let vm = try vm(in: sandbox)
    try vm.releaseJobWithDaemon("a", ["pre-start": vm.note("pre-start")])
    try vm.releaseJobWithDaemon("b", ["post-start": vm.note("post-start")])
    let monit = try RealMonit(vm)
    var choice = ["--supervisor", "monit=\(monit.controlFile)"]
    if place != "named" {
      // On a stemcell it is bosh/etc/monitrc, and a monit that answers is used automatically.
      try sandbox.write("vm/bosh/etc/monitrc", sandbox.text("monitrc") ?? "", mode: 0o600)
      choice = []
    }
    let up = try sandbox.start(["run", "up.plan", "--vm", "vm"] + choice).finish()
    up.expect(0).checkManners()
    #expect(vm.isUp("a") && vm.isUp("b"), up.shown)
    let order = vm.order
    #expect(order.first == "pre-start" && order.last == "post-start" && order.count == 4)
    let down = try sandbox.start(["run", "bosh-stop", "--vm", "vm"] + choice).finish()
    down.expect(0).checkManners()
    #expect(!vm.isUp("a") && !vm.isUp("b"), down.shown)
  }

  @Test func missingMonitIsFoundBeforeTheRun() throws {
    let sandbox = try Sandbox()
    let vm = try vm(in: sandbox)
    try vm.releaseJobWithDaemon("a", ["pre-start": vm.note("ran")])
    let missing = try sandbox.lockstep(
      "run",
      "up.plan",
      "--vm",
      "vm",
      "--supervisor",
      "monit=missing.rc"
    )
    #expect(missing.status == .exited(2) || missing.status == .exited(3), missing.shown)
    missing.complains("missing.rc")
    #expect(vm.order.isEmpty)
    let wrong = try sandbox.lockstep("run", "up.plan", "--vm", "vm", "--supervisor", "mnit")
    wrong.expect(2).complains("did you mean 'monit'?")
  }
}
