import CLinux
@testable import Clock
import Execution
import Glibc
@testable import Machine
import PlanGraph
@testable import System
import TestSupport
import Testing

/// Processes that a real monit starts and stops.
@Suite(
  .waits,
  .enabled(if: MonitRig.isInstalled, "monit is not installed: apt-get install monit")
) struct MonitTests {
  /// Carries out one step on a release job, or on the instance for nil.
  private func run(
    _ action: StepAction,
    on releaseJob: String? = nil,
    _ rig: MonitRig,
    supervisor: SupervisorChoice = .monit(nil),
    settle: Duration = .zero,
    said: inout [String]
  ) throws -> AttemptResult? {
    var plan = TestGraph(releaseJobs: rig.names)
    let node = plan.add(action, on: releaseJob, settle: settle)
    let run = FlatRun([node])
    let machine = try LiveMachine(
      graph: plan.graph,
      vms: [plan.instance: rig.vm.open()],
      supervisor: supervisor
    )
    try machine.drive(run)
    said = run.remarks.map(\.text)
    return run.results[node]
  }

  private func run(
    _ action: StepAction,
    on releaseJob: String? = nil,
    _ rig: MonitRig,
    supervisor: SupervisorChoice = .monit(nil),
    settle: Duration = .zero
  ) throws -> AttemptResult? {
    var said: [String] = []
    return try run(
      action,
      on: releaseJob,
      rig,
      supervisor: supervisor,
      settle: settle,
      said: &said
    )
  }

  private func isRunning(_ name: String, _ rig: MonitRig) -> Bool {
    guard let process = rig.vm.lines("sys/run/\(name).pid").first.flatMap({ pid_t($0) }),
      let stat = ProcessStat(process)
    else { return false }
    return !stat.isDead
  }

  @Test("BOSH 5.1, 6.9: monit is asked for each service of group vcap")
  func startsStopsAndUnmonitors() throws {
    let rig = try MonitRig(["web", "db"])
    #expect(try run(.start, on: "web", rig, settle: .milliseconds(100)) == .exited(0))
    #expect(isRunning("web", rig) && !isRunning("db", rig))
    #expect(try run(.start, rig, supervisor: .auto) == .exited(0))
    #expect(isRunning("db", rig))
    #expect(rig.vm.lines("calls") == ["start web", "start db"])
    #expect(try run(.unmonitor, rig) == .exited(0))
    #expect(isRunning("web", rig) && isRunning("db", rig))
    // As in BOSH's own order: a service is unmonitored first and then stopped.
    #expect(try run(.stop, on: "db", rig) == .exited(0))
    #expect(!isRunning("db", rig) && isRunning("web", rig))
    #expect(try run(.stop, rig) == .exited(0))
    #expect(!isRunning("web", rig))
    #expect(rig.vm.read("monit/stopped") == "")
  }

  @Test func startsRightAfterAStop() throws {
    let rig = try MonitRig(["web"])
    #expect(try run(.start, rig) == .exited(0))
    let first = rig.vm.read("sys/run/web.pid")
    #expect(try run(.stop, rig) == .exited(0))
    #expect(try run(.start, rig) == .exited(0))
    #expect(isRunning("web", rig))
    #expect(rig.vm.read("sys/run/web.pid") != first)
  }

  @Test func saysWhatFails() throws {
    let rig = try MonitRig(["web"])
    rig.vm.write("web.fails", "")
    var plan = TestGraph(releaseJobs: rig.names)
    let node = plan.add(.start, on: "web")
    let run = FlatRun([node])
    let timer = TimerID.timeout(node)
    run.whenStarted = { _ in [.arm(timer, at: .now)] }
    // Until monit has tried, because it never gives up.
    run.whenFired = { _ in
      rig.vm.lines("monit.log").contains { $0.contains("failed to start") }
        ? [.terminate(node)] : [.arm(timer, at: .now + .milliseconds(50))]
    }
    try LiveMachine(
      graph: plan.graph,
      vms: [plan.instance: rig.vm.open()],
      supervisor: .monit(nil)
    ).drive(run)
    guard case .failed(let words) = run.results[node] else {
      Issue.record("\(String(describing: run.results[node]))")
      return
    }
    #expect(words.hasPrefix("was not waited for: 'web' "))
  }

  @Test func saysThatItWasRefused() throws {
    let rig = try MonitRig(["web"])
    rig.vm.write("users", "vcap:another\n", mode: 0o600)
    #expect(
      try run(.start, rig)
        == .failed(
          "monit at 127.0.0.1:\(rig.port) refuses our user (HTTP 401); "
            + "see 'allow' in its control file"
        )
    )
  }

  @Test func saysThatMonitWentAway() throws {
    let rig = try MonitRig(["web"])
    var plan = TestGraph(releaseJobs: rig.names)
    let node = plan.add(.start, on: "web", settle: .seconds(1000))
    let run = FlatRun([node])
    let timer = TimerID.timeout(node)
    run.whenStarted = { _ in [.arm(timer, at: .now)] }
    run.whenFired = { _ in
      if rig.vm.lines("calls").isEmpty { return [.arm(timer, at: .now + .milliseconds(50))] }
      rig.stop()
      return []
    }
    try LiveMachine(
      graph: plan.graph,
      vms: [plan.instance: rig.vm.open()],
      supervisor: .monit(nil)
    ).drive(run)
    #expect(
      run.results[node]
        == .failed(
          "monit does not answer: 127.0.0.1:\(rig.port): Connection refused; start it, then resume the "
            + "run"
        )
    )
  }

  @Test func noticesThatMonitWasRestarted() throws {
    let rig = try MonitRig(["web"])
    var plan = TestGraph(releaseJobs: rig.names)
    let node = plan.add(.start, on: "web", settle: .seconds(1000))
    let run = FlatRun([node])
    let timer = TimerID.timeout(node)
    run.whenStarted = { _ in [.arm(timer, at: .now)] }
    run.whenFired = { _ in
      if rig.vm.lines("calls").isEmpty { return [.arm(timer, at: .now + .milliseconds(50))] }
      rig.stop()
      // An incarnation is a second.
      let second = time(nil)
      MonitRig.wait { time(nil) > second }
      rig.start()
      return []
    }
    try LiveMachine(
      graph: plan.graph,
      vms: [plan.instance: rig.vm.open()],
      supervisor: .monit(nil)
    ).drive(run)
    #expect(
      run.results[node]
        == .failed(
          "monit was restarted or reloaded meanwhile and forgot what it was asked to do; "
            + "resume the run"
        )
    )
  }

  @Test func autoChoosesCtlIfNoMonitAnswers() throws {
    let rig = try MonitRig(["web"])
    rig.stop()
    var said: [String] = []
    #expect(try run(.start, rig, supervisor: .auto, said: &said) == .exited(0))
    #expect(isRunning("web", rig))
    // A VM that has its own monit is meant to use it.
    #expect(
      said == [
        "the VM's monit at 127.0.0.1:\(rig.port) does not answer "
          + "(127.0.0.1:\(rig.port): Connection refused), so processes are started and stopped "
          + "without it; --supervisor monit insists on it"
      ]
    )
  }

  @Test(
    "BOSH 5.8: what monit checks only now and then is started, seen and stopped",
    arguments: ["every 2 cycles", "every \"0 0 29 2 *\""]
  )
  func cycles(_ every: String) throws {
    let rig = try MonitRig(["web"], statement: every)
    var said: [String] = []
    let settle = Duration.milliseconds(2500)
    #expect(try run(.start, rig, settle: settle, said: &said) == .exited(0))
    #expect(!said.contains { $0.contains("restarted") }, "\(said)")
    #expect(isRunning("web", rig) && rig.vm.lines("calls") == ["start web"])
    #expect(try run(.start, on: "web", rig) == .exited(0))
    #expect(try run(.unmonitor, rig) == .exited(0))
    #expect(try run(.stop, on: "web", rig) == .exited(0))
    #expect(!isRunning("web", rig))
  }

  @Test("BOSH 5.10: monit is reached at ::1 and at a socket's file", arguments: [true, false])
  func places(_ isFile: Bool) throws {
    let rig = try MonitRig(
      ["web"],
      listening: { port, vm in
        isFile ? "unixsocket \(vm)/sock" : "port \(port) and use address ::1"
      }
    )
    #expect(try run(.start, on: "web", rig) == .exited(0))
    #expect(isRunning("web", rig))
  }

  @Test("BOSH 5.10: names beyond ASCII are those of the control file")
  func names() throws {
    let rig = try MonitRig(["web"], suffix: "-größer")
    #expect(try run(.start, on: "web", rig) == .exited(0))
    #expect(try run(.stop, rig) == .exited(0))
    #expect(!isRunning("web", rig))
  }

  @Test(
    "BOSH 5.10: a monit that does not listen yet is awaited",
    arguments: [
      SupervisorChoice.monit(nil), .auto,
    ]
  )
  func startDelay(_ supervisor: SupervisorChoice) throws {
    let rig = try MonitRig(["web"], startDelay: "with start delay 5")
    var said: [String] = []
    #expect(try run(.start, on: "web", rig, supervisor: supervisor, said: &said) == .exited(0))
    #expect(
      said.contains(
        "monit at 127.0.0.1:\(rig.port) was just started and has a start delay of 5s; waiting for it"
      ),
      "\(said)"
    )
  }

  @Test("BOSH 5.1: after the agent's apply monit/job is written, and monit is reloaded")
  func apply() throws {
    let rig = try MonitRig(["web", "db"], include: "monit/job/*.monitrc")
    rig.vm.write(
      "bosh/spec.json",
      #"{"job":{"templates":[{"name":"db"},{"name":"web"}]},"#
        + #""rendered_templates_archive":{"blobstore_id":"x"}}"#
    )
    rig.vm.write("jobs/db/more.monit", "check directory etc with path /etc\n", mode: 0o600)
    rig.vm.write("monit/job/0007_gone.monitrc", "check file gone with path /etc\n", mode: 0o600)
    var said: [String] = []
    #expect(try run(.start, rig, said: &said) == .exited(0))
    #expect(isRunning("web", rig) && isRunning("db", rig))
    #expect(
      try namesInFolder(rig.vm.at("monit/job")) == [
        "0000_web.monitrc", "0001_db.monitrc", "0001_db_more.monitrc",
      ]
    )
    #expect(
      said.contains(
        "monit does not know the process 'web' yet: \(rig.vm.path)/monit/job is written, as the "
          + "agent does, and monit is reloaded"
      ),
      "\(said)"
    )
    #expect(rig.vm.read("monit/job/0000_web.monitrc") == rig.vm.read("jobs/web/monit"))
  }

  @Test func aProcessUnknownToMonitFailsTheStart() throws {
    let rig = try MonitRig(["web"], include: "nothing/*.monitrc")
    for releaseJob in ["web", nil] {
      #expect(
        try run(.start, on: releaseJob, rig)
          == .failed(
            "monit does not know the process 'web'; have its control file include the monit file that "
              + "declares it, reload monit, then resume the run"
          )
      )
    }
  }
}
