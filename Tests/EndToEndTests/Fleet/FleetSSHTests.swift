import Glibc
import TestSupport
import Testing

/// Runs on four hosts with a real sshd each.
@Suite(.waits, .enabled(if: SecureShells.isWanted, SecureShells.need)) struct FleetSSHTests {
  /// VMs of which each is reached by `ssh`, with a script for each way up.
  private struct Rig {
    let fleet: TestFleet
    let shells: SecureShells
    var sandbox: Sandbox { fleet.sandbox }

    init(_ count: Int) throws {
      let sandbox = try Sandbox()
      shells = try SecureShells(sandbox, count)
      fleet = try TestFleet(sandbox, count)
      try writeHosts()
      for (number, vm) in fleet.vms.enumerated() {
        try vm.releaseJob(
          "app",
          [
            "install": fleet.note("install \(number)"),
            "check": fleet.note("check \(number)"),
          ]
        )
      }
    }

    func writeHosts(carrier: String? = nil) throws {
      let lines = fleet.vms.indices.map { number in
        "web/\(number)  root@vm\(number + 1)  vm=\(fleet.vms[number].path)  "
          + "via='\(carrier ?? shells.carrier)'\n"
      }
      try sandbox.write("hosts", lines.joined())
    }

    /// The copies of the program at a far end.
    func copies(_ number: Int) -> [String] {
      FileTree.names(sandbox["home\(number + 1)/.cache/lockstep"])
    }

    /// Fails the test unless what a run has started at the far ends is gone, or ends now.
    func expectNothingLeft(_ location: SourceLocation = #_sourceLocation) {
      fleet.expectNothingLeft(ofLastRun: false, location)
      shells.expectEnd(location)
    }

    /// The `ssh` of the coordinator to a host.
    func clients(_ number: Int) -> [pid_t] {
      sandbox.survivors()
        .filter { $0.command.hasPrefix("ssh ") && $0.command.contains(" vm\(number + 1) ") }
        .map(\.identifier)
    }
  }

  @Test func rollingUpgradeCopiesTheProgramOnFirstContactOnly() throws {
    let rig = try Rig(4)
    let fleet = rig.fleet
    try fleet.plan(
      """
      rollout {
        canaries 1
        max-in-flight 2
        phase install { script install }
        phase check { script check }
      }
      """
    )
    let refused = try fleet.lockstep(TestFleet.run() + ["--no-copy"]).expect(3)
    for number in 0..<4 { refused.complains("web/\(number) (root@vm\(number + 1))") }
    refused.complains("there is no lockstep in its PATH", "nothing was started")
    #expect((0..<4).allSatisfy { rig.copies($0).isEmpty } && fleet.order.isEmpty)

    try fleet.lockstep(TestFleet.run()).expect(0).prints(": 8 succeeded")
    #expect(fleet.order.prefix(2) == ["install 0", "check 0"])
    #expect(fleet.order.count == 8)
    for number in 0..<4 {
      let place = try #require(fleet.order.firstIndex(of: "install \(number)"))
      #expect(fleet.order[place...].contains("check \(number)"))
      #expect(rig.copies(number).count == 1)
      #expect(FileTree.mode(rig.sandbox["home\(number + 1)/.cache/lockstep"]) == "700")
    }
    rig.expectNothingLeft()

    let homes = (1...4).map { rig.sandbox["home\($0)"] }
    let before = homes.map { FileTree.listing($0) }
    try fleet.lockstep(TestFleet.run() + ["--no-copy"]).expect(3)
    try fleet.lockstep(TestFleet.run()).expect(0)
    #expect(fleet.order.count == 16)
    for (home, listing) in zip(homes, before) { FileTree.expectUnchanged(home, since: listing) }
    try fleet.lockstep(["hosts", "--hosts", "hosts"]).expect(0)
      .prints("web/3     root@vm4", "  app\n")
    rig.expectNothingLeft()
  }

  /// The script goes on, and is not started twice.
  @Test func killedConnectionIsMadeAgain() throws {
    let rig = try Rig(2)
    let fleet = rig.fleet
    let (arrived, go) = (try rig.sandbox.fifo("arrived"), try rig.sandbox.fifo("go"))
    let wait = fleet.vms[0].waiting(arrived, go)
    try fleet.plan(
      """
      phase work per instance {
        run "\(fleet.note("begin")); \(wait); \(fleet.note("end"))" as work
      }
      phase check { script check }
      """
    )
    let run = try fleet.start(TestFleet.run())
    _ = try arrived.lines(2)
    let clients = rig.clients(1)
    #expect(clients.count == 1)
    for client in clients { kill(client, SIGKILL) }
    try run.waitFor("the connection to web/1 is lost", "web/1 is connected again")
    try go.release(2)
    try run.finish().expect(0).prints(": 4 succeeded")
    #expect(fleet.order.prefix(4) == ["begin", "begin", "end", "end"])
    #expect(fleet.order.dropFirst(4).sorted() == ["check 0", "check 1"])
    rig.expectNothingLeft()
  }

  @Test func hostThatIsLostForGoodIsGivenUp() throws {
    let rig = try Rig(3)
    let fleet = rig.fleet
    let (arrived, go) = (try rig.sandbox.fifo("arrived"), try rig.sandbox.fifo("go"))
    let wait = fleet.vms[0].waiting(arrived, go)
    try fleet.plan(
      """
      phase work per instance {
        run "\(wait); \(fleet.note("work $(cat name)"))" as work
      }
      barrier across instance
      phase check { script check }
      """
    )
    for number in 0..<3 { try rig.sandbox.write("vm\(number)/name", "\(number)\n") }
    let run = try fleet.start(TestFleet.run() + ["--reconnect", "300ms"])
    _ = try arrived.lines(3)
    try rig.shells.refuseLogins(2)
    for client in rig.clients(1) { kill(client, SIGKILL) }
    try run.waitFor("web/1 is given up")
    try go.release(3)
    let finished = try run.finish().expect(1)
    finished.prints("web/1", "not started because of it")
    finished.complains("in doubt is what still runs on web/1 (root@vm2)")
    #expect(fleet.order.filter { $0.hasPrefix("check") }.sorted() == ["check 0", "check 2"])
    try rig.fleet.lockstep(TestFleet.resume()).expect(3).complains("web/1 (root@vm2)")
    #expect(fleet.order.filter { $0.hasPrefix("work") }.sorted() == ["work 0", "work 1", "work 2"])
  }

  @Test func loginShellThatPrintsIsNamed() throws {
    let rig = try Rig(2)
    try rig.sandbox.write("home2/.bashrc", "echo Have a nice day\n")
    try rig.fleet.plan("phase check { script check }")
    let refused = try rig.fleet.lockstep(TestFleet.run()).expect(3)
    refused.complains(
      "web/1 (root@vm2)",
      "it printed 'Have a nice day' where lockstep should answer",
      "~/.bashrc",
      "nothing was started"
    )
    #expect(rig.fleet.order.isEmpty)
    rig.expectNothingLeft()
  }

  /// Nobody is asked whether a new host key is good.
  @Test func unknownHostKeyIsNoQuestion() throws {
    let rig = try Rig(2)
    let known = rig.sandbox.lines("ssh/known_hosts")
    try rig.sandbox.write("ssh/known_hosts", known[0] + "\n")
    try rig.fleet.plan("phase check { script check }")
    try rig.fleet.lockstep(TestFleet.run()).expect(3).complains(
      "web/1 (root@vm2)",
      "Host key verification failed. (exit status 255)",
      "see whether this connects without a question: ssh -F",
      "-o BatchMode=yes"
    )
    #expect(rig.fleet.order.isEmpty)
    rig.expectNothingLeft()
  }
}
