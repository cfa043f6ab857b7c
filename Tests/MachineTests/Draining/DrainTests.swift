import CLinux
@testable import Clock
import Execution
import Glibc
@testable import Machine
import PlanGraph
@testable import System
import Testing

/// Real drain scripts, asked as BOSH's agent asks them.
@Suite(.serialized) struct DrainTests {
  /// The result of a drain.
  private struct Drained {
    var result: AttemptResult?
    var remarks: [Remark]
    var texts: [String] { remarks.map(\.text) }
  }

  private static let standard = ["job_shutdown", "hash_unchanged"]

  /// Runs `bin/drain` of release job `a`.
  ///
  /// `whenWaiting` is asked for actions every few milliseconds once the drain has said something.
  private func drain(
    _ vm: TemporaryVM,
    _ body: String,
    arguments: [String] = standard,
    environment: [(String, String)] = [],
    whenWaiting: ((NodeID) -> [Action])? = nil
  ) throws -> Drained {
    vm.script("a", "drain", body)
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(.drain(arguments), on: "a", environment: environment)
    let run = FlatRun([node])
    let machine = try LiveMachine(
      graph: plan.graph,
      vms: [plan.instance: vm.open()],
      supervisor: .ctl
    )
    if let whenWaiting {
      let timer = TimerID.timeout(node)
      run.whenStarted = { _ in [.arm(timer, at: .now)] }
      run.whenFired = { _ in
        run.remarks.isEmpty && vm.read("ready") == nil
          ? [.arm(timer, at: .now + .milliseconds(5))] : whenWaiting(node)
      }
    }
    try machine.drive(run)
    return Drained(result: run.results[node], remarks: run.remarks)
  }

