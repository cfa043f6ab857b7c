import Glibc
import TestSupport
import Testing

/// Runs on several hosts: what runs where, and in which order.
///
/// The scripts record what they do, and the tests read only that.
@Suite(.waits) struct FleetRunTests {
  @Test func barrierWaitsForTheSlowestHost() throws {
    let sandbox = try Sandbox()
    let fleet = try TestFleet(sandbox, 4)
    let (arrived, go) = (try sandbox.fifo("arrived"), try sandbox.fifo("go"))
    for (number, vm) in fleet.vms.enumerated() {
      let wait = number == 2 ? vm.waiting(arrived, go) : ":"
      try vm.releaseJob(
        "app",
        ["pre-start": "\(wait); \(fleet.note("pre \(number)"))", "post-start": fleet.note("post")]
      )
    }
    try fleet.plan(
      """
      phase pre-start { script pre-start }
      barrier across deployment
      phase post-start { script post-start }
      """
    )
    let run = try fleet.start(TestFleet.run())
    _ = try arrived.line()
    try run.waitFor(
      "ok         pre-start   web/0/app",
      "ok         pre-start   web/1/app",
      "ok         pre-start   web/3/app"
    )
    #expect(!fleet.order.contains("post"))
    // One connection for each host, and nothing else.
    #expect(fleet.farEnds.count == 4)
    try go.release()
    try run.finish().expect(0).prints(": 8 succeeded")
    #expect(fleet.order.prefix(4).sorted() == ["pre 0", "pre 1", "pre 2", "pre 3"])
    #expect(fleet.order.dropFirst(4) == ["post", "post", "post", "post"])
    fleet.expectNothingLeft()
  }

  @Test func stepsRunAndLogOnTheirOwnVM() throws {
    let sandbox = try Sandbox()
    let fleet = try TestFleet(sandbox, 3)
    for (number, vm) in fleet.vms.enumerated() {
      try vm.releaseJob(number == 1 ? "db" : "app", ["pre-start": "pwd; echo no >&2"])
    }
    try fleet.plan(
      """
      phase pre-start { script pre-start }
      phase where per instance { run "pwd >> '\(sandbox["order"])'" as where }
      """
    )
    try fleet.lockstep(TestFleet.run()).expect(0)
      .prints("web/0/app", "web/1/db", "web/2/app", ": 6 succeeded")
    for (number, vm) in fleet.vms.enumerated() {
      let releaseJob = number == 1 ? "db" : "app"
      #expect(vm.log(releaseJob, "pre-start.stdout") == "\(vm.path)\n")
      #expect(vm.log(releaseJob, "pre-start.stderr") == "no\n")
    }
    #expect(fleet.order.sorted() == fleet.vms.map(\.path))
    fleet.expectNothingLeft()
  }

  @Test func canaryGoesFirstAndItsFailureStopsTheRollout() throws {
    let sandbox = try Sandbox()
    let fleet = try TestFleet(sandbox, 4)
    for (number, vm) in fleet.vms.enumerated() {
      try sandbox.write("vm\(number)/name", "\(number)\n")
      try vm.releaseJob(
        "app",
        [
          "install": "\(fleet.note("in \(number)")); [ ! -e '\(sandbox["broken"])' ]",
          "check": fleet.note("out \(number)"),
        ]
      )
    }
    try fleet.plan(
      """
      rollout {
        canaries 1
        max-in-flight 2
        phase install { script install }
        phase check { script check }
        on failure { run "\(fleet.note("back $(cat name)"))" as back { idempotent } }
      }
      """
    )
    try sandbox.write("broken", "")
    try fleet.lockstep(TestFleet.run()).expect(1)
    #expect(fleet.order == ["in 0", "back 0"])
    fleet.expectNothingLeft()
    unlink(sandbox["broken"])
    unlink(sandbox["order"])
    try fleet.lockstep(TestFleet.run()).expect(0)
    #expect(fleet.order.prefix(2) == ["in 0", "out 0"])
    #expect(fleet.order.count == 8)
    var inside = 0
    for line in fleet.order {
      inside += line.hasPrefix("in") ? 1 : -1
      #expect(inside <= 2, "\(fleet.order)")
    }
    fleet.expectNothingLeft()
  }

  @Test func limitHoldsAcrossHosts() throws {
    let sandbox = try Sandbox()
    let fleet = try TestFleet(sandbox, 4)
    for vm in fleet.vms {
      try vm.releaseJob("app", ["work": "\(fleet.note("begin")); pwd; \(fleet.note("end"))"])
    }
    try fleet.plan("phase work { limit 1 script work }")
    try fleet.lockstep(TestFleet.run()).expect(0)
    #expect(fleet.order == Array(repeating: ["begin", "end"], count: 4).flatMap { $0 })
  }

