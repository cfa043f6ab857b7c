import Glibc
import TestSupport
import Testing

/// Where interrupted runs are looked for, and what does not count as one.
@Suite("Where an interrupted run is found", .waits)
struct UnfinishedPlaceTests {
  private static let again = ["run", "p.plan", "--vm", "vm"]

  @Test func runRecordedElsewhereIsFound() throws {
    let rig = try CrashRig.script()
    try rig.killed(Self.again + ["--state", "elsewhere"])
    for more in [[], ["--state", "elsewhere"], ["--state", "third"]] {
      let refused = try rig.sandbox.start(Self.again + more).finish().expect(3)
      refused.complains(
        "pre-start:vm/0/a#script-pre-start still runs",
        "--state \(rig.sandbox["elsewhere"])"
      )
    }
    let resumed = try rig.sandbox.start(["resume", "--state", "elsewhere"])
    try rig.go.release(2)
    try resumed.finish().expect(0)
    #expect(rig.vm.order == ["begin", "end", "begin", "end", "last"])
    #expect(FileTree.names("\(rig.vm.path)/data/lockstep/unfinished").isEmpty)
  }

  /// A step that can be recognised needs no record.
  @Test(arguments: UnfinishedTests.Work.allCases)
  func runWhoseRecordIsGoneIsFound(work: UnfinishedTests.Work) throws {
    let rig = try work.rig()
    try rig.killed()
    FileTree.remove("\(rig.vm.path)/data")
    // A command is only recognised by the cgroup of its coordinator.
    if work == .idempotentCommand, !CGroups.work { return }
    for command in ["run", "dry-run"] {
      try rig.sandbox.start([command] + Self.again.dropFirst()).finish()
        .expect(command == "run" ? 3 : 2)
        .complains("the run that started it is unknown here", "kill -TERM -- -")
    }
    #expect(rig.vm.order == ["begin"])
    rig.sandbox.killEverything()
    try rig.go.release()
    try rig.sandbox.start(Self.again).finish().expect(0)
  }

  @Test(arguments: UnfinishedTests.Work.allCases)
  func runWithAnUnrecordedStartIsFound(work: UnfinishedTests.Work) throws {
    let rig = try work.rig()
    try rig.killed()
    try rig.vm.rewriteJournal { $0.contains(" started ") ? nil : $0 }
    for command in ["run", "dry-run"] {
      try rig.sandbox.start([command] + Self.again.dropFirst()).finish()
        .expect(command == "run" ? 3 : 2)
        .complains("\(work.step) still runs, as process ")
    }
    let run = try #require(rig.vm.runs.last)
    let anew = try rig.sandbox.start(Self.again + ["--abandon", run])
    try anew.waitForComplaint("waiting for \(work.step)")
    try rig.go.release(2)
    try anew.finish().expect(0)
    #expect(rig.vm.order == ["begin", "end", "begin", "end", "last"])
  }

  /// Another process has the number by now.
  @Test func reusedProcessNumberIsNotAStep() throws {
    let rig = try CrashRig.script()
    try rig.killed()
    rig.sandbox.killEverything()
    let other = try RunningCommand(
      "/bin/sleep",
      ["300"],
      environment: [:],
      folder: rig.sandbox.path
    )
    try rig.vm.rewriteJournal { line in
      var words = line.split(separator: " ").map(String.init)
      guard line.contains(" started ") else { return line }
      // The start of a process is known to 10 ms, and the whole test may take less. So the recorded
      // process starts one second after the machine.
      (words[0], words[4]) = ("1.000000000", "\(other.identifier)")
      return words.joined(separator: " ")
    }
    try rig.go.release()
    try rig.sandbox.start(Self.again).finish().expect(0).complains("warning: run 20")
    try other.signal(SIGKILL)
    _ = try other.finish()
  }

  @Test func nothingRunsAfterAReboot() throws {
    let rig = try CrashRig.script()
    try rig.killed()
    let other = "00000000-0000-4000-8000-000000000000"
    try rig.vm.rewriteJournal { line in
      guard line.hasPrefix("session ") else { return line }
      let fields = line.split(separator: " ")
      return "session \"\(other)\" \(fields[2]) \(fields[3])"
    }
    rig.sandbox.killEverything()
    try rig.go.release()
    try rig.sandbox.start(Self.again).finish().expect(0).complains("warning: run 20")
    #expect(rig.vm.order == ["begin", "begin", "end", "last"])
  }

