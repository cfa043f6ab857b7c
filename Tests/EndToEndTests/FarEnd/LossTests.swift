import Execution
import Glibc
import PlanGraph
import TestSupport
import Testing
import Wire

/// What a far end does when the connection is lost, and what a later one finds.
@Suite(.waits) struct LossTests {
  /// Two steps that wait for the test; the second may not run twice.
  private static let phases = """
    phase a per instance {
      run "echo a >> order; echo $$ > said; read line < go; echo A >> order" as a { idempotent }
      run "echo b >> order; echo $$ > said; read line < go; exit 3" as b
      run "echo $$ > said; exec sleep 1000" as slow { idempotent timeout 100ms }
      run "echo $$ > said; exec sleep 1000" as held { timeout 100ms }
      wait file "never" as never { timeout 100ms }
    }
    """

  private struct Rig {
    let world: FarWorld
    let go: Fifo
    let said: Fifo

    init() throws {
      world = try FarWorld(LossTests.phases)
      go = try world.sandbox.fifo("vm/go")
      said = try world.sandbox.fifo("vm/said")
    }

    /// Starts a step, and waits until it runs.
    func start(_ node: NodeID, on link: FarLink, attempt: Int = 1) throws {
      try link.send(.start(node, attempt: attempt, cause: nil))
      try link.start(of: node, attempt)
      _ = try said.line()
    }

    var order: [String] { world.sandbox.lines("vm/order") }
  }

  @Test func lostConnectionEndsNothing() throws {
    let rig = try Rig()
    let (a, b) = (try rig.world.node("a"), try rig.world.node("b"))
    let first = try rig.world.connect().link
    try rig.start(a, on: first)
    try rig.start(b, on: first)
    first.close()
    try rig.go.release(2)
    // Its steps are over: it ends by itself.
    _ = try first.command.finish().expect(0)
    let (link, underWay) = try rig.world.connect(isAgain: true)
    #expect(underWay.isEmpty)
    try link.send(.start(a, attempt: 1, cause: nil), .recover(b, attempt: 1))
    #expect(try link.end(of: a).result == .exited(0))
    #expect(try link.end(of: b).result == .exited(3))
    #expect(rig.order == ["a", "b", "A"])
    try rig.world.finish(link)
  }

  @Test(arguments: [true, false])
  func laterConnectionTakesOver(isLost: Bool) throws {
    let rig = try Rig()
    let a = try rig.world.node("a")
    let first = try rig.world.connect().link
    try rig.start(a, on: first)
    // A near end that comes again does not hear the first connection any more, closed or not.
    if isLost { first.close() }
    let (link, underWay) = try rig.world.connect(isAgain: true)
    #expect(underWay == [a: 1])
    if !isLost { try first.expectEnd() }
    try link.send(.start(a, attempt: 1, cause: nil), .ping)
    try link.start(of: a)
    try link.wait(for: .pong)
    try rig.go.release()
    #expect(try link.end(of: a).result == .exited(0))
    #expect(rig.order == ["a", "A"])
    try rig.world.finish(link)
    _ = try first.finish().expect(0)
  }

  @Test func takingOverWorksAgainAndAgain() throws {
    let rig = try Rig()
    let a = try rig.world.node("a")
    let first = try rig.world.connect().link
    try rig.start(a, on: first)
    var last = first
    for round in 0..<4 {
      let (link, underWay) = try rig.world.connect(isAgain: true)
      #expect(underWay == [a: 1])
      if last !== first {
        try last.expectEnd()
        let finished = try last.finish()
        #expect(finished.status == (round == 2 ? .signalled(SIGKILL) : .exited(0)))
      }
      // Its process passes on only what is for the first one.
      if round == 1 { try link.command.signal(SIGKILL) }
      last = link
    }
    try rig.go.release()
    #expect(try last.end(of: a).result == .exited(0))
    try rig.world.finish(last)
    _ = try first.finish()
  }

