import Glibc
import TestSupport
import Testing

/// What commands say of a run on several hosts, and what they keep to themselves.
@Suite(.waits) struct FleetTalkTests {
  /// Three VMs; the post-start of `web/1` fails until there is a file `mended`.
  private func failing() throws -> TestFleet {
    let sandbox = try Sandbox()
    let fleet = try TestFleet(sandbox, 3)
    for (number, vm) in fleet.vms.enumerated() {
      let fail = "[ -e '\(sandbox["mended"])' ] || { echo the disk is odd >&2; exit 3; }"
      try vm.releaseJob(
        "app",
        [
          "pre-start": fleet.note("pre \(number)"),
          "post-start": "\(fleet.note("post \(number)")); \(number == 1 ? fail : ":")",
        ]
      )
    }
    try fleet.plan(
      """
      phase pre-start { script pre-start }
      barrier across deployment
      phase post-start { script post-start }
      """
    )
    return fleet
  }

  @Test func failureReportHasTheLastLinesOfTheFarLog() throws {
    let fleet = try failing()
    let finished = try fleet.lockstep(TestFleet.run()).expect(1)
    finished.prints(
      "post-start:web/1/app\n    exit status 3\n",
      "| the disk is odd\n",
      "web/1: \(fleet.vms[1].logPath("app", "post-start.stderr"))",
      "lockstep resume --state \(fleet.sandbox["state"])"
    )
    fleet.expectNothingLeft()
  }

  @Test func resumeRunsOnlyWhatIsLeft() throws {
    let fleet = try failing()
    try fleet.lockstep(TestFleet.run()).expect(1)
    let order = fleet.order
    try fleet.lockstep(TestFleet.resume("--explain")).expect(0)
      .prints("run     post-start:web/1/app", "1 to run, 5 to keep as they are")
    #expect(fleet.order == order)
    try fleet.sandbox.write("mended", "")
    try fleet.lockstep(TestFleet.resume()).expect(0)
    #expect(fleet.order == order + ["post 1"])
    try fleet.lockstep(TestFleet.resume()).expect(0).prints("nothing is left to do")
    try fleet.lockstep(["audit", "--state", "state"]).expect(0).prints("all rules were kept")
    fleet.expectNothingLeft()
  }

  @Test func changedScriptOfOneHostIsNoticed() throws {
    let fleet = try failing()
    try fleet.lockstep(TestFleet.run()).expect(1)
    try fleet.sandbox.write("mended", "")
    try fleet.vms[2].releaseJob("app", ["pre-start": fleet.note("new pre 2")])
    let order = fleet.order
    try fleet.lockstep(TestFleet.resume()).expect(3)
      .complains("pre-start:web/2/app#script-pre-start: its script has changed", "--accept-changes")
    #expect(fleet.order == order)
    try fleet.lockstep(TestFleet.resume("--accept-changes")).expect(0)
    #expect(fleet.order.dropFirst(order.count).first == "new pre 2")
    fleet.expectNothingLeft()
  }

  @Test func dryRunStartsAndWritesNothing() throws {
    let fleet = try failing()
    let before = FileTree.listing(fleet.sandbox.path)
    for more in [[], ["--format", "json"], ["--format", "html"], ["--what-if", "none"]] {
      let shown = try fleet.start(
        ["dry-run", "p.plan", "--hosts", "hosts", "--state", "state"] + more
      ).finish().expect(0)
      if more == [] { shown.prints("plan p", "6 steps", "web/2/app") }
    }
    try fleet.lockstep(["check", "p.plan"]).expect(0)
    FileTree.expectUnchanged(fleet.sandbox.path, since: before)
    #expect(fleet.order.isEmpty)
    fleet.expectNothingLeft()
  }

  @Test func whatIfRehearsesTheRunOnAllHosts() throws {
    let fleet = try failing()
    let arguments = ["dry-run", "p.plan", "--hosts", "hosts", "--state", "state", "--what-if"]
    try fleet.lockstep(arguments + ["pre-start:web/2/app=exit 5"]).expect(0).prints(
      "failed     pre-start   web/2/app  exit status 5",
      "the run's exit status would be 1",
      "run     pre-start:web/2/app#script-pre-start"
    )
    #expect(fleet.order.isEmpty)
  }

