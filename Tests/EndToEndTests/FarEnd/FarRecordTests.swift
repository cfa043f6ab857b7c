import Execution
import Glibc
import PlanGraph
import TestSupport
import Testing
import Wire

/// What a far end records on its VM, and what others make of it.
@Suite(.waits) struct FarRecordTests {
  private static let phases = """
    phase a per instance {
      run "echo a >> order; echo $$ > said; read line < go" as a
      run "echo b >> order" as b { idempotent }
    }
    """

  private struct Rig {
    let world: FarWorld
    let go: Fifo
    let said: Fifo

    init() throws {
      world = try FarWorld(FarRecordTests.phases)
      go = try world.sandbox.fifo("vm/go")
      said = try world.sandbox.fifo("vm/said")
    }
  }

  /// A run of which a held step still runs, and no far end any more.
  private func broken() throws -> (FarWorld, go: Fifo, said: Fifo) {
    let rig = try Rig()
    let world = rig.world
    let link = try world.connect().link
    try link.send(.start(try world.node("a"), attempt: 1, cause: nil))
    _ = try rig.said.line()
    try link.command.signal(SIGKILL)
    _ = try link.finish()
    try world.sandbox.write(
      "q.plan",
      "plan q { phase q per instance { run \"echo q >> order\" as q } }\n"
    )
    return (world, rig.go, rig.said)
  }

  @Test func laterRunsHereFindWhatStillRuns() throws {
    let (world, go, _) = try broken()
    let found = [
      "run \(FarWorld.run) of the plan p, coordinated from \(FarWorld.coordinator), is not over",
      "a:web/0#a still runs, as process", "resume it where it is coordinated",
      "--abandon \(FarWorld.run)=wait",
    ]
    let refused = try world.sandbox.lockstep("run", "q.plan", "--vm", "vm").expect(3)
    for words in found { refused.complains(words) }
    try world.sandbox.lockstep("dry-run", "q.plan", "--vm", "vm").expect(2).complains(found[0])
    try go.release()
    try world.sandbox.lockstep("run", "q.plan", "--vm", "vm", "--abandon", "\(FarWorld.run)=wait")
      .expect(0)
    #expect(world.sandbox.lines("vm/order") == ["a", "q"])
    // It is not told again.
    #expect(try world.sandbox.lockstep("run", "q.plan", "--vm", "vm").expect(0).err == "")
    // Its coordinator is.
    let link = try FarLink(world.sandbox)
    try link.send(world.hello(FarWorld.run), .lock(patience: .zero))
    for part in try world.parts() { try link.send(.plan(part)) }
    try link.send(world.begin(isResumed: true))
    let problems = try link.wait { if case .refused(let found) = $0 { found } else { nil } }
    #expect(problems.first?.what.contains("was given up on this VM") == true)
    try link.finish().expect(0)
  }

  @Test func runThatIsOnlyBrokenOffIsAWarning() throws {
    let (world, go, _) = try broken()
    try go.release()
    let link = try world.connect(isAgain: true).link
    try link.send(.recover(try world.node("a"), attempt: 1))
    #expect(try link.end(of: try world.node("a")).result == .exited(0))
    try link.finish().expect(0)
    try world.sandbox.lockstep("run", "q.plan", "--vm", "vm").expect(0)
      .complains("warning: run \(FarWorld.run)", "resume it where it is coordinated")
    try world.finish(try world.connect(isAgain: true).link)
  }

  @Test func laterRunOfTheSamePlanTakesThePlaceOfABrokenOne() throws {
    let world = try FarWorld(Self.phases)
    try world.connect().link.finish().expect(0)
    let later = "20261129T120001Z-00bb"
    let link = try FarLink(world.sandbox)
    try link.send(world.hello(), .lock(patience: .zero), .look(run: nil))
    let left = try link.wait { if case .leftovers(let left) = $0 { left } else { nil } }
    #expect(left.runs.map(\.id) == [FarWorld.run] && left.living.isEmpty)
    for part in try world.parts() { try link.send(.plan(part)) }
    try link.send(world.begin(later), .finish(isOver: true))
    try link.wait(for: .finished)
    try link.finish().expect(0)
    try world.sandbox.write("q.plan", "plan q { phase q per instance { run \"true\" as q } }\n")
    #expect(try world.sandbox.lockstep("run", "q.plan", "--vm", "vm").expect(0).err == "")
    // It can be resumed all the same.
    try world.finish(try world.connect(isAgain: true).link)
  }