  @Test func handlersRunOnTheirHosts() throws {
    let sandbox = try Sandbox()
    let fleet = try TestFleet(sandbox, 3)
    for (number, vm) in fleet.vms.enumerated() {
      try vm.releaseJob("app", ["work": number == 1 ? "exit 7" : "true"])
      try sandbox.write("vm\(number)/name", "\(number)\n")
    }
    try fleet.plan(
      """
      phase work {
        script work
        on failure { run "\(fleet.note("failed $(cat name)"))" as sorry }
        finally { run "\(fleet.note("finally $(cat name)"))" as bye }
      }
      finally { run "\(fleet.note("end"))" as end }
      """
    )
    try fleet.lockstep(TestFleet.run()).expect(1).prints("failed     work")
    #expect(fleet.order.last == "end")
    #expect(fleet.order.filter { $0.hasPrefix("failed") } == ["failed 1"])
    #expect(
      fleet.order.filter { $0.hasPrefix("finally") }.sorted()
        == ["finally 0", "finally 1", "finally 2"]
    )
    fleet.expectNothingLeft()
  }

  @Test(arguments: [
    (["--only", "web/1"], ["bye", "dump 1", "pre 1"]),
    (["--from", "dump"], ["bye", "dump 0", "dump 1"]),
    (["--skip", "pre-start:web/0/*"], ["bye", "dump 0", "dump 1", "pre 1"]),
  ])
  func partOfAPlanRuns(_ selection: [String], _ wanted: [String]) throws {
    let sandbox = try Sandbox()
    let fleet = try TestFleet(sandbox, 2)
    for (number, vm) in fleet.vms.enumerated() {
      try vm.releaseJob("app", ["pre-start": fleet.note("pre \(number)")])
    }
    try fleet.plan(
      """
      phase pre-start { script pre-start }
      barrier across deployment
      phase dump per instance { run "\(fleet.note("dump \\(instance.index)"))" as dump }
      finally { run "\(fleet.note("bye"))" as bye }
      """
    )
    try fleet.lockstep(TestFleet.run() + selection).expect(0)
    #expect(fleet.order.sorted() == wanted)
    fleet.expectNothingLeft()
  }

  @Test func daemonsAreStartedDrainedAndStoppedAtTheFarEnds() throws {
    let sandbox = try Sandbox()
    let fleet = try TestFleet(sandbox, 2)
    for vm in fleet.vms {
      try vm.releaseJobWithDaemon("app", ["drain": "\(fleet.note("drain")); echo 0"])
    }
    try fleet.plan("include bosh-start")
    try fleet.lockstep(TestFleet.run() + ["--supervisor", "ctl"]).expect(0)
    #expect(fleet.vms.allSatisfy { $0.isUp("app") })
    try fleet.plan("include bosh-stop")
    try fleet.lockstep(TestFleet.run() + ["--supervisor", "ctl"]).expect(0)
    #expect(!fleet.vms.contains { $0.isUp("app") })
    #expect(fleet.order.filter { $0 == "drain" }.count == 2)
    for drain in fleet.order.indices where fleet.order[drain] == "stop app" {
      #expect(fleet.order[..<drain].contains("drain"))
    }
    fleet.expectNothingLeft()
  }

  @Test func eachVMHasItsOwnFacts() throws {
    let sandbox = try Sandbox()
    let fleet = try TestFleet(sandbox, 3)
    for number in fleet.vms.indices {
      try sandbox.write("vm\(number)/bosh/etc/stemcell_version", "1.\(number)")
    }
    try fleet.plan(
      """
      phase tell per instance {
        run "\(fleet.note("\\(instance.index) has \\(stemcell.version)"))" as tell
      }
      phase some per instance {
        when stemcell.version > 1.0
        run "\(fleet.note("\\(instance.index) is newer"))" as newer
      }
      """
    )
    try fleet.lockstep(TestFleet.run()).expect(0)
    #expect(
      fleet.order.sorted() == ["0 has 1.0", "1 has 1.1", "1 is newer", "2 has 1.2", "2 is newer"]
    )
  }

  @Test func interruptReachesEveryDescendantOnEveryHost() throws {
    let sandbox = try Sandbox()
    let fleet = try TestFleet(sandbox, 3)
    let arrived = try sandbox.fifo("arrived")
    for vm in fleet.vms {
      try vm.releaseJob(
        "app",
        [
          "work": """
          live() { echo here > '\(arrived.path)'; exec sleep 300; }
          live &
          (live & live) &
          (trap '' TERM; live) &
          setsid sh -c "echo here > '\(arrived.path)'; exec sleep 300" &
          live
          """
        ]
      )
    }
    try fleet.plan(
      """
      phase work { script work { grace 200ms } }
      phase after per instance { run "\(fleet.note("after"))" as after }
      finally { run "\(fleet.note("bye"))" as bye }
      """
    )
    let run = try fleet.start(TestFleet.run())
    // Six processes on each host, one of them with a session of its own.
    _ = try arrived.lines(18)
    try run.signal(SIGINT)
    try run.finish().expect(130).prints("lockstep resume --state \(sandbox["state"])")
    #expect(fleet.order == ["bye"])
    sandbox.expectNoSurvivors()
  }

  @Test func secondInterruptKillsWhatDoesNotListen() throws {
    let sandbox = try Sandbox()
    let fleet = try TestFleet(sandbox, 2)
    let (arrived, go) = (try sandbox.fifo("arrived"), try sandbox.fifo("go"))
    for vm in fleet.vms {
      try vm.releaseJob("app", ["work": "trap '' TERM INT; \(vm.waiting(arrived, go))"])
    }
    try fleet.plan("phase work { script work { grace 1h } }")
    let run = try fleet.start(TestFleet.run())
    _ = try arrived.lines(2)
    try run.signal(SIGINT)
    try run.waitFor("SIGINT: what runs is asked to end")
    try run.signal(SIGINT)
    try run.finish().expect(130)
    sandbox.expectNoSurvivors()
  }
}
