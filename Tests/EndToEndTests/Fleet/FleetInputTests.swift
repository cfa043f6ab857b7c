import Glibc
import TestSupport
import Testing

/// Hosts files with mistakes, and hosts that are not fit: each is refused before anything starts, and
/// the message names the place and what to do.
@Suite(.waits) struct FleetInputTests {
  /// Two VMs with a script that would be noticed.
  private func fleet() throws -> TestFleet {
    let fleet = try TestFleet(try Sandbox(), 2)
    for vm in fleet.vms { try vm.releaseJob("app", ["work": fleet.note("started")]) }
    try fleet.plan("phase work { script work }")
    return fleet
  }

  /// Expects that the run is refused with these words.
  private func expectRefusal(
    _ fleet: TestFleet,
    _ words: [String],
    with more: [String] = [],
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let finished = try fleet.lockstep(TestFleet.run() + more, location)
    finished.expect(3, location)
    for text in words { finished.complains(text, at: location) }
    finished.complains("refused, nothing was started", at: location)
    #expect(fleet.order.isEmpty, sourceLocation: location)
    #expect(!fleet.sandbox.exists("state/runs"), sourceLocation: location)
    fleet.expectNothingLeft(ofLastRun: false, location)
  }

  @Test(arguments: [
    // The second line, its place in it, and what is said of it.
    ("web/0  other  via=env", "hosts:2:1", "a second host for 'web/0'"),
    ("# web/1 is away", "hosts:", "no host is given for 'web/1'"),
    ("web/1  host-0  vm=/same", "hosts:2:8", "'web/1' has the same host as 'web/0'"),
    ("web/1  host-1  vmm=/x", "hosts:2:16", "there is no setting 'vmm'"),
    ("web/1  -oProxyCommand=reboot", "hosts:2:8", "begins with '-'"),
    ("web/1  host-1  via='docker exec", "hosts:2:20", "a quote that is not closed"),
    ("wbe/1  host-1", "hosts:2:1", "'wbe/1'"),
  ])
  func mistakesInTheHostsFile(_ line: String, _ place: String, _ words: String) throws {
    let fleet = try fleet()
    try fleet.sandbox.write("hosts", "web/0  host-0  vm=/same\n\(line)\n")
    try expectRefusal(fleet, [place, words])
  }

  /// What a carrier does for the second host, and what is said of it.
  @Test(arguments: [
    (
      "echo 'Welcome to this machine'; exec \"$@\"",
      ["it printed 'Welcome to this machine' where lockstep should answer", "~/.bashrc"]
    ),
    (
      "echo 'ssh: connect to host: Connection refused' >&2; exit 255",
      ["ssh: connect to host: Connection refused (exit status 255)", "see whether this connects"]
    ),
    ("exit 0", ["the command that connects to it ended (exit status 0)"]),
    ("kill -9 $$", ["the command that connects to it ended (ended by SIGKILL)"]),
    (
      "printf 'lockstep-wire\\nGARBAGEGARBAGE'; exec cat > /dev/null",
      ["what it sent is not what lockstep sends: a frame of 1195463234 bytes"]
    ),
    ("printf 'lockstep-wire\\n\\0\\0\\0'", ["the command that connects to it ended"]),
    (
      "printf 'lockstep-wire\\n'; exec head -c 1073741824 /dev/zero",
      ["what it sent is not what lockstep sends: a frame's payload is empty"]
    ),
    (
      "yes | head -c 1073741824",
      ["more than 65536 bytes came before the greeting"]
    ),
    (
      "PATH=/usr/bin:/bin exec setpriv --reuid 65534 --regid 65534 --clear-groups \"$@\"",
      ["the copy of lockstep does not work there", "cannot be made, or is another user's"]
    ),
  ])
  func unfitFarEnds(_ carrier: String, _ words: [String]) throws {
    let fleet = try fleet()
    try fleet.sandbox.write(
      "carrier",
      "#!/bin/sh\nnumber=$1; shift\n[ $number = 1 ] || exec \"$@\"\n\(carrier)\n",
      mode: 0o755
    )
    try fleet.writeHosts(carrier: "\(fleet.sandbox["carrier"]) {index}")
    try expectRefusal(fleet, ["web/1 (host-1)"] + words)
  }

