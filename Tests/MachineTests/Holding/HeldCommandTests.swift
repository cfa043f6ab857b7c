import CLinux
@testable import Clock
import Execution
import Glibc
@testable import Machine
import PlanGraph
@testable import System
import Testing

/// Steps of a run that are held.
@Suite(.serialized) struct HeldCommandTests {
  let rig: HolderRig

  init() throws { rig = try HolderRig() }

  /// Runs one `run` that is not idempotent; `act` is asked for actions each time that a timer which
  /// is always armed again a little later fires, until it is ready.
  private func run(
    _ command: Command,
    environment: [(String, String)] = [],
    folder: String = "held",
    program: String = holderProgram,
    until isReady: @escaping () -> Bool = { true },
    then act: @escaping (NodeID) -> [Action] = { _ in [] }
  ) throws -> AttemptResult? {
    var plan = TestGraph(releaseJobs: [])
    let node = plan.add(.run(command), environment: environment, isIdempotent: false)
    let machine = try LiveMachine(
      graph: plan.graph,
      vms: [plan.instance: rig.vm.open()],
      supervisor: .ctl,
      holding: HolderSettings(folder: rig.vm.at(folder), program: program)
    )
    let run = FlatRun([node])
    let timer = TimerID.timeout(node)
    run.whenStarted = { _ in [.arm(timer, at: .now)] }
    run.whenFired = { _ in
      isReady() ? act(node) : [.arm(timer, at: .now + .milliseconds(5))]
    }
    try machine.drive(run)
    return run.results[node]
  }

  /// The record of the only attempt.
  private var record: HeldCommandRecord { rig.record("0-1") }

  private func log(_ stream: String) -> [String] {
    rig.vm.lines("sys/log/lockstep/step.\(stream).log")
  }

  @Test(arguments: [
    ("exit 0", AttemptResult.exited(0), HeldCommandEnd.exited(0)),
    ("exit 3", .exited(3), .exited(3)),
    ("kill -9 $$", .signalled(9), .signalled(9)),
  ])
  func theResultIsThatOfTheRecord(_ body: String, _ result: AttemptResult, _ end: HeldCommandEnd)
    throws
  {
    #expect(try run(.shell(body)) == result)
    #expect(record.read() == .ended(end, byTimeout: false))
  }

  @Test func anIdempotentStepIsNotHeld() throws {
    var plan = TestGraph(releaseJobs: [])
    let node = plan.add(.run(.shell("exit 4")), isIdempotent: true)
    let machine = try LiveMachine(
      graph: plan.graph,
      vms: [plan.instance: rig.vm.open()],
      supervisor: .ctl,
      holding: HolderSettings(folder: rig.vm.at("held"), program: holderProgram)
    )
    let run = FlatRun([node])
    try machine.drive(run)
    #expect(run.results[node] == .exited(4))
    #expect(record.read() == .absent)
  }

