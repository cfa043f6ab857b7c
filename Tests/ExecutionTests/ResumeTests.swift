import Analysis
import Clock
import Execution
import Journal
import PlanGraph
import PlanLanguage
import TestSupport
import Testing

/// Small plans for mistakes that random runs found.
@Suite struct ResumeTests {
  /// Steps of one deployment job with instances `web/0`, `web/1`, …, each with a release job `app`.
  private static func graph(_ body: String, instances: Int = 2) throws -> Graph {
    let text = """
      plan small {
        deployment-job web { release-jobs app instances \(instances) }
        \(body)
      }
      """
    let parsed = Parser.parse(SourceFile(name: "small.plan", text: text))
    return try #require(GraphBuilder.build(BuildInput(plan: parsed.tree)).graph)
  }

  /// The starts and the ends (`over`), in order, with a line where the run is interrupted.
  private func events(_ trace: [Simulator.Entry], _ graph: Graph) -> [String] {
    trace.compactMap { entry in
      switch entry.occurrence {
      case .performed(.start(let node, _, _)): graph.name(node)
      case .over(let node, _, _): "\(graph.name(node)) over"
      case .interrupted: "-"
      default: nil
      }
    }
  }

  private func world(
    failing: Set<String> = [],
    _ graph: Graph,
    cancellations: [(Instant, Int32)] = []
  ) -> Simulator.World {
    Simulator.World(
      attempt: { node, attempt in
        let fails = failing.contains("\(graph.name(node)) \(attempt)")
        return SimulatedAttempt(duration: .seconds(2), result: .exited(fails ? 1 : 0))
      },
      cancellations: cancellations
    )
  }

  /// Interrupts a run after each of these records in turn, and resumes it.
  private func play(
    _ graph: Graph,
    _ world: Simulator.World,
    interruptions: [UInt32] = []
  ) -> (events: [String], outcome: RunOutcome?) {
    var simulator = Simulator(graph, world)
    var run = GatedRun(Run(graph, policy: RunPolicy()))
    var first: [Event] = [.began]
    for record in interruptions {
      let interruption = Simulator.Interruption(event: record, performing: .max)
      _ = simulator.drive(&run, by: first, until: interruption)
      simulator.interrupt(keeping: run.eventCount, losesPower: false, rest: .seconds(60))
      run = GatedRun(run.run)
      first = [.resumed(.time)]
    }
    let outcome = simulator.drive(&run, by: first)
    return (events(simulator.trace, graph), outcome)
  }

  @Test func `after a failed instance no other enters the rollout`() throws {
    let graph = try Self.graph(
      #"rollout { phase go per instance { run ["/x"] as x { idempotent } } }"#
    )
    let played = play(graph, world(failing: ["go:web/0#x 1"], graph))
    #expect(played.events == ["go:web/0#x", "go:web/0#x over"])
    #expect(played.outcome == .failed)
  }

  /// The second instance is waiting for its turn in the rollout when the run is cancelled.
  ///
  /// That does not mean that it is done.
  @Test func `a step queued when the run was cancelled runs after a resume`() throws {
    let graph = try Self.graph(
      """
      rollout { max-in-flight 2
        phase go per instance { limit 1
          run ["/x"] as x { idempotent }
          finally { run ["/f"] as f { idempotent } }
        }
      }
      """
    )
    let cancellations = [(Instant(nanoseconds: 1_000_000_000), Int32(15))]
    var simulator = Simulator(graph, world(graph, cancellations: cancellations))
    var run = GatedRun(Run(graph, policy: RunPolicy()))
    #expect(simulator.drive(&run) == .cancelled(signal: 15))
    run = GatedRun(run.run)
    #expect(simulator.drive(&run, by: [.resumed(.time)]) == .succeeded)
    let started = Set(events(simulator.trace, graph))
    #expect(started.contains("go:web/1#x"))
  }