  @Test("BOSH 6.3: its arguments are what changes and the packages")
  func arguments() throws {
    let vm = TemporaryVM()
    let drained = try drain(
      vm,
      "echo \"$0 $@\" >&2; echo 0",
      arguments: ["job_changed", "hash_new", "nginx", "ruby"]
    )
    #expect(drained.result == .exited(0) && drained.remarks.isEmpty)
    #expect(
      vm.lines("sys/log/a/drain.stderr.log")
        == ["\(vm.at("jobs/a/bin/drain")) job_changed hash_new nginx ruby"]
    )
  }

  @Test("BOSH 6.4: BOSH_JOB_STATE always, BOSH_JOB_NEXT_STATE where there is one")
  func states() throws {
    let show = "env | grep BOSH_ | sort >&2; echo 0"
    let vm = TemporaryVM()
    #expect(try drain(vm, show).result == .exited(0))
    _ = try drain(vm, show, environment: [("BOSH_JOB_NEXT_STATE", "")])
    _ = try drain(
      vm,
      show,
      environment: [
        ("BOSH_JOB_STATE", "{\"persistent_disk\":10}"),
        ("BOSH_JOB_NEXT_STATE", "{\"persistent_disk\":20}"),
      ]
    )
    #expect(
      vm.lines("sys/log/a/drain.stderr.log") == [
        "BOSH_JOB_STATE={\"persistent_disk\":0}", "BOSH_JOB_STATE={\"persistent_disk\":0}",
        "BOSH_JOB_NEXT_STATE={\"persistent_disk\":20}", "BOSH_JOB_STATE={\"persistent_disk\":10}",
      ]
    )
  }

  @Test(
    "BOSH 6.4: the state has the persistent disk of bosh/spec.json, unless the plan says another one"
  )
  func diskOfTheSpec() throws {
    let show = "env | grep BOSH_ >&2; echo 0"
    let vm = TemporaryVM()
    vm.write(
      "bosh/spec.json",
      "{\"persistent_disk\":10240,\"job\":{\"templates\":[{\"name\":\"a\"}]},"
        + "\"rendered_templates_archive\":{}}"
    )
    #expect(try drain(vm, show).result == .exited(0))
    _ = try drain(vm, show, environment: [("BOSH_JOB_STATE", "{\"persistent_disk\":null}")])
    _ = try drain(vm, show, environment: [("BOSH_JOB_STATE", "{\"persistent_disk\":7}")])
    #expect(
      vm.lines("sys/log/a/drain.stderr.log") == [
        "BOSH_JOB_STATE={\"persistent_disk\":10240}", "BOSH_JOB_STATE={\"persistent_disk\":10240}",
        "BOSH_JOB_STATE={\"persistent_disk\":7}",
      ]
    )
  }

  @Test("BOSH 6.5: a negative reply of drain sleeps and asks again")
  func dynamic() throws {
    let vm = TemporaryVM()
    let drained = try drain(
      vm,
      """
      echo "$# $1 $2 ${BOSH_JOB_NEXT_STATE-none}" >&2
      case $1 in job_shutdown) echo -1 ;; *) echo 0 ;; esac
      """,
      arguments: Self.standard + ["ruby"],
      environment: [("BOSH_JOB_NEXT_STATE", "{}")]
    )
    #expect(drained.result == .exited(0))
    #expect(
      vm.lines("sys/log/a/drain.stderr.log")
        == ["3 job_shutdown hash_unchanged {}", "2 job_check_status hash_unchanged none"]
    )
    #expect(vm.lines("sys/log/a/drain.stdout.log") == ["-1", "0"])
    #expect(drained.texts == ["not drained yet; asks again in 1s"])
  }

  @Test(
    "BOSH 6.6: a number counts more than the exit status",
    arguments: [
      ("echo 0; exit 7", "exit status 7, but its number counts, as in BOSH"),
      ("echo 0; kill -9 $$", "was ended by signal 9, but its number counts, as in BOSH"),
    ]
  )
  func numberWins(_ body: String, _ warning: String) throws {
    let drained = try drain(TemporaryVM(), body)
    #expect(drained.result == .exited(0))
    #expect(drained.remarks.map(\.kind) == [.warning] && drained.texts == [warning])
  }

  @Test(
    "BOSH 6.6: without a number it has failed",
    arguments: [
      ("exit 7", AttemptResult.exited(7)), ("kill -9 $$", .signalled(9)),
      ("exit 0", .failed("printed nothing instead of the number of seconds to wait")),
      (
        "echo oops; exit 3",
        .failed("printed 'oops' instead of the number of seconds to wait (exit status 3)")
      ),
      (
        "head -c 70000 /dev/zero; exit 0",
        .failed("printed more than 64 KiB instead of the number of seconds to wait")
      ),
      (
        "while echo 0 2>&-; do :; done",
        .failed("printed more than 64 KiB instead of the number of seconds to wait")
      ),
    ]
  )
  func noNumber(_ body: String, _ result: AttemptResult) throws {
    let vm = TemporaryVM()
    #expect(try drain(vm, body).result == result)
    #expect((vm.read("sys/log/a/drain.stdout.log") ?? "").utf8.count <= 64 << 10)
  }

  @Test("BOSH 6.6, strict: a number of a script that failed does not count")
  func strict() throws {
    let vm = TemporaryVM()
    vm.script("a", "drain", "echo 0; exit 7")
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(.drain(Self.standard), on: "a")
    plan.graph.steps[StepTemplateID(0)].change { $0.isStrict = true }
    let run = FlatRun([node])
    let machine = try LiveMachine(
      graph: plan.graph,
      vms: [plan.instance: vm.open()],
      supervisor: .ctl
    )
    try machine.drive(run)
    #expect(run.results[node] == .exited(7))
    #expect(run.remarks.isEmpty)
    #expect(vm.lines("sys/log/a/drain.stdout.log") == ["0"])
  }

  @Test("BOSH 3.5: the priority of drain is not lowered")
  func priority() throws {
    let vm = TemporaryVM()
    _ = try drain(vm, "cut -d' ' -f19 /proc/self/stat >&2; echo 0")
    #expect(vm.lines("sys/log/a/drain.stderr.log") == ["\(lockstep_own_nice())"])
  }

  @Test("BOSH 6.7: a sleep is interrupted")
  func cancelledAsleep() throws {
    let drained = try drain(
      TemporaryVM(),
      "echo 100000",
      whenWaiting: { [.terminate($0)] }
    )
    #expect(drained.result == .failed("had not drained yet"))
    #expect(drained.texts.first?.hasPrefix("asked to wait ") == true)
  }

  @Test("BOSH 6.7: a script is ended, with all that belongs to it")
  func cancelledWhileRunning() throws {
    let vm = TemporaryVM()
    let drained = try drain(
      vm,
      "sleep 300 & echo $! >'\(vm.at("child"))'; echo 0; : >'\(vm.at("ready"))'; wait",
      whenWaiting: { [.terminate($0)] }
    )
    #expect(drained.result == .signalled(SIGTERM))
    let child = try #require(vm.lines("child").first.flatMap { pid_t($0) })
    #expect(ProcessStat(child)?.isDead != false)
  }

  @Test("BOSH 6.7: a script that ignores SIGTERM is killed")
  func killed() throws {
    let vm = TemporaryVM()
    let drained = try drain(
      vm,
      "trap '' TERM; : >'\(vm.at("ready"))'; while :; do sleep 300; done",
      whenWaiting: { [.terminate($0), .kill($0)] }
    )
    #expect(drained.result == .signalled(SIGKILL))
  }

  @Test func twoDrainsSleepInParallel() throws {
    let vm = TemporaryVM()
    var plan = TestGraph(releaseJobs: ["a", "b"])
    var nodes: [NodeID] = []
    for name in ["a", "b"] {
      vm.script(name, "drain", "echo 1")
      nodes.append(plan.add(.drain(Self.standard), on: name))
    }
    let run = FlatRun(nodes)
    var seen: [Int] = []
    run.whenStarted = { _ in
      seen.append(run.results.count)
      return []
    }
    try LiveMachine(graph: plan.graph, vms: [plan.instance: vm.open()], supervisor: .ctl)
      .drive(run)
    #expect(nodes.allSatisfy { run.results[$0] == .exited(0) })
    #expect(seen == [0, 0])
  }

  @Test(arguments: [
    ("#!/nowhere\n", 0o755 as mode_t, "/nowhere"), ("#!/bin/sh\necho 0\n", 0o644, "executable"),
  ])
  func scriptThatCannotStart(_ text: String, _ mode: mode_t, _ words: String) throws {
    let vm = TemporaryVM()
    vm.write("jobs/a/bin/drain", text, mode: mode)
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(.drain(Self.standard), on: "a")
    let run = FlatRun([node])
    try LiveMachine(graph: plan.graph, vms: [plan.instance: vm.open()], supervisor: .ctl)
      .drive(run)
    guard case .failed(let reason) = run.results[node] else {
      Issue.record("\(String(describing: run.results[node]))")
      return
    }
    #expect(reason.contains(words), "\(reason)")
    let problems = try Preflight.problems(
      graph: plan.graph,
      vms: [plan.instance: vm.open()]
    )
    #expect(problems.count == 1)
  }
}
