import Glibc
import TestSupport
import Testing

/// The bundled plans for stopping and for errands, with real scripts and processes.
@Suite(.waits) struct StopLifecycleTests {
  /// A VM with two running daemons.
  ///
  /// `a` has every script for stopping, `b` has a drain.
  private func vm(_ sandbox: Sandbox, drain: String = "echo 0") throws -> TestVM {
    let vm = try sandbox.vm()
    try vm.releaseJobWithDaemon(
      "a",
      [
        "pre-stop": "env | grep NEXT_STATE | sort >&2; \(vm.note("pre-stop"))",
        "drain": "\(vm.note("drain")); kill -0 $(cat ../vm/sys/run/a/a.pid || cat sys/run/a/a.pid) "
          + "&& echo \"$@\" >&2; \(drain)",
        "post-stop": vm.note("post-stop"),
      ]
    )
    try vm.releaseJobWithDaemon("b", ["drain": "\(vm.note("drain")); echo 0"])
    try sandbox.write("up.plan", "plan up { phase start { start { timeout 20s } } }")
    try run(sandbox, "up.plan").expect(0)
    try sandbox.write("order", "")
    return vm
  }

  private func run(_ sandbox: Sandbox, _ arguments: String...) throws -> FinishedCommand {
    try sandbox.start(["run"] + arguments + ["--vm", "vm", "--supervisor", "ctl"]).finish()
  }

