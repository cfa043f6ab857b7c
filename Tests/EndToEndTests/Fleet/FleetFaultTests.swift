import Glibc
import TestSupport
import Testing

/// Faults at chosen moments of a run on several hosts.
@Suite(.waits) struct FleetFaultTests {
  /// Three hosts; a step of the second waits for the test.
  ///
  /// It is a script, or a command that may not run twice.
  private struct Rig {
    let fleet: TestFleet
    let links: FleetLinks
    let arrived: Fifo
    let go: Fifo
    var sandbox: Sandbox { fleet.sandbox }

    init(isScript: Bool = false, clauses: String = "") throws {
      let sandbox = try Sandbox()
      fleet = try TestFleet(sandbox, 3, carrier: FleetLinks.carrier(in: sandbox))
      links = try FleetLinks(fleet)
      (arrived, go) = (try sandbox.fifo("arrived"), try sandbox.fifo("go"))
      // Only the second host waits.
      let work = """
        number=$(cat name)
        \(fleet.note("begin $number"))
        [ $number != 1 ] || { \(fleet.vms[0].waiting(arrived, go)); }
        \(fleet.note("end $number"))
        """
      for (number, vm) in fleet.vms.enumerated() {
        try sandbox.write("vm\(number)/name", "\(number)\n")
        try vm.releaseJob("app", ["work": work, "after": fleet.note("after \(number)")])
      }
      let step = isScript ? "script work" : "run \"\"\"\n\(work)\n\"\"\" as work"
      try fleet.plan(
        """
        phase work \(isScript ? "" : "per instance") { \(step) { timeout 1m \(clauses) } }
        barrier across deployment
        phase after { script after }
        """
      )
    }

    func start(_ more: String...) throws -> RunningCommand {
      let run = try fleet.start(TestFleet.run() + more)
      #expect(try arrived.line() == "here")
      return run
    }

    /// Waits until a script has recorded this, or the coordinator has ended.
    ///
    /// - Returns: whether it is recorded, and the coordinator runs.
    func waitFor(_ line: String, whileRunning running: RunningCommand) throws -> Bool {
      let deadline = Deadline()
      func runs() -> Bool {
        sandbox.survivors().contains { $0.identifier == running.identifier }
      }
      while runs() {
        if fleet.order.contains(line) { return runs() }
        if deadline.milliseconds == 0 { throw SystemFailure(description: "never '\(line)'") }
        _ = poll(nil, 0, 1)
      }
      return false
    }

    /// Waits until a script has recorded this.
    func waitFor(_ line: String) throws {
      let deadline = Deadline()
      while !fleet.order.contains(line) {
        if deadline.milliseconds == 0 { throw SystemFailure(description: "never '\(line)'") }
        _ = poll(nil, 0, 1)
      }
    }

