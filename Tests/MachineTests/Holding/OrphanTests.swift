import CLinux
@testable import Clock
import Execution
import Glibc
@testable import Machine
import PlanGraph
@testable import System
import Testing

/// Processes that an earlier coordinator started.
@Suite(.serialized) struct OrphanTests {
  let rig: HolderRig

  init() throws { rig = try HolderRig() }

  /// A process of the root's, and its start as a coordinator records it.
  private func start(_ body: String) throws -> (process: pid_t, start: RecordedStart) {
    let asked = Instant.now
    let process = try rig.start("/bin/sh", ["sh", "-c", body])
    var start = RecordedStart(boot: try #require(bootIdentifier()), asked: asked, process: nil)
    start.process = .init(process, recorded: .now)
    return (process, start)
  }

  // MARK: Telling it from others

  @Test func isAliveUntilItIsOver() throws {
    let (process, start) = try start("until [ -e go ]; do sleep 0.01; done")
    #expect(start.isAlive)
    rig.vm.write("go", "")
    // Nobody has waited for it: it is a zombie first.
    #expect(eventually { ProcessStat(process)?.isDead == true })
    #expect(!start.isAlive)
    #expect(rig.wait(process) == .exited(0))
    #expect(!start.isAlive)
  }

  @Test func aProcessOfAnotherBootIsGone() throws {
    var (process, start) = try start("exec sleep 1000")
    #expect(start.isAlive)
    start.boot = "00000000-0000-0000-0000-000000000000"
    #expect(!start.isAlive)
    kill(process, SIGKILL)
    _ = rig.wait(process)
  }

  /// The same number at another time: before the start was asked for, or after it was recorded.
  @Test func anotherProcessOfTheSameNumberIsNotMistaken() throws {
    let (process, start) = try start("exec sleep 1000")
    #expect(start.isAlive)
    var later = start
    later.asked = start.asked + .seconds(1)
    later.process?.recorded = start.asked + .seconds(1)
    #expect(!later.isAlive)
    var earlier = start
    earlier.asked = start.asked + .seconds(-2)
    earlier.process?.recorded = start.asked + .seconds(-1)
    #expect(!earlier.isAlive)
    kill(process, SIGKILL)
    _ = rig.wait(process)
  }

  /// Every process that a coordinator starts leads a session.
  @Test func aLeftBehindProcessIsNotTakenForTheCommand() throws {
    let (process, start) = try start("sleep 1000 & echo $! >follower; wait")
    #expect(eventually { !rig.processes("follower").isEmpty })
    let follower = try #require(rig.processes("follower").first)
    var other = start
    other.process = .init(follower, recorded: .now)
    #expect(isAlive(follower) && !other.isAlive)
    kill(-process, SIGKILL)
    _ = rig.wait(process)
  }

  // MARK: Finding one that was not recorded

  private func search(_ program: OrphanSearch.Program, logs: [String] = []) -> OrphanSearch {
    OrphanSearch(program: program, logs: logs)
  }

  @Test func isFoundByItsScript() throws {
    let path = rig.vm.at("jobs/a/bin/pre-start")
    rig.vm.script("a", "pre-start", "until [ -e go ]; do sleep 0.01; done")
    let asked = Instant.now
    let process = try rig.start(path, [path])
    var start = RecordedStart(boot: try #require(bootIdentifier()), asked: asked, process: nil)
    #expect(search(.script(path)).find(start)?.process == process)
    #expect(search(.script(path + "x")).find(start) == nil)
    start.asked = .now + .seconds(1)
    #expect(search(.script(path)).find(start) == nil, "it is older than the request")
    start.asked = asked
    start.boot = "00000000-0000-0000-0000-000000000000"
    #expect(search(.script(path)).find(start) == nil, "of another boot")
    start.boot = try #require(bootIdentifier())
    rig.vm.write("go", "")
    #expect(eventually { ProcessStat(process)?.isDead == true })
    #expect(search(.script(path)).find(start) == nil, "it is over")
    _ = rig.wait(process)
  }

  @Test func isFoundByItsVector() throws {
    let name = rig.vm.path
    let asked = Instant.now
    let process = try rig.start("/bin/sh", ["sh", "-c", "sleep 1000; :", name, ""])
    let start = RecordedStart(boot: try #require(bootIdentifier()), asked: asked, process: nil)
    func found(_ vector: [String]) -> pid_t? { search(.command(vector)).find(start)?.process }
    #expect(found(["sh", "-c", "sleep 1000; :", name, ""]) == process)
    #expect(found(["sh", "-c", "sleep 1000; :", name]) == nil)
    #expect(found(["sh", "-c", "sleep 1000; :", name, "", ""]) == nil)
    #expect(found(["sh", "-c", "sleep 1000; :", name + "x", ""]) == nil)
    kill(-process, SIGKILL)
    _ = rig.wait(process)
  }

  /// A script that has become another program.
  @Test func isFoundByItsLogs() throws {
    let asked = Instant.now
    let process = try rig.start("/bin/sleep", ["anything", "1000"])
    let start = RecordedStart(boot: try #require(bootIdentifier()), asked: asked, process: nil)
    for log in ["out", "err"] {
      let search = search(.script("/no/such"), logs: [rig.vm.at(log)])
      #expect(search.find(start)?.process == process)
    }
    #expect(search(.script("/no/such"), logs: [rig.vm.at("other")]).find(start) == nil)
    kill(process, SIGKILL)
    _ = rig.wait(process)
  }

  /// A daemon that the step left behind writes to the same logs.
  @Test func goesBeforeItsDaemon() throws {
    let path = rig.vm.at("jobs/a/bin/pre-start")
    rig.vm.script(
      "a",
      "pre-start",
      "[ \"$1\" ] && exec sleep 1000; echo >ready; until [ -e go ]; do sleep 0.01; done"
    )
    let asked = Instant.now
    let daemon = try rig.start("/bin/sleep", ["sleep", "1000"])
    let process = try rig.start(path, [path])
    let start = RecordedStart(boot: try #require(bootIdentifier()), asked: asked, process: nil)
    let search = search(.script(path), logs: [rig.vm.at("out")])
    #expect(search.find(start)?.process == process)
    for number in [daemon, process] {
      kill(-number, SIGKILL)
      _ = rig.wait(number)
    }
  }

  // MARK: Continuing it

  /// Continues an attempt until it is over, and returns what was reported.
  ///
  /// `act` is asked for actions once the attempt has begun.
  private func recover(
    _ action: StepAction,
    _ start: RecordedStart,
    on releaseJob: String? = nil,
    isIdempotent: Bool = true,
    then act: @escaping (NodeID) -> [Action] = { _ in [] }
  ) throws -> [Event] {
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(action, on: releaseJob, isIdempotent: isIdempotent)
    let machine = try LiveMachine(
      graph: plan.graph,
      vms: [plan.instance: rig.vm.open()],
      supervisor: .ctl,
      holding: HolderSettings(folder: rig.vm.at("held"), program: holderProgram),
      recorded: [node: start]
    )
    var told: [Event] = []
    try machine.drive { event in
      let timer = TimerID.timeout(node)
      if event == .began { return [.recover(node, attempt: 1), .arm(timer, at: .now)] }
      if event == .fired(timer) { return act(node) }
      told.append(event)
      if case .ended = event { return [.finish(.succeeded)] }
      return []
    }
    return told
  }

  private static let node = NodeID(0)
  private static let lost = Event.ended(node, attempt: 1, .lost)

  @Test func anOrphanThatIsOverIsLost() throws {
    let (process, start) = try start("exit 0")
    _ = rig.wait(process)
    #expect(try recover(.script("pre-start"), start, on: "a") == [Self.lost])
  }

  @Test func aRunningOrphanIsAwaited() throws {
    let (process, start) = try start(
      "until [ -e go ]; do sleep 0.01; done; sleep 1000 & echo $! >d"
    )
    let told = try recover(.script("pre-start"), start, on: "a") { [rig] _ in
      #expect(isAlive(process))
      rig.vm.write("go", "")
      return []
    }
    #expect(told == [Self.lost])
    #expect(!isAlive(process))
    let daemon = try #require(rig.processes("d").first)
    #expect(isAlive(daemon), "what it leaves behind is left alone")
    kill(daemon, SIGKILL)
    _ = rig.wait(process)
  }

  @Test func anUnrecordedOrphanIsFoundAndReported() throws {
    rig.vm.script("a", "pre-start", "until [ -e go ]; do sleep 0.01; done")
    let path = rig.vm.at("jobs/a/bin/pre-start")
    let asked = Instant.now
    let process = try rig.start(path, [path])
    let start = RecordedStart(boot: try #require(bootIdentifier()), asked: asked, process: nil)
    let told = try recover(.script("pre-start"), start, on: "a") { [rig] _ in
      rig.vm.write("go", "")
      return []
    }
    #expect(told == [.started(Self.node, attempt: 1, process: process), Self.lost])
    _ = rig.wait(process)
    #expect(try recover(.script("pre-start"), start, on: "a") == [Self.lost])
  }

  @Test func itCanBeKilled() throws {
    let (process, start) = try start(
      """
      trap '' TERM
      sh -c "trap '' TERM; echo \\$\\$ >>pids; while :; do sleep 0.01; done" &
      echo $$ >>pids
      while :; do sleep 0.01; done
      """
    )
    #expect(eventually { rig.processes("pids").count == 2 })
    let told = try recover(.script("pre-start"), start, on: "a") { [.terminate($0), .kill($0)] }
    #expect(told == [Self.lost])
    #expect(rig.processes("pids").filter(isAlive) == [])
    #expect(rig.wait(process) == .signalled(SIGKILL))
  }

  @Test func aHeldCommandEndsAsItsRecordSays() throws {
    let body = "echo $$ >main; until [ -e go ]; do sleep 0.01; done; exit 6"
    let (_, start) = try start(":")
    let holder = try rig.hold("0-1", body)
    #expect(eventually { !rig.processes("main").isEmpty })
    let told = try recover(.run(.shell(body)), start, isIdempotent: false) { [rig] _ in
      rig.vm.write("go", "")
      return []
    }
    #expect(told == [.ended(Self.node, attempt: 1, .exited(6))])
    #expect(rig.wait(holder) == .exited(6))
    // Once more, when it is over.
    let again = try recover(.run(.shell(body)), start, isIdempotent: false)
    #expect(again == [.ended(Self.node, attempt: 1, .exited(6))])
    #expect(rig.processes("main").count == 1)
  }

  @Test func aHeldCommandCanBeKilled() throws {
    let body = "trap '' TERM; echo $$ >main; while :; do sleep 0.01; done"
    let (_, start) = try start(":")
    let holder = try rig.hold("0-1", body, grace: .seconds(1000))
    #expect(eventually { !rig.processes("main").isEmpty })
    let told = try recover(.run(.shell(body)), start, isIdempotent: false) {
      [.terminate($0), .kill($0)]
    }
    #expect(told == [.ended(Self.node, attempt: 1, .signalled(SIGKILL))])
    #expect(rig.processes("main").filter(isAlive) == [])
    _ = rig.wait(holder)
  }

  /// Its holder may still be on the way.
  @Test func aHeldCommandThatHadNotBegunNeverBegins() throws {
    let (_, start) = try start(":")
    for _ in 1...2 {
      let told = try recover(.run(.shell("echo ran >ran")), start, isIdempotent: false)
      #expect(told == [.ended(Self.node, attempt: 1, .notStarted)])
      let late = try rig.hold("0-1", "echo ran >ran")
      #expect(rig.wait(late) == .exited(EEXIST))
    }
    #expect(rig.state("0-1") == .absent)
    #expect(rig.vm.read("ran") == nil)
  }

  /// The holder was killed right after the start: only the search finds the command.
  @Test func aHeldCommandWithoutItsHolderIsAwaited() throws {
    let body = "echo $$ >main; until [ -e go ]; do sleep 0.01; done"
    let (_, start) = try start(":")
    let holder = try rig.hold("0-1", body)
    #expect(eventually { !rig.processes("main").isEmpty })
    kill(holder, SIGKILL)
    _ = rig.wait(holder)
    let bytes = try firstBytes(of: rig.record("0-1").path, limit: 1024)
    let firstLine = bytes.prefix { $0 != UInt8(ascii: "\n") } + [UInt8(ascii: "\n")]
    rig.vm.write("held/0-1.held", bytes: Array(firstLine))
    #expect(rig.state("0-1") == .lost)
    let main = try #require(rig.processes("main").first)
    let told = try recover(
      .run(.arguments(["sh", "-c", body])),
      start,
      isIdempotent: false
    ) { [rig] _ in
      #expect(isAlive(main))
      rig.vm.write("go", "")
      return []
    }
    #expect(told == [Self.lost])
    #expect(!isAlive(main))
  }

  @Test func aHeldCommandThatTimedOutHasFailed() throws {
    let (_, start) = try start(":")
    let holder = try rig.hold("0-1", "while :; do sleep 0.01; done", timeout: .zero)
    #expect(rig.wait(holder) != .exited(0))
    let told = try recover(.run(.shell("exit 0")), start, isIdempotent: false)
    #expect(
      told == [
        .ended(Self.node, attempt: 1, .failed("it timed out, and its holder ended it"))
      ]
    )
  }
}
