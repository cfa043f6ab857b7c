import CLinux
import Execution
import Glibc
@testable import Machine
@testable import System
import Testing

/// The holder alone, without a coordinator.
@Suite(.serialized) struct HolderTests {
  let rig: HolderRig

  init() throws { rig = try HolderRig() }

  /// How commands end, and how the record and the holder's own end show it.
  static let ends: [(String, HeldCommandEnd, AttemptResult)] = [
    ("exit 0", .exited(0), .exited(0)),
    ("exit 3", .exited(3), .exited(3)),
    ("exit 255", .exited(255), .exited(255)),
    ("kill -9 $$", .signalled(9), .signalled(9)),
    ("kill -15 $$", .signalled(15), .signalled(15)),
    ("kill -6 $$", .signalled(6), .signalled(6)),
  ]

  @Test(arguments: ends) func endsAsItsCommand(
    _ body: String,
    _ end: HeldCommandEnd,
    _ own: AttemptResult
  ) throws {
    #expect(rig.state("a") == .absent)
    let holder = try rig.hold("a", body)
    #expect(rig.wait(holder) == own)
    #expect(rig.state("a") == .ended(end, byTimeout: false))
    #expect(try namesInFolder(rig.vm.at("held")) == ["a.held"], "nothing else is left")
  }

  @Test func isRunningAsLongAsItHolds() throws {
    let holder = try rig.hold("a", "echo $$ >main; until [ -e go ]; do sleep 0.01; done")
    #expect(eventually { !rig.processes("main").isEmpty })
    #expect(rig.state("a") == .running(holder))
    rig.vm.write("go", "")
    #expect(rig.wait(holder) == .exited(0))
    #expect(rig.state("a") == .ended(.exited(0), byTimeout: false))
  }

  @Test func aSecondHolderOfTheSameNameRunsNothing() throws {
    let first = try rig.hold("a", "echo first >>ran; until [ -e go ]; do sleep 0.01; done; exit 3")
    #expect(eventually { rig.vm.read("ran") != nil })
    #expect(rig.wait(try rig.hold("a", "echo second >>ran")) == .exited(EEXIST))
    #expect(rig.state("a") == .running(first))
    rig.vm.write("go", "")
    #expect(rig.wait(first) == .exited(3))
    // Nor when the first is over.
    #expect(rig.wait(try rig.hold("a", "echo third >>ran")) == .exited(EEXIST))
    #expect(rig.state("a") == .ended(.exited(3), byTimeout: false))
    #expect(rig.vm.read("ran") == "first\n")
  }

  @Test func onlyOneOfManyAtOnceRuns() throws {
    let holders = try (0..<20).map { _ in try rig.hold("a", "echo ran >>ran") }
    let results = holders.map { rig.wait($0) }
    #expect(results.filter { $0 == .exited(0) }.count == 1)
    #expect(results.filter { $0 == .exited(EEXIST) }.count == 19)
    #expect(rig.vm.read("ran") == "ran\n")
  }

  @Test func aCommandEitherRunsOrIsWithdrawn() throws {
    for round in 0..<20 {
      let holder = try rig.hold("\(round)", "echo >ran-\(round)")
      // Somewhere on the holder's way, which takes some milliseconds.
      usleep(useconds_t(round * 1000))
      let wasWithdrawn = rig.record("\(round)").withdraw()
      #expect(rig.wait(holder) == .exited(wasWithdrawn ? EEXIST : 0))
      #expect((rig.vm.read("ran-\(round)") == nil) == wasWithdrawn)
      let state = wasWithdrawn ? HeldCommandState.absent : .ended(.exited(0), byTimeout: false)
      // A child that another test has just started holds the lock until it becomes another program.
      #expect(eventually { rig.state("\(round)") == state })
    }
  }

  @Test func aHolderKilledAtAnyMomentNeverRecordsAFalseEnd() throws {
    for round in 0..<40 {
      let name = "\(round)"
      let holder = try rig.hold(name, "echo >>ran-\(round); exit 3")
      usleep(useconds_t(round * 1000))
      kill(holder, SIGKILL)
      let result = rig.wait(holder)
      #expect(eventually { if case .running = rig.state(name) { false } else { true } })
      switch rig.state(name) {
      case .absent: #expect(rig.vm.read("ran-\(round)") == nil)
      case .ended(let end, let byTimeout):
        #expect(end == .exited(3) && !byTimeout && rig.vm.read("ran-\(round)") == "\n")
      case .lost: #expect(result == .signalled(SIGKILL))
      case .running: Issue.record("it still runs")
      }
    }
  }