  /// As `ProcessTests` expect it of a script.
  @Test func aHeldCommandRunsInTheSameEnvironmentAsOthers() throws {
    let body = """
      tr '\\0' '\\n' </proc/$$/environ
      cat /proc/self/status
      for f in 0 1 2; do readlink /proc/$$/fd/$f; done
      cat /proc/$$/stat
      pwd; umask
      """
    let result = try run(
      .shell(body),
      environment: [("LD_LIBRARY_PATH", "/no/such"), ("_", "1"), ("A", "x y=z\n_B=1")]
    )
    #expect(result == .exited(0))
    let lines = log("stdout")
    #expect(
      lines.prefix(5)
        == [
          "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LD_LIBRARY_PATH=/no/such", "_=1", "A=x y=z",
          "_B=1",
        ]
    )
    for field in ["SigBlk", "SigIgn", "SigCgt"] {
      #expect(lines.contains("\(field):\t0000000000000000"), "\(field)")
    }
    let stem = "\(rig.vm.path)/sys/log/lockstep/step"
    #expect(
      lines.suffix(6).prefix(3) == ["/dev/null", "\(stem).stdout.log", "\(stem).stderr.log"]
    )
    let fields = lines[lines.count - 3].split(separator: " ")
    #expect(fields[0] == fields[4] && fields[0] == fields[5], "it leads a group and a session")
    #expect(fields[18] == "\(min(lockstep_own_nice() + 5, 19))")
    #expect(lines.suffix(2) == [rig.vm.path, "0022"])
  }

  @Test func noOtherDescriptorIsOpen() throws {
    // 3 is the listed folder itself.
    #expect(try run(.arguments(["/bin/ls", "/proc/self/fd"])) == .exited(0))
    #expect(log("stdout") == ["0", "1", "2", "3"])
  }

  @Test func aProgramThatCannotBeStartedIsReportedAsUsual() throws {
    #expect(
      try run(.arguments(["/no/such"])) == .refused("/no/such does not exist; put it there")
    )
    rig.vm.write("file", "echo\n", mode: 0o644)
    let path = rig.vm.at("file")
    try #require(unlink(record.path) == 0)
    #expect(
      try run(.arguments([path])) == .refused("\(path) is not executable; chmod 0750 it")
    )
  }

  @Test func withoutARecordNothingIsRun() throws {
    let result = try run(.shell("echo ran"), folder: "absent")
    let path = rig.vm.at("absent/0-1.held")
    #expect(
      result
        == .refused("nothing was run: \(path) cannot be written: No such file or directory")
    )
    #expect(log("stdout") == [])
  }

  @Test func terminatePassesOn() throws {
    let result = try run(
      .shell("sleep 1000 & echo $! >pids; trap 'exit 9' TERM; echo $$ >>pids; wait"),
      until: { [rig] in rig.processes("pids").count == 2 },
      then: { [.terminate($0)] }
    )
    #expect(result == .exited(9))
    #expect(rig.processes("pids").filter(isAlive) == [])
  }

  @Test func killEndsWhatIgnoresTerm() throws {
    let result = try run(
      .shell(
        """
        trap '' TERM
        setsid sh -c 'echo $$ >daemon; exec sleep 1000' &
        sh -c 'echo $$ >>pids; while :; do sleep 0.01; done' &
        until [ -s pids ] && [ -s daemon ]; do sleep 0.01; done
        echo $$ >>pids
        while :; do sleep 0.01; done
        """
      ),
      until: { [rig] in rig.processes("pids").count == 2 },
      then: { [.terminate($0), .kill($0)] }
    )
    #expect(result == .signalled(SIGKILL))
    #expect(rig.processes("pids").filter(isAlive) == [])
    let daemon = try #require(rig.processes("daemon").first)
    // Without cgroups, a daemon escapes.
    #expect(isAlive(daemon) != (ControlGroups().take() != nil))
    kill(daemon, SIGKILL)
  }

  @Test func ifItsHolderIsKilledTheCommandIsAwaited() throws {
    let result = try run(
      .shell("echo $PPID >holder; echo $$ >main; until [ -e go ]; do sleep 0.01; done"),
      until: { [rig] in !rig.processes("main").isEmpty },
      then: { [rig] node in
        for holder in rig.processes("holder") { kill(holder, SIGKILL) }
        rig.vm.write("go", "")
        return []
      }
    )
    #expect(result == .lost)
    #expect(rig.processes("main").count == 1 && rig.processes("main").filter(isAlive) == [])
  }

  @Test func ifItsHolderIsKilledTheCommandCanStillBeEnded() throws {
    let result = try run(
      .shell("echo $PPID >holder; trap '' TERM; echo $$ >main; while :; do sleep 0.01; done"),
      until: { [rig] in !rig.processes("main").isEmpty },
      then: { [rig] node in
        for holder in rig.processes("holder") { kill(holder, SIGKILL) }
        return [.terminate(node), .kill(node)]
      }
    )
    #expect(result == .lost)
    #expect(rig.processes("main").count == 1 && rig.processes("main").filter(isAlive) == [])
  }

  /// A holder of an earlier coordinator was first: its result counts.
  @Test func anotherHolderOfTheSameAttemptIsAwaited() throws {
    let other = try rig.hold("0-1", "echo >ready; until [ -e go ]; do sleep 0.01; done; exit 8")
    #expect(eventually { rig.vm.read("ready") != nil })
    let result = try run(
      .shell("echo ran"),
      then: { [rig] _ in
        rig.vm.write("go", "")
        return []
      }
    )
    #expect(result == .exited(8))
    #expect(log("stdout") == [])
    #expect(rig.wait(other) == .exited(8))
  }

  /// A forced end does not wait, but leaves nothing.
  @Test func abandoningKillsTheCommand() throws {
    var plan = TestGraph(releaseJobs: [])
    let node = plan.add(
      .run(.shell("trap '' TERM; echo $PPID >holder; echo $$ >main; while :; do sleep 0.01; done")),
      isIdempotent: false
    )
    let machine = try LiveMachine(
      graph: plan.graph,
      vms: [plan.instance: rig.vm.open()],
      supervisor: .ctl,
      holding: HolderSettings(folder: rig.vm.at("held"), program: holderProgram)
    )
    let run = FlatRun([node])
    let timer = TimerID.timeout(node)
    run.whenStarted = { _ in [.arm(timer, at: .now)] }
    run.whenFired = { [rig] _ in
      if rig.processes("main").isEmpty { return [.arm(timer, at: .now + .milliseconds(5))] }
      pthread_kill(pthread_self(), SIGINT)
      return []
    }
    run.whenCancelled = { [.leave(.cancelled(signal: SIGINT))] }
    #expect(try machine.drive(run) == .cancelled(signal: SIGINT))
    let holder = try #require(rig.processes("holder").first)
    #expect(rig.wait(holder) == .signalled(SIGKILL))
    #expect(rig.processes("main").filter(isAlive) == [])
    #expect(record.read() == .ended(.signalled(SIGKILL), byTimeout: false))
  }
}