  @Test func copiedVMHasNoRunOfTheOriginal() throws {
    let rig = try CrashRig.plain()
    try rig.killed()
    let copying = try RunningCommand(
      "/bin/cp",
      ["-a", rig.vm.path, rig.sandbox["copy"]],
      environment: [:],
      folder: "/"
    )
    try copying.finish().expect(0)
    try rig.sandbox.write("other.plan", "plan other { phase x per instance { run \"true\" } }")
    let other = try rig.sandbox.lockstep("run", "other.plan", "--vm", "copy").expect(0)
    #expect(other.err.isEmpty, other.shown)
    try rig.sandbox.lockstep("run", "other.plan", "--vm", "vm").expect(3)
    // A VM that was moved keeps it.
    rig.sandbox.killEverything()
    #expect(rename(rig.vm.path, rig.sandbox["moved"]) == 0)
    try rig.sandbox.lockstep("run", "other.plan", "--vm", "moved").expect(3)
      .complains("work:vm/0#once is not idempotent, and how it ended is unknown")
  }

  @Test func damagedRecordIsReported() throws {
    let rig = try CrashRig.script()
    try rig.killed()
    rig.sandbox.killEverything()
    let run = try #require(rig.vm.runs.last)
    let name = "vm/data/lockstep/runs/\(run)/journal"
    var bytes = try #require(FileTree.bytes(rig.sandbox[name]))
    bytes[40] ^= 1
    try rig.sandbox.write(name, bytes: bytes, mode: 0o600)
    try rig.go.release()
    try rig.sandbox.start(Self.again).finish().expect(0)
      .complains("warning: run \(run) was interrupted and is not over; its journal is damaged")
  }

  // MARK: What is left on purpose

  /// A daemon with its script's logs, in its own session.
  @Test func daemonOfAScriptIsNotAStep() throws {
    let rig = try CrashRig.script()
    let daemon = "setsid sh -c 'echo > \(rig.sandbox["up"]); exec sleep 300' &"
    try rig.vm.script(
      "a",
      "pre-start",
      """
      #!/bin/sh
      \(rig.vm.note("begin"))
      \(daemon)
      while [ ! -s '\(rig.sandbox["up"])' ]; do sleep 0.01; done
      \(rig.vm.waiting(rig.arrived, rig.go))
      \(rig.vm.note("end"))

      """
    )
    try rig.killed()
    try rig.sandbox.start(Self.again).finish().expect(3)
    try rig.go.release()
    rig.sandbox.expectEnd { $0.command.contains("pre-start") }
    #expect(rig.sandbox.survivors().contains { $0.command.hasPrefix("sleep") })
    try rig.go.release()
    try rig.sandbox.start(Self.again).finish().expect(0).complains("warning: run 20")
    #expect(rig.vm.order == ["begin", "end", "begin", "end", "last"])
    #expect(rig.sandbox.survivors().count { $0.command.hasPrefix("sleep") } == 2)
  }

  /// A process that a script left behind by executing itself looks exactly like the script.
  @Test func daemonThatLooksLikeItsScriptIsNotAStep() throws {
    let rig = try CrashRig.script()
    try rig.vm.script(
      "a",
      "pre-start",
      """
      #!/bin/sh
      if [ -n "$COPY" ]; then echo > '\(rig.sandbox["up"])'; read line < '\(rig.sandbox["end"])'; fi
      COPY=1 setsid "$0" &
      while [ ! -s '\(rig.sandbox["up"])' ]; do sleep 0.01; done

      """
    )
    _ = try rig.sandbox.fifo("end")
    for _ in 0..<2 {
      let run = try rig.sandbox.start(Self.again).finish().expect(0)
      #expect(run.err.isEmpty, run.shown)
    }
    let copies = rig.sandbox.survivors().count { $0.command.contains("pre-start") }
    #expect(copies == 2)
    // The same after its run was interrupted.
    try rig.vm.script("a", "post-start", "#!/bin/sh\n\(rig.vm.waiting(rig.arrived, rig.go))\n")
    try rig.killed()
    let endWhatWaits = {
      let post = rig.sandbox.survivors().filter { $0.command.contains("post-start") }
      let refused = try rig.sandbox.start(Self.again).finish().expect(3)
      refused.complains("script-post-start still runs")
      #expect(!refused.err.contains("pre-start"), refused.shown)
      for process in post { kill(process.identifier, SIGKILL) }
      rig.sandbox.expectEnd { $0.command.contains("post-start") }
    }
    try endWhatWaits()
    // And after that was resumed and interrupted again.
    let resumed = try rig.resume()
    #expect(try rig.arrived.line() == "here")
    try resumed.crash()
    try endWhatWaits()
    try rig.go.release()
    try rig.sandbox.start(Self.again).finish().expect(0).complains("warning: run 20")
  }