  @Test("BOSH 6.1: pre-stop, unmonitor, drain, stop, post-stop")
  func scriptsRunInOrderOnTheWayDown() throws {
    let sandbox = try Sandbox()
    let vm = try vm(sandbox)
    let finished = try run(sandbox, "bosh-stop").expect(0)
    #expect(
      vm.order.map { $0.split(separator: " ").first.map(String.init) ?? "" }
        == ["pre-stop", "drain", "drain", "stop", "stop", "post-stop"]
    )
    let words = ["pre-stop  ", "unmonitor  ", "drain  ", "stop  ", "post-stop  "]
    let places = words.map { word in
      finished.out.split(separator: "\n").firstIndex { $0.contains("begin      \(word)") } ?? -1
    }
    #expect(places == places.sorted() && !places.contains(-1), finished.shown)
    #expect(sandbox.text("vm/monit/stopped") == "")
    #expect(!vm.isUp("a") && !vm.isUp("b"))
    #expect(vm.log("a", "drain.stderr") == "job_shutdown hash_unchanged\n")
    #expect(vm.log("a", "drain.stdout") == "0\n")
  }

  @Test("BOSH 4.7: the output of drain and of an errand is in their logs")
  func logsOfDrainAndErrand() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("a", ["drain": "echo why >&2; echo 0", "run": "echo out; echo err >&2"])
    try run(sandbox, "bosh-stop").expect(0)
    #expect(vm.log("a", "drain.stdout") == "0\n" && vm.log("a", "drain.stderr") == "why\n")
    try run(sandbox, "bosh-errand", "--set", "errand=a").expect(0)
    #expect(vm.log("a", "run.stdout") == "out\n" && vm.log("a", "run.stderr") == "err\n")
  }

  @Test("BOSH 6.2: pre-stop is told the next states, keep unless something is deleted")
  func nextStates() throws {
    let sandbox = try Sandbox()
    let vm = try vm(sandbox)
    try run(sandbox, "bosh-stop", "--set", "vm-next-state=delete").expect(0)
    #expect(
      vm.log("a", "pre-stop.stderr")
        == "BOSH_DEPLOYMENT_NEXT_STATE=keep\nBOSH_INSTANCE_NEXT_STATE=keep\nBOSH_VM_NEXT_STATE=delete\n"
    )
  }

  @Test("BOSH 6.1: --skip-drain leaves out pre-stop, unmonitor and drain")
  func skipDrain() throws {
    let sandbox = try Sandbox()
    let vm = try vm(sandbox)
    try run(sandbox, "bosh-stop", "--set", "skip-drain=true").expect(0)
    #expect(vm.order.map { $0.prefix(4) } == ["stop", "stop", "post"])
  }

  @Test("BOSH 6.8: a failing drain stops nothing")
  func failingDrainStopsNothing() throws {
    let sandbox = try Sandbox()
    let vm = try vm(sandbox, drain: "echo 'no \u{1b}[2Jnumber'")
    try sandbox.write(
      "down.plan",
      "plan down { phase drain { drain { timeout 20s } } barrier across instance "
        + "phase stop per instance { stop { timeout 20s } } }"
    )
    let finished = try run(sandbox, "down.plan").expect(1)
    finished.prints(
      "no \\u{1b}[2Jnumber",
      "instead of the number of seconds to wait",
      "not started because of it"
    )
    #expect(!finished.stdout.contains(0x1B))
    #expect(vm.isUp("a") && vm.isUp("b") && !sandbox.exists("vm/monit/stopped"))
  }

  @Test("BOSH 12: the timeout of a drain covers its sleeps")
  func drainTimeoutCoversItsSleeps() throws {
    try withGrowingTimeout { timeout in
      let sandbox = try Sandbox()
      try sandbox.vm().releaseJob("a", ["drain": "echo -1000"])
      try sandbox.write("down.plan", "plan down { phase drain { drain { timeout \(timeout) } } }")
      let finished = try run(sandbox, "down.plan").expect(1)
      finished.prints("timed out")
      // The shortest timeouts may end it before it has answered.
      return ["had not drained yet", "not drained yet; asks again in 16m40s"]
        .allSatisfy(finished.out.contains)
    }
    let sandbox = try Sandbox()
    try sandbox.write("free.plan", "plan free { phase drain { drain } }")
    try sandbox.lockstep("check", "free.plan").expect(0).complains("PLAN0604", "a dynamic drain")
  }

  @Test("BOSH 6.6: a number with another exit status than 0 passes with a warning")
  func aWarning() throws {
    let sandbox = try Sandbox()
    _ = try vm(sandbox, drain: "echo 0; exit 7")
    try run(sandbox, "bosh-stop", "--quiet").expect(0)
      .prints("warning", "exit status 7, but its number counts")
  }

  @Test("BOSH 6.10: a stop that takes too long fails, and post-stop does not begin")
  func slowStopFails() throws {
    let sandbox = try Sandbox()
    let vm = try vm(sandbox)
    // Its stop program does nothing, and waits longer than the step.
    try vm.script("a", "ctl", "#!/bin/sh\nexec sleep 300\n")
    try sandbox.write(
      "down.plan",
      "plan down { phase stop per instance { stop { timeout 300ms grace 100ms } } "
        + "phase post-stop { script post-stop { timeout 20s } } }"
    )
    try run(sandbox, "down.plan").expect(1).prints("timed out", "'a'")
    #expect(vm.isUp("a") && !vm.order.contains("post-stop"))
    #expect(!sandbox.exists("vm/monit/stopped"))
  }

  @Test func interruptedDrainRunsAgain() throws {
    let sandbox = try Sandbox()
    let arrived = try sandbox.fifo("arrived")
    let vm = try sandbox.vm()
    try vm.releaseJob(
      "a",
      [
        "drain": "\(vm.note("drain")); [ -e '\(sandbox["go"])' ] || "
          + "{ echo here >'\(arrived.path)'; sleep 300; }; echo 0"
      ]
    )
    try sandbox.write("down.plan", "plan down { phase drain { drain { timeout 1h } } }")
    let run = try sandbox.start(["run", "down.plan", "--vm", "vm"])
    _ = try arrived.line()
    try run.signal(SIGINT)
    try run.finish().expect(130)
    try sandbox.write("go", "")
    try sandbox.lockstep("resume", "--vm", "vm").expect(0)
    #expect(vm.order == ["drain", "drain"])
    sandbox.expectNoSurvivors()
  }

  @Test func restartStopsAndStarts() throws {
    let sandbox = try Sandbox()
    let vm = try vm(sandbox)
    let pid = vm.pid("a")
    // Not bosh-restart itself, because its processes must settle for ten seconds.
    try sandbox.lockstep("dry-run", "bosh-restart", "--vm", "vm").expect(0)
      .prints("phase post-stop of vm", "phase start of vm", "settle 10s")
    try sandbox.write(
      "restart.plan",
      "plan restart { include bosh-stop phase start { start { timeout 20s } } }"
    )
    try run(sandbox, "restart.plan").expect(0)
    #expect(vm.isUp("a") && vm.pid("a") != pid && !sandbox.exists("vm/monit/stopped"))
    try run(sandbox, "bosh-stop").expect(0)
  }

  @Test("BOSH 11: an errand is bin/run, without arguments")
  func errands() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    for name in ["smoke", "load", "other"] {
      try vm.releaseJob(name, ["run": "echo \"\(name) $#\" >> '\(sandbox["order"])'; exit 0"])
    }
    try sandbox.lockstep("run", "bosh-errand", "--vm", "vm").expect(2)
      .complains("param 'errand' needs a value")
    try sandbox.lockstep("run", "bosh-errand", "--vm", "vm", "--set", "errand=smok").expect(2)
      .complains("no release job 'smok' on this machine")
    // A release job without bin/run is not an errand, even if others are.
    try vm.releaseJob("web", ["pre-start": "true"])
    for names in ["web", "smoke,web"] {
      try sandbox.lockstep("run", "bosh-errand", "--vm", "vm", "--set", "errand=\(names)").expect(2)
        .complains("param 'errand' names 'web', which phase 'errand' cannot run on")
    }
    #expect(vm.order.isEmpty)
    try run(sandbox, "bosh-errand", "--set", "errand=smoke").expect(0)
    #expect(vm.order == ["smoke 0"])
    try run(sandbox, "bosh-errand", "--set", "errand=load, other").expect(0)
    #expect(vm.order.dropFirst().sorted() == ["load 0", "other 0"])
  }

  @Test("A warning names a release job that the plan lists but no step uses")
  func idleNames() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    for name in ["smoke", "load"] { try vm.releaseJob(name, ["warm": vm.note(name)]) }
    try vm.releaseJob("other", ["run": "true"])
    let text = { (names: String) in
      "plan p { phase warm for \(names) { script warm { timeout 1m } } }"
    }
    try sandbox.write("p.plan", text("smoke, other"))
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(0)
      .complains("warning PLAN0601", "phase 'warm' names 'other', and has nothing to do there")
    #expect(vm.order == ["smoke"])
    try sandbox.write("p.plan", text("smoke, load"))
    #expect(try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(0).err == "")
  }

  @Test("BOSH 11: the exit status of an errand is reported, and nothing runs it again")
  func failedErrandIsNotRunAgain() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("smoke", ["run": "\(vm.note("run")); echo broken >&2; exit 3"])
    try run(sandbox, "bosh-errand", "--set", "errand=smoke").expect(1)
      .prints("exit status 3", "broken")
    #expect(vm.order == ["run"])
  }

  @Test func systemctlCanBeReplaced() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("a")
    try sandbox.write("vm/jobs/a/systemd", "web # the page\n")
    try sandbox.write(
      "systemctl",
      """
      #!/bin/sh
      echo "$@" >> '\(sandbox["order"])'
      [ "$2" != show ] || printf 'Id=web.service\\nActiveState=active\\nMainPID=7\\n'
      """,
      mode: 0o755
    )
    try sandbox.write("up.plan", "plan up { phase start { start { timeout 20s } } }")
    let choice = "systemd=\(sandbox["systemctl"])"
    try sandbox.lockstep("run", "up.plan", "--vm", "vm", "--supervisor", choice).expect(0)
    // It is asked about the unit before and after the start.
    let kinds = vm.order.compactMap { $0.split(separator: " ").first { !$0.hasPrefix("-") } }
    #expect(kinds == ["show", "start", "show"], "\(vm.order)")
    #expect(vm.order.contains("--no-ask-password start -- web.service"))
    if access("/run/systemd/system", F_OK) != 0 {
      try sandbox.lockstep("run", "up.plan", "--vm", "vm", "--supervisor", "systemd").expect(3)
        .complains("systemd did not boot this machine")
    }
    // No other supervisor can start units, and that is known beforehand.
    try sandbox.lockstep("run", "up.plan", "--vm", "vm", "--supervisor", "ctl").expect(3)
      .complains("--supervisor systemd")
  }
}