    /// Each step has done its work once, and nothing began before the barrier.
    func expectOnce(_ location: SourceLocation = #_sourceLocation) {
      let order = fleet.order
      #expect(
        order.prefix(6).sorted() == ["begin 0", "begin 1", "begin 2", "end 0", "end 1", "end 2"],
        "\(order)",
        sourceLocation: location
      )
      #expect(
        order.dropFirst(6).sorted() == ["after 0", "after 1", "after 2"],
        "\(order)",
        sourceLocation: location
      )
      fleet.expectNothingLeft(ofLastRun: false, location)
    }
  }

  @Test(arguments: [true, false])
  func stepGoesOnWhileItsLinkIsCut(isScript: Bool) throws {
    let rig = try Rig(isScript: isScript)
    let run = try rig.start()
    try rig.links.cutLink(1)
    try rig.links.waitForRefusal(run)
    // It ends while nobody can hear of it.
    try rig.go.release()
    try rig.waitFor("end 1")
    #expect(!rig.fleet.order.contains { $0.hasPrefix("after") })
    rig.links.mendLink(1)
    try run.finish().expect(0).prints(
      "the connection to web/1 is lost",
      "what runs there",
      "web/1 is connected again"
    )
    rig.expectOnce()
  }

  @Test(arguments: [true, false])
  func killedFarEndIsReplaced(isScript: Bool) throws {
    let rig = try Rig(isScript: isScript)
    let run = try rig.start()
    try rig.links.killFarEnd(1)
    try run.waitFor("web/1 is connected again")
    try rig.go.release(2)
    if isScript {
      // Nobody knows how a script ended whose far end was killed; it may run twice.
      #expect(try rig.arrived.line() == "here")
      try run.finish().expect(0)
      #expect(rig.fleet.order.filter { $0 == "begin 1" }.count == 2)
      rig.fleet.expectNothingLeft()
    } else {
      try run.finish().expect(0)
      rig.expectOnce()
    }
  }

  @Test(arguments: [true, false])
  func killedCoordinatorIsResumedAndCollects(endsMeanwhile: Bool) throws {
    let rig = try Rig()
    try rig.start().crash()
    if endsMeanwhile {
      try rig.go.release()
      try rig.waitFor("end 1")
    }
    let resumed = try rig.fleet.start(TestFleet.resume())
    if !endsMeanwhile {
      try resumed.waitForLines(1)
      try rig.go.release()
    }
    try resumed.finish().expect(0)
    rig.expectOnce()
    try rig.fleet.lockstep(["audit", "--state", "state"]).expect(0).prints("all rules were kept")
  }

  @Test(.enabled(if: FleetLinks.canBoot), arguments: [true, false])
  func stepOfARebootedHostNeedsADecision(isResumed: Bool) throws {
    let rig = try Rig()
    let run = try rig.start()
    if isResumed { try run.crash() }
    try rig.links.reboot(1)
    if isResumed {
      try rig.fleet.lockstep(TestFleet.resume()).expect(1)
    } else {
      try run.finish().expect(1)
    }
    #expect(!rig.fleet.order.contains { $0.hasPrefix("after") })
    try rig.fleet.lockstep(TestFleet.resume()).expect(3)
      .complains("error: work:web/1#work", "how it ended is unknown", "--assume")
    let resumed = try rig.fleet.start(TestFleet.resume("--assume", "work:web/1#work=again"))
    #expect(try rig.arrived.line() == "here")
    try rig.go.release()
    try resumed.finish().expect(0)
    #expect(rig.fleet.order.filter { $0 == "begin 1" }.count == 2)
    #expect(rig.fleet.order.filter { $0 == "begin 0" }.count == 1)
    #expect(rig.fleet.order.suffix(3).sorted() == ["after 0", "after 1", "after 2"])
    rig.fleet.expectNothingLeft()
  }

  @Test func hostLostForGoodFailsAlone() throws {
    let rig = try Rig()
    let run = try rig.start("--reconnect", "200ms")
    try rig.links.cutLink(1)
    let finished = try run.finish().expect(1)
    finished.prints("web/1 is given up", "not started because of it: 3 steps")
    finished.complains("in doubt is what still runs on web/1 (host-1)")
    #expect(!rig.fleet.order.contains { $0.hasPrefix("after") })
    try rig.fleet.lockstep(TestFleet.resume()).expect(3)
      .complains("web/1 (host-1)", "no route to host-1", "nothing was started")
    rig.links.mendLink(1)
    try rig.go.release()
    try rig.waitFor("end 1")
    try rig.fleet.lockstep(TestFleet.resume()).expect(3)
      .complains("error: work:web/1#work", "--assume")
    try rig.fleet.lockstep(TestFleet.resume("--assume", "work:web/1#work=done")).expect(0)
    rig.expectOnce()
  }

  /// The far end's own clock ends it.
  @Test func timeoutHoldsWithoutAConnection() throws {
    try withGrowingTimeout { timeout in
      let rig = try Rig(isScript: true, clauses: "")
      let plan = (rig.sandbox.text("p.plan") ?? "").replacing(
        "timeout 1m  }",
        with: "timeout \(timeout) grace 100ms }"
      )
      try rig.sandbox.write("p.plan", plan)
      let run = try rig.fleet.start(TestFleet.run())
      // If the machine is too slow for this timeout, it is over before the step has said a word.
      guard try rig.waitFor("begin 1", whileRunning: run) else { return false }
      try run.crash()
      try rig.links.cutLink(1)
      rig.sandbox.expectNoSurvivors()
      #expect(!rig.fleet.order.contains("end 1"))
      return true
    }
  }

  /// What came is cut off within a frame, or garbage follows it.
  @Test(arguments: ["dd bs=1 count=3000", "{ dd bs=1 count=3000; yes | head -c 100000; }"])
  func answerThatBreaksOffIsAskedForAgain(filter: String) throws {
    let sandbox = try Sandbox()
    let fleet = try TestFleet(sandbox, 2, carrier: "\(sandbox["carrier"]) {index}")
    for (number, vm) in fleet.vms.enumerated() {
      try vm.releaseJob("app", ["work": fleet.note("work \(number)")])
    }
    try sandbox.write(
      "carrier",
      """
      #!/bin/sh
      number=$1
      shift
      [ $number = 1 ] && mkdir '\(sandbox.path)'/broken 2> /dev/null || exec "$@"
      "$@" | \(filter) 2> /dev/null

      """,
      mode: 0o755
    )
    let phases = (0..<20).map {
      "phase p\($0) per instance { run \"\(fleet.note("p\($0)"))\" as s }"
    }
    try fleet.plan((phases + ["phase work { script work }"]).joined(separator: "\n"))
    try fleet.lockstep(TestFleet.run()).expect(0)
      .prints("the connection to web/1 is lost", "web/1 is connected again")
    for number in 0..<20 { #expect(fleet.order.filter { $0 == "p\(number)" }.count == 2) }
    #expect(fleet.order.filter { $0.hasPrefix("work") }.sorted() == ["work 0", "work 1"])
    fleet.expectNothingLeft()
  }

  @Test func secondRunIsRefusedWhileOneIsActiveOrItsStepsRun() throws {
    let rig = try Rig()
    let run = try rig.start()
    let other = ["run", "p.plan", "--hosts", "hosts", "--state", "other"]
    let refused = try rig.fleet.lockstep(other).expect(3)
    refused.complains("web/1: ", "is working on it", "nothing was started")
    try run.crash()
    try rig.fleet.lockstep(other).expect(3).complains("web/1: ", "is working on it")
    try rig.go.release()
    try rig.fleet.lockstep(TestFleet.resume()).expect(0)
    rig.expectOnce()
  }

  @Test(.enabled(if: SmallDisk.works, "nothing can be mounted here"))
  func fullDiskOfOneHostStopsOnlyThatHost() throws {
    let sandbox = try Sandbox()
    let fleet = try TestFleet(sandbox, 2)
    let fill = "cat /dev/zero > data/fill || true"
    let names = (0..<40).map { "s\($0)-" + String(repeating: "x", count: 200) }
    for (number, vm) in fleet.vms.enumerated() {
      try vm.releaseJob("app", ["fill": number == 1 ? fill : "true"])
    }
    let steps = names.map { "run \"\(fleet.note("\\(instance.index) \($0)"))\" as \($0)" }
    try fleet.plan(
      """
      phase fill { script fill }
      barrier across deployment
      phase many per instance { \(steps.joined(separator: "\n")) }
      """
    )
    try SmallDisk.with("vm1/data", in: sandbox, "size=1m") { _ in
      let run = try fleet.lockstep(TestFleet.run()).expect(1)
      run.prints("No space left on device")
      #expect(fleet.order.filter { $0.hasPrefix("0 ") }.count == names.count)
      #expect(fleet.order.filter { $0.hasPrefix("1 ") } == [])
      // It is still full.
      try fleet.lockstep(TestFleet.resume()).expect(1)
      FileTree.remove(sandbox["vm1/data/fill"])
      try fleet.lockstep(TestFleet.resume()).expect(0)
      #expect(Set(fleet.order).count == fleet.order.count)
      #expect(fleet.order.count == 2 * names.count)
      fleet.expectNothingLeft()
    }
  }

  /// Nobody can resume it, because its records are gone with the coordinator.
  @Test(.enabled(if: FleetLinks.canBoot)) func runOfALostCoordinatorIsGivenUp() throws {
    let rig = try Rig()
    try rig.start().crash()
    try rig.links.reboot(1)
    FileTree.remove(rig.sandbox[TestFleet.state])
    let lost = try #require(rig.fleet.farRuns(1).first)
    let refused = try rig.fleet.lockstep(TestFleet.run()).expect(3)
    refused.complains("web/1: work:web/1#work", "is not idempotent", "--abandon \(lost)")
    #expect(rig.fleet.order.filter { $0 == "begin 1" }.count == 1)
    let run = try rig.fleet.start(TestFleet.run() + ["--abandon", lost])
    #expect(try rig.arrived.line() == "here")
    try rig.go.release()
    try run.finish().expect(0)
    #expect(rig.fleet.order.suffix(3).sorted() == ["after 0", "after 1", "after 2"])
    rig.fleet.expectNothingLeft(ofLastRun: true)
  }

  /// Nothing says that the link is gone, but nothing comes through it.
  @Test(.enabled(if: Rounds.isThorough, "waits for most of a minute"))
  func silentLinkIsGivenUpAndReplaced() throws {
    let rig = try Rig()
    let run = try rig.start()
    try rig.links.freezeLink(1)
    try run.waitFor("web/1 is connected again")
    try rig.go.release()
    try run.finish().expect(0).prints("nothing has come from it for 45s")
    try rig.links.killLink(1)
    rig.expectOnce()
  }
}