  @Test(.enabled(if: Rounds.isThorough, "waits for half a minute"))
  func farEndThatSaysNothing() throws {
    let fleet = try fleet()
    try fleet.writeHosts(carrier: "sleep 300;")
    try expectRefusal(fleet, ["web/0 (host-0)", "it did not answer within 30s"])
  }

  /// A far end with a `lockstep` of another protocol gets a copy, unless nothing may be copied.
  @Test func oldLockstepIsReplacedOrRefused() throws {
    let fleet = try fleet()
    let sandbox = fleet.sandbox
    try sandbox.write("old/lockstep", "#!/bin/sh\necho 0\n", mode: 0o755)
    try fleet.writeHosts(carrier: "env PATH=\(sandbox["old"]):/usr/bin:/bin")
    try expectRefusal(
      fleet,
      [
        "web/0 (host-0)", "its lockstep does not speak version 1 of the wire protocol",
        "install this version there, or allow a copy by leaving out --no-copy",
      ],
      with: ["--no-copy"]
    )
    #expect(!sandbox.exists("cache"))
    try fleet.lockstep(TestFleet.run()).expect(0)
    #expect(fleet.order == ["started", "started"])
    #expect(FileTree.mode(sandbox["cache/lockstep"]) == "700")
  }

  @Test func missingLockstepIsRefusedIfNothingMayBeCopied() throws {
    let fleet = try fleet()
    try fleet.writeHosts(carrier: "env PATH=/usr/bin:/bin")
    try expectRefusal(
      fleet,
      ["there is no lockstep in its PATH", "--no-copy"],
      with: ["--no-copy"]
    )
    #expect(!fleet.sandbox.exists("cache"))
  }

  @Test func problemsOfAllVMsAreListedBeforeTheFirstStart() throws {
    let fleet = try fleet()
    for vm in fleet.vms { unlink("\(vm.path)/jobs/app/bin/work") }
    try fleet.sandbox.write("vm0/jobs/app/bin/work", "#!/bin/sh\n", mode: 0o644)
    try fleet.sandbox.write("vm1/jobs/app/bin/work", "#!/no/such/shell\n", mode: 0o755)
    try expectRefusal(fleet, ["web/0: ", "web/1: ", "/no/such/shell"])
  }

  @Test func folderThatIsNoVMIsNamedWithTheHostsFile() throws {
    let fleet = try fleet()
    try fleet.sandbox.write(
      "hosts",
      (fleet.sandbox.text("hosts") ?? "").replacing(fleet.vms[1].path, with: "/no/such/folder")
    )
    try expectRefusal(
      fleet,
      ["web/1: /no/such/folder", "does not exist", "vm=FOLDER in the hosts file"]
    )
  }

  @Test func unreachableHostIsRefusedOrItsStepsFail() throws {
    let fleet = try fleet()
    try fleet.sandbox.write(
      "hosts",
      (fleet.sandbox.text("hosts") ?? "")
        .replacing("via='env'", with: "via='false'", maxReplacements: 1)
    )
    try expectRefusal(fleet, ["web/0 (host-0)"], with: ["--unreachable", "refuse"])
    let finished = try fleet.lockstep(TestFleet.run() + ["--unreachable", "fail"]).expect(1)
    finished.prints("failed     work  web/0/app", "ok         work  web/1/app")
    finished.complains("its steps will fail")
    #expect(!finished.err.contains("in doubt"), finished.shown)
    #expect(fleet.order == ["started"])
    // It is there again.
    try fleet.writeHosts(carrier: "env")
    fleet.expectNothingLeft()
  }

  @Test func optionsAboutHostsNeedHosts() throws {
    let fleet = try fleet()
    try fleet.lockstep(["run", "p.plan", "--via", "env"]).expect(2)
      .complains("'--via' is about hosts, and none is named")
    try fleet.lockstep(["run", "p.plan", "--hosts", "nowhere"]).expect(2)
      .complains("cannot read the hosts file 'nowhere'")
    try fleet.lockstep(TestFleet.run() + ["--unreachable", "maybe"]).expect(2)
      .complains("refuse", "fail")
    #expect(fleet.order.isEmpty)
  }
}
