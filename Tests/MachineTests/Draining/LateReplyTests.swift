import CLinux
import Execution
import Glibc
import PlanGraph
import Testing
import Words
@testable import Clock
@testable import Machine
@testable import System

/// Drain scripts whose output is still held by other processes after their main process has ended.
@Suite(.serialized) struct LateReplyTests {
  private static let standard = ["job_shutdown", "hash_unchanged"]
  /// Longer than any test waits.
  private static let never = DrainPatience(
    beforeRemark: .milliseconds(10),
    behindLine: .seconds(10_000),
    behindDigits: .seconds(10_000),
    withoutNumber: .seconds(10_000),
    most: .seconds(10_000)
  )
  private static let short = DrainPatience(
    beforeRemark: .milliseconds(1),
    behindLine: .milliseconds(20),
    behindDigits: .milliseconds(20),
    withoutNumber: .milliseconds(20),
    most: .milliseconds(40)
  )
  /// Runs in the background of a script: does something when the script's own process is gone.
  private static func later(_ command: String) -> String {
    "p=$$; (while kill -0 $p 2>&-; do :; done; \(command)) &"
  }

  /// In a script: starts a daemon that holds its output, and continues when that is a `sleep`.
  private static func daemon(_ vm: TemporaryVM) -> String {
    "sleep 300 & echo $! >'\(vm.at("child"))'; "
      + "until [ \"$(cat /proc/$!/comm)\" = sleep ]; do :; done"
  }

  /// The result of a drain, and its remarks.
  private struct Drained {
    var result: AttemptResult?
    var remarks: [Remark]
    var texts: [String] { remarks.map(\.text) }
  }

  /// Runs `bin/drain` of one release job; `whenWaiting` gives actions once it has said something.
  private func drain(
    _ vm: TemporaryVM,
    _ body: String,
    _ patience: DrainPatience,
    whenWaiting: ((NodeID) -> [Action])? = nil
  ) throws -> Drained {
    vm.write("jobs/a/bin/drain", "#!/bin/bash\n\(body)\n", mode: 0o755)
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(.drain(Self.standard), on: "a")
    let run = FlatRun([node])
    let machine = try LiveMachine(
      graph: plan.graph,
      vms: [plan.instance: vm.open()],
      supervisor: .ctl
    )
    machine.drainPatience = patience
    if let whenWaiting {
      run.whenStarted = { _ in [.arm(.timeout(node), at: .now)] }
      run.whenFired = { _ in
        run.remarks.isEmpty
          ? [.arm(.timeout(node), at: .now + .milliseconds(5))] : whenWaiting(node)
      }
    }
    try machine.drive(run)
    return Drained(result: run.results[node], remarks: run.remarks)
  }

  /// The child that a script has noted down.
  private func child(_ vm: TemporaryVM) throws -> pid_t {
    try #require(vm.lines("child").first.flatMap { pid_t($0) })
  }

  @Test(
    "BOSH 3.8: a number that comes after the script's own end counts, always",
    arguments: [1, 64],
    ["exec > >(tee -a /dev/null); echo 0", later("echo 0")]
  )
  func late(width: Int, body: String) throws {
    let vm = TemporaryVM()
    let names = (1...40).map { "job\($0)" }
    var plan = TestGraph(releaseJobs: names)
    var nodes: [NodeID] = []
    for name in names {
      vm.write("jobs/\(name)/bin/drain", "#!/bin/bash\n\(body)\n", mode: 0o755)
      nodes.append(plan.add(.drain(Self.standard), on: name))
    }
    let run = FlatRun(nodes, width: width)
    let machine = try LiveMachine(
      graph: plan.graph,
      vms: [plan.instance: vm.open()],
      supervisor: .ctl
    )
    machine.drainPatience = Self.never
    try machine.drive(run)
    #expect(nodes.allSatisfy { run.results[$0] == .exited(0) })
    for name in names { #expect(vm.lines("sys/log/\(name)/drain.stdout.log") == ["0"]) }
  }

  /// In BOSH it hangs.
  @Test("BOSH 3.8: a daemon that holds the output is awaited for a while, and reported")
  func daemon() throws {
    let vm = TemporaryVM()
    let drained = try drain(
      vm,
      "\(Self.daemon(vm)); echo 0",
      Self.short
    )
    let child = try child(vm)
    #expect(drained.result == .exited(0))
    #expect(
      drained.texts.last
        == "its number 0 counts, and sleep (pid \(child)) still holds its output; BOSH would wait for it"
    )
    #expect(drained.remarks.last?.kind == .warning)
    #expect(kill(child, SIGKILL) == 0, "it is left alone")
  }

