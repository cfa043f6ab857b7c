import Clock
import Execution
import Journal
import PlanGraph
import PlanLanguage
import Testing

/// What a run does on the first, second and third signal, also while the disk is stuck.
@Suite struct StoppingTests {
  private let now = Instant(nanoseconds: 0)

  /// Two steps side by side, a step after one of them, and a handler.
  private struct Rig {
    let graph: Graph
    let hanging: NodeID
    let quick: NodeID
    let next: NodeID
    let tidy: NodeID
    var run: GatedRun

    init() throws {
      let text = """
        plan small {
          deployment-job web { release-jobs app instances 1 }
          phase go per instance {
            parallel {
              run "hang" as hanging { idempotent }
              sequence {
                run "quick" as quick { idempotent }
                run "next" as next { idempotent }
              }
            }
            finally { run "tidy" as tidy { idempotent } }
          }
        }
        """
      let parsed = Parser.parse(SourceFile(name: "small.plan", text: text))
      let graph = try #require(GraphBuilder.build(BuildInput(plan: parsed.tree)).graph)
      self.graph = graph
      func step(_ name: String) throws -> NodeID {
        try #require(graph.steps(named: StepPattern(name)).first)
      }
      hanging = try step("hanging")
      quick = try step("quick")
      next = try step("next")
      tidy = try step("tidy")
      run = GatedRun(Run(graph, policy: RunPolicy()))
    }

    /// Runs until the start of `next` waits for a stuck disk.
    mutating func beginAndGetStuck() {
      let now = Instant(nanoseconds: 0)
      _ = run.handle(.began, at: now)
      let starts = run.reachedDisk(1)
      #expect(starts.contains(.start(hanging, attempt: 1)))
      #expect(starts.contains(.start(quick, attempt: 1)))
      #expect(run.handle(.ended(quick, attempt: 1, .exited(0)), at: now).isEmpty)
      #expect(run.need == .now)
    }
  }

  @Test func secondSignalDoesNotWaitForTheDisk() throws {
    var rig = try Rig()
    rig.beginAndGetStuck()
    let first = rig.run.handle(.cancelled(signal: 15), at: now)
    #expect(first.contains(.terminate(rig.hanging)))
    // A step that has not started yet never starts.
    #expect(rig.run.takeDropped() == [.ended(rig.next, attempt: 1, .notStarted)])
    _ = rig.run.handle(.ended(rig.next, attempt: 1, .notStarted), at: now)
    #expect(rig.run.handle(.cancelled(signal: 2), at: now) == [.kill(rig.hanging)])
    let last = rig.run.handle(.ended(rig.hanging, attempt: 1, .signalled(9)), at: now)
    #expect(last.contains(.finish(.cancelled(signal: 15))))
    #expect(rig.run.run.outcome == .cancelled(signal: 15))
    #expect(rig.run.run.attempts(of: rig.tidy) == 0)
  }

  @Test func endWaitsForTheDiskAfterOneSignal() throws {
    var rig = try Rig()
    _ = rig.run.handle(.began, at: now)
    _ = rig.run.handle(.cancelled(signal: 15), at: now)
    for event in rig.run.takeDropped() { _ = rig.run.handle(event, at: now) }
    let starts = rig.run.reachedDisk(rig.run.run.eventCount)
    #expect(starts.contains { if case .start(rig.tidy, _, _) = $0 { true } else { false } })
    let last = rig.run.handle(.ended(rig.tidy, attempt: 1, .exited(0)), at: now)
    #expect(rig.run.run.outcome == .cancelled(signal: 15))
    #expect(!last.contains(.finish(.cancelled(signal: 15))))
    // The run is over, and someone insists on leaving before that is on disk.
    #expect(rig.run.handle(.cancelled(signal: 2), at: now) == [.leave(.cancelled(signal: 15))])
  }

  @Test func onlyTheAnswerToASignalDoesNotWaitForTheDisk() throws {
    var rig = try Rig()
    rig.beginAndGetStuck()
    while rig.run.nextAnnouncement() != nil {}
    _ = rig.run.handle(.ended(rig.hanging, attempt: 1, .exited(1)), at: now)
    rig.run.announce(Remark(node: rig.next, kind: .state, text: "waits"), at: now)
    #expect(rig.run.nextAnnouncement() == nil)
    _ = rig.run.handle(.cancelled(signal: 15), at: now)
    let answer = rig.run.nextAnnouncement()
    #expect(answer?.announcement == .stopping(signal: 15, .end) && answer?.isRecorded == false)
    #expect(rig.run.nextAnnouncement() == nil)
    _ = rig.run.reachedDisk(rig.run.run.eventCount)
    var told: [Announcement] = []
    while let due = rig.run.nextAnnouncement() { told.append(due.announcement) }
    // A remark keeps its place behind what was announced before it.
    let remark = told.firstIndex(of: .remark(Remark(node: rig.next, kind: .state, text: "waits")))
    let failure = told.firstIndex {
      if case .stepFailed(rig.hanging, _, _, _) = $0 { true } else { false }
    }
    #expect(try #require(failure) < #require(remark))
  }

  @Test func thirdSignalWaitsForNothing() throws {
    var rig = try Rig()
    rig.beginAndGetStuck()
    for signal in [Int32(15), 2] {
      _ = rig.run.handle(.cancelled(signal: signal), at: now)
      for event in rig.run.takeDropped() { _ = rig.run.handle(event, at: now) }
    }
    let third = rig.run.handle(.cancelled(signal: 2), at: now)
    #expect(third == [.kill(rig.hanging), .leave(.cancelled(signal: 15))])
    // It is not over: a resume waits for the end of what KILL has not ended.
    var run = rig.run.run
    #expect(run.outcome == nil)
    #expect(run.handle(.resumed(.time), at: now).contains(.recover(rig.hanging, attempt: 1)))
    #expect(run.signals == 0)
  }

  @Test func secondSignalKillsInAHaltedRun() throws {
    var rig = try Rig()
    rig.beginAndGetStuck()
    _ = rig.run.diskFailed()
    _ = rig.run.handle(.halted, at: now)
    for event in rig.run.takeDropped() { _ = rig.run.handle(event, at: now) }
    #expect(rig.run.handle(.cancelled(signal: 15), at: now).contains(.terminate(rig.hanging)))
    #expect(rig.run.handle(.cancelled(signal: 15), at: now) == [.kill(rig.hanging)])
    let last = rig.run.handle(.ended(rig.hanging, attempt: 1, .signalled(9)), at: now)
    #expect(last.contains(.finish(.cancelled(signal: 15))))
  }

  /// A resumed run that waits for attempts that a crash left under way has not begun, and can be
  /// stopped.
  @Test func signalEndsAttemptsAwaitedByAResumedRun() throws {
    let rig = try Rig()
    var run = Run(rig.graph, policy: RunPolicy())
    _ = run.handle(.began, at: now)
    for node in [rig.hanging, rig.quick] {
      _ = run.handle(.ended(node, attempt: 1, .exited(1)), at: now)
    }
    #expect(run[rig.tidy] == .running)
    #expect(run.handle(.resumed(.time), at: now).contains(.recover(rig.tidy, attempt: 1)))
    _ = run.handle(.halted, at: now)
    #expect(run.handle(.cancelled(signal: 2), at: now).contains(.terminate(rig.tidy)))
    #expect(run.handle(.cancelled(signal: 15), at: now).contains(.kill(rig.tidy)))
    _ = run.handle(.ended(rig.tidy, attempt: 1, .lost), at: now)
    #expect(run.outcome == .cancelled(signal: 2))
  }
}