  @Test func killedFarEndLosesNoHeldStep() throws {
    let rig = try Rig()
    let b = try rig.world.node("b")
    let first = try rig.world.connect().link
    try rig.start(b, on: first)
    try first.command.signal(SIGKILL)
    _ = try first.finish()
    let (link, underWay) = try rig.world.connect(isAgain: true)
    #expect(underWay.isEmpty)
    try link.send(.start(b, attempt: 1, cause: nil), .ping)
    try link.wait(for: .pong)
    try rig.go.release()
    #expect(try link.end(of: b).result == .exited(3))
    try link.send(.start(b, attempt: 1, cause: nil))
    #expect(try link.end(of: b).result == .exited(3))
    #expect(rig.order == ["b"])
    try rig.world.finish(link)
  }

  @Test func scriptNeverRunsTwiceAtOnce() throws {
    let rig = try Rig()
    let a = try rig.world.node("a")
    let first = try rig.world.connect().link
    try rig.start(a, on: first)
    try first.command.signal(SIGKILL)
    _ = try first.finish()
    let (link, _) = try rig.world.connect(isAgain: true)
    // The second attempt has to wait for the first, of which nobody hears how it ended.
    try link.send(.start(a, attempt: 2, cause: nil), .ping)
    try link.wait(for: .pong)
    #expect(!rig.said.hasText)
    try rig.go.release()
    #expect(try link.end(of: a).result == .lost)
    _ = try rig.said.line()
    try rig.go.release()
    #expect(try link.end(of: a, 2).result == .exited(0))
    #expect(rig.order == ["a", "A", "a", "A"])
    try rig.world.finish(link)
  }

  @Test func attemptThatNobodyAskedForWasNotStarted() throws {
    let rig = try Rig()
    let (a, b) = (try rig.world.node("a"), try rig.world.node("b"))
    let first = try rig.world.connect().link
    try first.finish().expect(0)
    let (link, _) = try rig.world.connect(isAgain: true)
    try link.send(.recover(a, attempt: 1), .recover(b, attempt: 1))
    #expect(try link.end(of: a).result == .notStarted)
    #expect(try link.end(of: b).result == .notStarted)
    // It stays so.
    try link.send(.start(a, attempt: 1, cause: nil))
    #expect(try link.end(of: a).result == .notStarted)
    try rig.start(b, on: link, attempt: 2)
    try rig.go.release()
    #expect(try link.end(of: b, 2).result == .exited(3))
    try rig.world.finish(link)
  }

  @Test func nothingIsCertainWithoutTheRecord() throws {
    let rig = try Rig()
    let (a, b) = (try rig.world.node("a"), try rig.world.node("b"))
    try rig.world.connect().link.finish().expect(0)
    FileTree.remove("\(rig.world.vm.path)/data/lockstep/far/\(FarWorld.run)")
    let (link, _) = try rig.world.connect(isAgain: true)
    try link.send(.recover(a, attempt: 1), .recover(b, attempt: 1))
    #expect(try link.end(of: a).result == .lost)
    #expect(try link.end(of: b).result == .lost)
    try rig.world.finish(link)
  }

  @Test(arguments: ["slow", "held", "never"])
  func timeoutHoldsWithoutAConnection(_ name: String) throws {
    let rig = try Rig()
    let node = try rig.world.node(name)
    let first = try rig.world.connect().link
    try first.send(.start(node, attempt: 1, cause: nil))
    if name != "never" { _ = try rig.said.line() }
    try first.start(of: node)
    first.close()
    _ = try first.command.finish().expect(0)
    let (link, _) = try rig.world.connect(isAgain: true)
    try link.send(.start(node, attempt: 1, cause: nil))
    guard case .failed(let words) = try link.end(of: node).result else {
      Issue.record("it did not fail")
      return
    }
    #expect(words.contains("timed out"))
    try rig.world.finish(link)
  }

  @Test func abandonedStepIsKilled() throws {
    let rig = try Rig()
    let a = try rig.world.node("a")
    let link = try rig.world.connect().link
    try rig.start(a, on: link)
    try link.send(.abandon)
    try link.finish().expect(0)
    rig.world.sandbox.expectNoSurvivors()
    #expect(rig.order == ["a"])
    let again = try rig.world.connect(isAgain: true).link
    try again.send(.recover(a, attempt: 1))
    #expect(try again.end(of: a).result == .lost)
    try rig.world.finish(again)
  }
}