  @Test(
    "BOSH 3.8: without a number the drain fails after a while, and names who holds the output",
    arguments: [
      ("", "printed nothing"), ("echo;", "printed nothing"), ("printf -- -;", "printed '-'"),
    ]
  )
  func boundWithoutNumber(_ print: String, _ printed: String) throws {
    let vm = TemporaryVM()
    let drained = try drain(
      vm,
      "\(print) \(Self.daemon(vm))",
      Self.short
    )
    let child = try child(vm)
    #expect(
      drained.result
        == .failed(
          "\(printed) instead of the number of seconds to wait, while sleep (pid \(child)) held its output"
        )
    )
    #expect(kill(child, SIGKILL) == 0, "it is left alone")
  }

  @Test(
    "BOSH 3.8: without a number a time limit that is shorter ends the wait, and the daemon with it"
  )
  func daemonWithoutNumber() throws {
    let vm = TemporaryVM()
    let drained = try drain(
      vm,
      Self.daemon(vm),
      Self.never,
      whenWaiting: { [.terminate($0)] }
    )
    let child = try child(vm)
    let holder = "sleep (pid \(child))"
    #expect(
      drained.texts.first
        == "has ended without a number; waits for \(holder), which holds its output"
    )
    #expect(drained.result == .failed("had not drained yet: \(holder) held its output"))
    #expect(ProcessStat(child)?.isDead != false)
  }

  @Test("BOSH 6.7: what ignores SIGTERM there is killed")
  func stubborn() throws {
    let vm = TemporaryVM()
    let drained = try drain(
      vm,
      "(trap '' TERM; echo $BASHPID >'\(vm.at("child"))'; while :; do sleep 300; done) &"
        + " while [ ! -s '\(vm.at("child"))' ]; do :; done",
      Self.never,
      whenWaiting: { [.terminate($0), .kill($0)] }
    )
    guard case .failed(let words) = drained.result else {
      Issue.record("\(String(describing: drained.result))")
      return
    }
    #expect(words.hasPrefix("had not drained yet: "))
    #expect(ProcessStat(try child(vm))?.isDead != false)
  }

  @Test("BOSH 6.5: digits that a child adds belong to the number")
  func moreDigits() throws {
    let drained = try drain(
      TemporaryVM(),
      "printf 10; \(Self.later("printf 000"))",
      DrainPatience(
        beforeRemark: .seconds(10_000),
        behindLine: .seconds(10_000),
        behindDigits: .seconds(10_000),
        withoutNumber: .seconds(10_000),
        most: .seconds(10_000)
      ),
      whenWaiting: { [.terminate($0)] }
    )
    #expect(drained.result == .failed("had not drained yet"))
    #expect(drained.texts == ["asked to wait \(Duration.seconds(10_000).forPeople), then drained"])
  }

  @Test("BOSH 6.5: a second number that a child prints invalidates both")
  func secondNumber() throws {
    let drained = try drain(TemporaryVM(), "echo 1; \(Self.later("echo 2"))", Self.never)
    #expect(
      drained.result == .failed("printed '1\\n2' instead of the number of seconds to wait")
    )
  }

  @Test(
    "Output that cannot become a number, and a script that failed without one, are not awaited",
    arguments: [
      (
        "echo oops", AttemptResult.failed("printed 'oops' instead of the number of seconds to wait")
      ),
      ("exit 7", .exited(7)),
    ]
  )
  func hopeless(_ body: String, _ result: AttemptResult) throws {
    let vm = TemporaryVM()
    let drained = try drain(
      vm,
      "\(Self.daemon(vm)); \(body)",
      Self.short
    )
    #expect(drained.result == result)
    #expect(kill(try child(vm), SIGKILL) == 0)
  }
}