  @Test func farEndFindsWhatARunHereHasLeft() throws {
    let rig = try Rig()
    let world = rig.world
    try world.sandbox.write(
      "q.plan",
      "plan q { phase q per instance { run \"echo $$ > said; read line < go\" as q } }\n"
    )
    let local = try world.sandbox.start(["run", "q.plan", "--vm", "vm"])
    _ = try rig.said.line()
    try local.signal(SIGKILL)
    _ = try local.finish()
    let link = try FarLink(world.sandbox)
    try link.send(world.hello(), .lock(patience: .zero))
    try link.wait(for: .locked)
    try link.send(.look(run: nil))
    let left = try link.wait { if case .leftovers(let left) = $0 { left } else { nil } }
    #expect(left.runs.count == 1 && left.living.count == 1)
    #expect(left.living.first?.step.hasSuffix("#q") == true)
    #expect(left.living.first?.run == left.runs.first?.id)
    #expect(left.runs.first?.resume?.hasPrefix("lockstep resume") == true)
    try link.send(.settle(ending: true), .ping)
    try link.wait(for: .pong)
    try link.wait(for: .settled)
    try link.send(.look(run: nil))
    let rest = try link.wait { if case .leftovers(let left) = $0 { left } else { nil } }
    #expect(rest.living.isEmpty)
    try link.finish().expect(0)
    world.sandbox.expectNoSurvivors()
  }

  @Test(.enabled(if: SmallDisk.works, "nothing can be mounted here"))
  func nothingIsStartedThatCannotBeRecorded() throws {
    let rig = try Rig()
    let world = rig.world
    let (a, b) = (try world.node("a"), try world.node("b"))
    try SmallDisk.with("vm/data", in: world.sandbox, "size=512k") { _ in
      var link = try world.connect().link
      fill(world)
      try link.send(.start(a, attempt: 1, cause: nil))
      guard case .refused(let words) = try link.end(of: a).result else {
        Issue.record("it was not refused")
        return
      }
      #expect(words.contains("No space left on device"))
      #expect(world.sandbox.lines("vm/order") == [])
      FileTree.remove(world.sandbox["vm/data/fill"])
      // What is under way when the disk becomes full is recorded to its end.
      try link.send(.start(a, attempt: 2, cause: nil))
      _ = try rig.said.line()
      fill(world)
      try rig.go.release()
      #expect(try link.end(of: a, 2).result == .exited(0))
      try link.command.signal(SIGKILL)
      _ = try link.finish()
      link = try world.connect(isAgain: true).link
      try link.send(.start(a, attempt: 2, cause: nil))
      #expect(try link.end(of: a, 2).result == .exited(0))
      FileTree.remove(world.sandbox["vm/data/fill"])
      try link.send(.start(b, attempt: 1, cause: nil))
      #expect(try link.end(of: b).result == .exited(0))
      #expect(world.sandbox.lines("vm/order") == ["a", "b"])
      try link.send(.finish(isOver: true))
      try link.wait(for: .finished)
      try link.finish().expect(0)
    }
  }

  /// Fills the disk with the records.
  private func fill(_ world: FarWorld) {
    guard let file = try? Handle(world.sandbox["vm/data/fill"], O_WRONLY | O_CREAT) else { return }
    while (try? file.write(Array(repeating: 1, count: 4096))) != nil {}
  }

  @Test(.enabled(if: SmallDisk.works, "nothing can be mounted here"))
  func runThatCannotBeRecordedDoesNotBegin() throws {
    let rig = try Rig()
    let world = rig.world
    try SmallDisk.with("vm/data", in: world.sandbox, "ro") { _ in
      let link = try FarLink(world.sandbox)
      try link.send(world.hello(), .lock(patience: .zero))
      for part in try world.parts() { try link.send(.plan(part)) }
      try link.send(world.begin())
      let problems = try link.wait { if case .refused(let found) = $0 { found } else { nil } }
      #expect(problems.first?.what.contains("read-only file system") == true)
      #expect(problems.first?.help == nil)
      try link.finish().expect(0)
    }
  }
}