  @Test func aHolderOutlivesItsCoordinator() throws {
    let script = """
      "$@" &
      echo $! >holder
      until [ -e main ]; do sleep 0.01; done
      kill -9 $$
      """
    let command = "echo $$ >main; until [ -e go ]; do sleep 0.01; done; exit 7"
    let coordinator = try rig.start(
      "/bin/sh",
      ["sh", "-c", script, holderProgram] + [holderProgram]
        + rig.arguments("a", command).dropFirst()
    )
    #expect(rig.wait(coordinator) == .signalled(SIGKILL))
    let holder = try #require(rig.processes("holder").first)
    #expect(rig.state("a") == .running(holder))
    rig.vm.write("go", "")
    #expect(eventually { rig.state("a") == .ended(.exited(7), byTimeout: false) })
  }

  /// The command of a killed holder is still reported as running; nobody records its end.
  @Test func aKilledHolderLosesTheEnd() throws {
    let holder = try rig.hold("a", "echo $$ >main; until [ -e go ]; do sleep 0.01; done")
    #expect(eventually { !rig.processes("main").isEmpty })
    let main = try #require(rig.processes("main").first)
    kill(holder, SIGKILL)
    #expect(rig.wait(holder) == .signalled(SIGKILL))
    // If it were killed between the start and the line that records it, the command would be lost
    // as well.
    #expect([.running(main), .lost].contains(rig.state("a")))
    rig.vm.write("go", "")
    #expect(eventually { !isAlive(main) })
    #expect(eventually { rig.state("a") == .lost })
  }

  @Test func endsItsCommandWhenTheTimeIsOver() throws {
    let body = "trap '' TERM; sh -c 'echo $$ >>pids; exec sleep 1000' & echo $$ >>pids; wait; wait"
    // A second is added to the timeout.
    let holder = try rig.hold("a", body, timeout: .zero, grace: .milliseconds(10))
    let result = rig.wait(holder)
    guard case .ended(let end, byTimeout: true) = rig.state("a") else {
      Issue.record("\(rig.state("a"))")
      return
    }
    // A command that did not reach its trap in time cannot ignore anything.
    let hadTime = !rig.processes("pids").isEmpty
    #expect(result == .signalled(hadTime ? SIGKILL : SIGTERM))
    #expect(end == .signalled(hadTime ? SIGKILL : SIGTERM))
    #expect(rig.processes("pids").filter(isAlive) == [])
  }

  @Test func aCommandThatObeysTheTermOfATimeoutIsNotKilled() throws {
    let holder = try rig.hold(
      "a",
      "trap 'exit 4' TERM; echo >ready; while :; do sleep 0.01; done",
      timeout: .zero,
      grace: .seconds(1000)
    )
    let result = rig.wait(holder)
    if rig.vm.read("ready") != nil {
      #expect(result == .exited(4))
      #expect(rig.state("a") == .ended(.exited(4), byTimeout: true))
    }
  }

  @Test func passesTermOn() throws {
    let holder = try rig.hold(
      "a",
      "trap 'echo heard >>heard; exit 5' TERM; echo $$ >main; while :; do sleep 0.01; done",
      grace: .seconds(1000)
    )
    #expect(eventually { !rig.processes("main").isEmpty })
    for number in [SIGINT, SIGHUP, SIGQUIT, SIGTERM] { kill(holder, number) }
    #expect(rig.wait(holder) == .exited(5))
    #expect(rig.vm.read("heard") == "heard\n")
    #expect(rig.state("a") == .ended(.exited(5), byTimeout: false))
  }

  /// A TERM whose sender is gone before it sends KILL.
  @Test func anIgnoredTermIsFollowedByKill() throws {
    let holder = try rig.hold("a", "trap '' TERM; echo $$ >main; while :; do sleep 0.01; done")
    #expect(eventually { !rig.processes("main").isEmpty })
    kill(holder, SIGTERM)
    #expect(rig.wait(holder) == .signalled(SIGKILL))
    #expect(rig.state("a") == .ended(.signalled(SIGKILL), byTimeout: false))
  }