  /// `x` succeeded and its block's handler ran.
  ///
  /// `y` may run again, but `w` has to pass again before that.
  @Test func `a finished step keeps its place in a block that starts again`() throws {
    let graph = try Self.graph(
      """
      phase go per instance {
        run ["/w"] as w { idempotent }
        run ["/x"] as x
        run ["/y"] as y { idempotent }
        finally { run ["/f"] as f { idempotent } }
      }
      """,
      instances: 1
    )
    // Records: began, and two for each attempt; the eighth says that the handler has started.
    let played = play(graph, world(graph), interruptions: [8])
    #expect(
      played.events == [
        "go:web/0#w", "go:web/0#w over", "go:web/0#x", "go:web/0#x over",
        "go:web/0#y", "go:web/0#y over", "go:web/0#f", "-", "go:web/0#f over",
        "go:web/0#w", "go:web/0#w over", "go:web/0#y", "go:web/0#y over",
        "go:web/0#f", "go:web/0#f over",
      ]
    )
    #expect(played.outcome == .succeeded)
  }

  /// The run was killed during its end.
  ///
  /// That is one end, however often it is resumed.
  @Test func `a command of the plan's finally starts once for an end`() throws {
    let graph = try Self.graph(
      """
      phase go per instance { run ["/x"] as x { idempotent } }
      finally { run ["/f"] as f run ["/g"] as g }
      """,
      instances: 1
    )
    // Records: began, two of `x`, and two each of `f` and `g`. The run is killed while each of them
    // runs, and in between.
    for record in UInt32(4)...6 {
      let played = play(graph, world(graph), interruptions: [record])
      let started = played.events.filter { !$0.hasSuffix("over") }
      #expect(started.count { $0.hasSuffix("#f") } == 1, "\(record): \(played.events)")
      #expect(started.count { $0.hasSuffix("#g") } <= 1, "\(record): \(played.events)")
    }
  }

  /// After a finished end there may be another.
  @Test func `a command of the plan's finally starts at every end`() throws {
    let graph = try Self.graph(
      """
      phase go per instance { run ["/x"] as x { idempotent } }
      finally { run ["/f"] as f }
      """,
      instances: 1
    )
    var simulator = Simulator(graph, world(failing: ["go:web/0#x 1"], graph))
    var run = GatedRun(Run(graph, policy: RunPolicy()))
    #expect(simulator.drive(&run) == .failed)
    run = GatedRun(run.run)
    #expect(run.run.doubtful().isEmpty)
    #expect(simulator.drive(&run, by: [.resumed(.time)]) == .succeeded)
    #expect(events(simulator.trace, graph).count { $0.hasSuffix("#f") } == 2)
  }

  /// The second request to stop ends the handler.
  ///
  /// The block was stopped by that; it did not fail.
  @Test(arguments: [Set<String>(), ["go:web/0#x 1"]])
  func `an optional block whose handler was stopped has not passed`(
    _ failing: Set<String>
  ) throws {
    let graph = try Self.graph(
      """
      phase go per instance {
        optional
        run ["/x"] as x { idempotent }
        finally { run ["/f"] as f { idempotent } }
      }
      """,
      instances: 1
    )
    let cancellations = [Int64(2_500), 3_000].map {
      (Instant(nanoseconds: $0 * 1_000_000), Int32(15))
    }
    var simulator = Simulator(graph, world(failing: failing, graph, cancellations: cancellations))
    var run = GatedRun(Run(graph, policy: RunPolicy()))
    #expect(simulator.drive(&run) == .cancelled(signal: 15))
    simulator.interrupt(keeping: run.eventCount, losesPower: false, rest: .seconds(60))
    run = GatedRun(run.run)
    #expect(simulator.drive(&run, by: [.resumed(.time)]) == .succeeded)
    #expect(events(simulator.trace, graph).count { $0 == "go:web/0#f" } == 2)
  }

  /// Two handlers are under way when the driver is killed, and two more are next.
  ///
  /// They belong to blocks that start again once both handlers are over.
  @Test func `a resumed run starts nothing before the attempts it waits for are over`() throws {
    let graph = try Self.graph(
      """
      phase go per instance {
        run ["/a"] as a { idempotent }
        finally { run ["/f"] as f { idempotent } }
      }
      """,
      instances: 4
    )
    var simulator = Simulator(graph, world(graph))
    var run = GatedRun(Run(graph, policy: RunPolicy(parallel: 2)))
    // Records: began, two of each `a`, and the starts of two handlers.
    let interruption = Simulator.Interruption(event: 11, performing: .max)
    _ = simulator.drive(&run, until: interruption)
    run = GatedRun(run.run)
    _ = run.handle(.resumed(.time), at: simulator.now)
    let orphans = run.decided.compactMap { action in
      if case .recover(let node, _) = action { node } else { nil }
    }
    #expect(orphans.map(graph.name) == ["go:web/0#f", "go:web/1#f"])
    for (orphan, mayStart) in zip(orphans, [false, true]) {
      _ = run.handle(.ended(orphan, attempt: 1, .lost), at: simulator.now)
      #expect(run.decided.contains { if case .start = $0 { true } else { false } } == mayStart)
    }
  }

  /// If the result of an orphan cannot be known, a person's assumption counts once it has ended.
  @Test(arguments: Assumption.allCases)
  func `an assumption counts when the orphan has ended`(_ assumption: Assumption) throws {
    let graph = try Self.graph(#"phase go per instance { run ["/x"] as x }"#, instances: 1)
    let node = try #require(graph.nodes.indices.first { graph[$0].kind == .step })
    var run = Run(graph, policy: RunPolicy())
    let now = Instant(nanoseconds: 0)
    for event in [Event.began, .assumed(node, assumption)] { _ = run.handle(event, at: now) }
    #expect(run.handle(.resumed(.time), at: now).contains(.recover(node, attempt: 1)))
    #expect(run[node] == .running)
    let actions = run.handle(.ended(node, attempt: 1, .lost), at: now)
    #expect(run[node] == (assumption == .done ? .succeeded : .running))
    #expect(actions.contains(.start(node, attempt: 2)) == (assumption == .again))
  }

  /// A step that was asked to end has not failed by itself, but the run has not succeeded either.
  @Test func `a step that may not be started again fails the resumed run`() throws {
    let graph = try Self.graph(#"phase go per instance { run ["/x"] as x }"#, instances: 1)
    let cancellations = [(Instant(nanoseconds: 1_000_000_000), Int32(15))]
    var simulator = Simulator(graph, world(graph, cancellations: cancellations))
    var run = GatedRun(Run(graph, policy: RunPolicy()))
    #expect(simulator.drive(&run) == .cancelled(signal: 15))
    run = GatedRun(run.run)
    #expect(run.run.doubtful().count == 1)
    #expect(simulator.drive(&run, by: [.resumed(.time)]) == .failed)
  }

  /// A block's timeout still ends what hangs inside it when nothing can be recorded any more.
  @Test func `a halted run ends`() throws {
    let graph = try Self.graph(
      #"phase go per instance { timeout 5s run ["/x"] as x { idempotent } }"#,
      instances: 1
    )
    let world = Simulator.World(
      attempt: { _, _ in SimulatedAttempt(duration: nil, result: .exited(0)) },
      sync: { $0 > 1 ? nil : .zero }
    )
    var simulator = Simulator(graph, world)
    var run = GatedRun(Run(graph, policy: RunPolicy()))
    #expect(simulator.drive(&run) == .failed)
    #expect(simulator.now >= Instant(nanoseconds: 5_000_000_000))
  }
}