  @Test func missingRecordIsReported() throws {
    let rig = try CrashRig.script()
    try rig.killed(Self.again + ["--state", "elsewhere"])
    rig.sandbox.killEverything()
    FileTree.remove(rig.sandbox["elsewhere"])
    try rig.go.release()
    try rig.sandbox.start(Self.again).finish().expect(0)
      .complains(
        "has begun and is not over, and nothing is known about it: \(rig.sandbox["elsewhere"])"
      )
  }

  @Test func daemonOfAControlProgramIsNotAStep() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    let (arrived, go) = (try sandbox.fifo("arrived"), try sandbox.fifo("go"))
    try vm.releaseJobWithDaemon("web", ["post-start": vm.waiting(arrived, go)])
    let run = ["run", "bosh-start", "--vm", "vm", "--supervisor", "ctl"]
    let first = try sandbox.start(run)
    #expect(try arrived.line() == "here")
    try first.crash()
    try sandbox.start(run).finish().expect(3).complains("script-post-start still runs")
    try go.release()
    sandbox.expectEnd { $0.command.contains("post-start") }
    #expect(vm.isUp("web"))
    try go.release()
    try sandbox.start(run).finish().expect(0).complains("warning: run 20")
    #expect(vm.order == ["start web"])
  }

  // MARK: Several VMs

  @Test func runOfSeveralVMsIsFoundFromEach() throws {
    let rig = try CrashRig.script()
    let other = try rig.sandbox.vm("other")
    try other.releaseJob("a", ["pre-start": other.note("other"), "post-start": "true"])
    try rig.sandbox.write(
      "both.plan",
      """
      plan both {
        deployment-job web { release-jobs a  instances 2 }
        phase pre-start { script pre-start }
        phase post-start { script post-start }
      }
      """
    )
    try rig.killed(["run", "both.plan", "--vm", "web/0=other", "--vm", "web/1=vm"])
    let run = try #require(other.runs.last)
    #expect(rig.vm.runs == [run])
    for vm in ["vm", "other"] {
      try rig.sandbox.lockstep("run", "p.plan", "--vm", vm).expect(3).complains(
        "pre-start:web/1/a#script-pre-start still runs",
        "    lockstep resume --vm \(other.path) \(run)\n"
      )
      try rig.sandbox.lockstep("resume", "--vm", vm, "--explain").expect(0)
        .prints("run \(run) of the plan both: it was interrupted")
    }
    let resumed = try rig.sandbox.start(["resume", "--vm", "vm"])
    try rig.go.release(2)
    try resumed.finish().expect(0).prints("succeeded")
    #expect(rig.vm.order.filter { $0 != "other" } == ["begin", "end", "begin", "end", "last"])
    // It is the last run of both, and it has ended on both.
    for vm in ["vm", "other"] {
      try rig.sandbox.lockstep("resume", "--vm", vm).expect(0).prints("nothing is left to do")
      #expect(FileTree.names(rig.sandbox["\(vm)/data/lockstep/unfinished"]).isEmpty)
    }
    try rig.go.release()
    let next = try rig.sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(0)
    #expect(next.err.isEmpty, next.shown)
    #expect(rig.vm.runs.count == 2 && rig.vm.runs[0] == run)
  }

  /// A failed run cannot be resumed while a step of another run still runs.
  @Test func resumeOfAnotherRunIsRefused() throws {
    let rig = try CrashRig.script()
    try rig.sandbox.write(
      "other.plan",
      "plan other { phase x per instance { run \"[ -e good ]\" { idempotent } } }"
    )
    try rig.sandbox.lockstep("run", "other.plan", "--vm", "vm").expect(1)
    let failed = try #require(rig.vm.runs.last)
    try rig.killed()
    try rig.resume(failed).finish().expect(3).complains("script-pre-start still runs")
    try rig.go.release()
  }
}