  @Test func theKillSignalEmptiesTheSession() throws {
    let body = """
      trap '' TERM
      set -m
      sh -c "trap '' TERM; echo \\$\\$ >>pids; while :; do sleep 0.01; done" &
      sh -c "trap '' TERM; echo \\$\\$ >>pids; while :; do sleep 0.01; done" &
      echo $$ >>pids
      while :; do sleep 0.01; done
      """
    let holder = try rig.hold("a", body, grace: .seconds(1000))
    #expect(eventually { rig.processes("pids").count == 3 })
    kill(holder, SIGTERM)
    kill(holder, ChildProcess.holderKillSignal)
    #expect(rig.wait(holder) == .signalled(SIGKILL))
    #expect(rig.processes("pids").filter(isAlive) == [])
  }

  /// The end is recorded when the main process ends, and reported when its session is empty.
  @Test func aLeftBehindProcessThatIgnoresTermIsAwaited() throws {
    let body = """
      sh -c "trap '' TERM; echo \\$\\$ >follower; until [ -e go ]; do sleep 0.01; done" &
      trap 'exit 6' TERM
      until [ -e follower ]; do sleep 0.01; done
      echo $$ >main
      while :; do sleep 0.01; done
      """
    let holder = try rig.hold("a", body, grace: .seconds(1000))
    #expect(eventually { !rig.processes("main").isEmpty })
    let main = try #require(rig.processes("main").first)
    kill(holder, SIGTERM)
    #expect(eventually { rig.record("a").inspect().text?.end != nil })
    #expect(rig.state("a") == .running(holder))
    #expect(ProcessStat(main)?.isDead == true, "its zombie keeps the session's number")
    rig.vm.write("go", "")
    #expect(rig.wait(holder) == .exited(6))
    #expect(rig.state("a") == .ended(.exited(6), byTimeout: false))
  }

  @Test func aDaemonKeepsNoLock() throws {
    let holder = try rig.hold("a", "sleep 1000 & echo $! >daemon; exit 2")
    #expect(rig.wait(holder) == .exited(2))
    let daemon = try #require(rig.processes("daemon").first)
    #expect(isAlive(daemon))
    #expect(rig.state("a") == .ended(.exited(2), byTimeout: false))
    kill(daemon, SIGKILL)
  }

  @Test func aCommandThatCannotBeStarted() throws {
    let hold = HolderStart(
      program: holderProgram,
      record: rig.record("a"),
      timeout: nil,
      grace: .zero
    )
    let holder = try rig.start(
      holderProgram,
      hold.arguments(nice: 0, path: "/no/such", ["/no/such"])
    )
    #expect(rig.wait(holder) == .exited(ENOENT))
    #expect(rig.state("a") == .ended(.notStarted(ENOENT), byTimeout: false))
  }

  /// If something is missing that may be there a moment later, it tries for a while, or until it is
  /// asked to end.
  @Test func aProgramThatIsBeingWritten() throws {
    rig.vm.write("program", "#!/bin/sh\n", mode: 0o755)
    let writer = open(rig.vm.at("program"), O_WRONLY | O_CLOEXEC)
    try #require(writer >= 0)
    let hold = HolderStart(
      program: holderProgram,
      record: rig.record("a"),
      timeout: nil,
      grace: .zero
    )
    let holder = try rig.start(
      holderProgram,
      hold.arguments(nice: 0, path: rig.vm.at("program"), ["program"])
    )
    #expect(eventually { rig.state("a") != .absent })
    kill(holder, SIGTERM)
    #expect(rig.wait(holder) == .exited(ETXTBSY))
    #expect(rig.state("a") == .ended(.notStarted(ETXTBSY), byTimeout: false))
    close(writer)
  }

  @Test(arguments: ["", ".a", "a/b", "../a", "a b", String(repeating: "x", count: 500)])
  func anInvalidNameRunsNothing(_ name: String) throws {
    let result = rig.wait(try rig.hold(name, "echo ran >ran"))
    #expect(result == .exited(EINVAL) || result == .exited(ENAMETOOLONG))
    #expect(rig.vm.read("ran") == nil)
    #expect(try namesInFolder(rig.vm.at("held")) == [])
  }

  /// Here a full disk is a limit on the size of files.
  @Test func nothingIsRunIfTheRecordHasNoRoom() throws {
    // Before the holder can ignore the signal, a sanitizer has written files of its own.
    let limited = try rig.start(
      "/bin/sh",
      ["sh", "-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh", holderProgram]
        + rig.arguments("a", "echo ran >&2").dropFirst()
    )
    #expect(rig.wait(limited) == .exited(EFBIG))
    #expect(try namesInFolder(rig.vm.at("held")) == [])
    #expect(rig.vm.read("err") == "")
  }
}