  @Test func hostsAreShownToPeopleAndPrograms() throws {
    let fleet = try failing()
    let before = FileTree.listing(fleet.sandbox.path)
    try fleet.lockstep(["hosts", "--hosts", "hosts"]).expect(0)
      .prints("instance  host", "web/0     host-0", "web/2     host-2", "  same   ", "  app\n")
    let json = try fleet.lockstep(["hosts", "--hosts", "hosts", "--format", "json"]).expect(0)
    json.prints(
      "{\"version\":1,\"hosts\":[{\"instance\":\"web/0\",\"host\":\"host-0\",\"reached\":true",
      "\"folder\":\"\(fleet.vms[1].path)\",\"release_jobs\":[\"app\"]"
    )
    FileTree.expectUnchanged(fleet.sandbox.path, since: before)
    // A host that is not reached is in the table, too.
    try fleet.sandbox.write(
      "hosts",
      (fleet.sandbox.text("hosts") ?? "").replacing(
        "via='env'",
        with: "via='false'",
        maxReplacements: 1
      )
    )
    try fleet.lockstep(["hosts", "--hosts", "hosts"]).expect(3)
      .prints(
        "web/0     host-0  -",
        "not reached",
        "web/0 (host-0): the command that connects to it ended (exit status 1)"
      )
    fleet.expectNothingLeft()
  }

  @Test func hostsComeFromTheBOSHCommandLine() throws {
    let sandbox = try Sandbox()
    let fleet = try TestFleet(sandbox, 2)
    let rows = fleet.vms.indices.map { number in
      "{\"instance\":\"web/0f3a-\(number)\",\"index\":\"\(number)\",\"ips\":\"127.0.0.\(number + 2)\"}"
    }
    let document =
      "{\"Tables\":[{\"Content\":\"instances\",\"Header\":{\"instance\":\"Instance\"},"
      + "\"Rows\":[\(rows.joined(separator: ","))]}],\"Blocks\":null,\"Lines\":[]}"
    // The carrier goes to the folder that its host's address names.
    try sandbox.write(
      "carrier",
      """
      #!/bin/sh
      number=$((${1##*.} - 2))
      echo "$1 $2" >> carried
      shift 2
      exec "$@"

      """,
      mode: 0o755
    )
    try fleet.plan(
      "phase work per instance { run \"\(fleet.note("\\(instance.index)"))\" as work }"
    )
    let via = ["--via", "\(sandbox["carrier"]) {host} {instance}"]
    let hosts = try fleet.lockstep(
      ["hosts", "--hosts", "-"] + via,
      input: .text(document)
    )
    hosts.prints("web/0     127.0.0.2", "web/1     127.0.0.3")
    #expect(
      sandbox.lines("carried").sorted() == ["127.0.0.2 web/0f3a-0", "127.0.0.3 web/0f3a-1"]
    )
  }

  @Test func secretsReachOnlyTheSteps() throws {
    let sandbox = try Sandbox()
    let fleet = try TestFleet(sandbox, 2)
    let value = "s3cr3t-of-ours"
    let (arrived, go) = (try sandbox.fifo("arrived"), try sandbox.fifo("go"))
    for vm in fleet.vms {
      try vm.releaseJob("app", ["work": "[ ${#TOKEN} = 14 ] && \(vm.waiting(arrived, go))"])
    }
    try fleet.plan(
      """
      param token secret
      phase work {
        env TOKEN = "\\(token)"
        script work
      }
      phase once per instance {
        env TOKEN = "\\(token)"
        run "set -- $TOKEN; [ ${#1} = 14 ] && \(fleet.vms[0].waiting(arrived, go))" as once
      }
      """
    )
    try sandbox.write("token", value + "\n", mode: 0o600)
    let run = try fleet.start(TestFleet.run() + ["--set-file", "token=token"])
    for _ in 0..<2 {
      _ = try arrived.lines(2)
      let processes = sandbox.survivors()
      // The coordinator, and a far end and a script on each host.
      #expect(processes.count >= 5)
      for process in processes { #expect(!process.command.contains("s3cr3t"), "\(process)") }
      expectNoTrace(of: "s3cr3t", in: sandbox, but: "token")
      try go.release(2)
    }
    let finished = try run.finish().expect(0)
    #expect(!(finished.out + finished.err).contains("s3cr3t"))
    expectNoTrace(of: "s3cr3t", in: sandbox, but: "token")
    fleet.expectNothingLeft()
  }

  /// Looks through all files of a sandbox, except those that are not ours and the pipes.
  private func expectNoTrace(
    of text: String,
    in sandbox: Sandbox,
    but given: String,
    _ location: SourceLocation = #_sourceLocation
  ) {
    for path in FileTree.paths(sandbox.path) where path != given && path != "bin/lockstep" {
      guard let status = FileTree.status(sandbox[path]), status.st_mode & S_IFMT == S_IFREG else {
        continue
      }
      let bytes = FileTree.bytes(sandbox[path]) ?? []
      #expect(
        bytes.firstRange(of: Array(text.utf8)) == nil,
        "\(path)",
        sourceLocation: location
      )
    }
  }
}
