import Analysis
import Clock
import Execution
import Journal
import PlanGraph
import PlanLanguage
import TestSupport
import Testing
import Words

/// The worst case and the critical path, compared with numbers calculated by hand and with the
/// simulator.
@Suite struct TimesTests {
  /// A plan and its worst case, calculated by hand.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    /// The contents of `plan p { … }`.
    var plan: String
    /// Nil for no bound.
    var seconds: Double?
    var parallel = 256
    var testDescription: String { name }
  }

  private static let cases: [Case] = [
    // 10 + 2
    Case(name: "one attempt", plan: "phase a { script a { timeout 10s grace 2s } }", seconds: 12),
    // 3 · (10 + 2) + 2 · 5
    Case(
      name: "attempts and fixed pauses",
      plan: "phase a { script a { timeout 10s grace 2s retry 2 backoff 5s } }",
      seconds: 46
    ),
    // 5 · 2 + (2 + 4 + 5 + 5): the bound doubles from twice the first up to the last
    Case(
      name: "growing pauses",
      plan: "phase a { script a { timeout 1s grace 1s retry 4 backoff 1s..5s } }",
      seconds: 26
    ),
    // 12 + 22
    Case(
      name: "one after the other",
      plan: "phase a { script a { timeout 10s grace 2s } script b { timeout 20s grace 2s } }",
      seconds: 34
    ),
    // max(12, 22)
    Case(
      name: "side by side",
      plan: "phase a { parallel { script a { timeout 10s grace 2s } "
        + "script b { timeout 20s grace 2s } } }",
      seconds: 22
    ),
    Case(name: "no timeout", plan: "phase a { script a }", seconds: nil),
    // 10 until the block's timeout, then the grace of what runs.
    Case(
      name: "a block bounds what has no timeout",
      plan: "phase a { timeout 10s script a { grace 3s } }",
      seconds: 13
    ),
    // 2 · 13 + 1 pause of 7
    Case(
      name: "a block's retry",
      plan: "phase a { timeout 10s retry 1 backoff 7s script a { grace 3s } }",
      seconds: 33
    ),
    // Round 1: 2 + 2 attempts of 2, the pause at most 2. Round 2: the pause has grown to 8 at most.
    Case(
      name: "pauses that grow over the rounds of a block",
      plan: "phase a { retry 1 script a { timeout 1s grace 1s retry 1 backoff 1s..8s } }",
      seconds: 4 + 2 + 4 + 8
    ),
    // (10 + 3) + on failure (4 + 1) + finally (5 + 1)
    Case(
      name: "handlers come behind",
      plan: "phase a { timeout 10s script a { grace 3s } "
        + "on failure { run \"x\" { timeout 4s grace 1s } } "
        + "finally { run \"x\" { timeout 5s grace 1s } } }",
      seconds: 24
    ),
    // The phase is stopped after 10, the script by 13; then the group's handler takes 6.
    Case(
      name: "a handler inside outlives the timeout around it",
      plan: "phase a { timeout 10s sequence { script a { grace 3s } "
        + "finally { run \"x\" { timeout 5s grace 1s } } } }",
      seconds: 19
    ),
    // A skipped step takes no time.
    Case(
      name: "what is skipped",
      plan: "phase a { when 1 == 2 script a }  phase b { script b { timeout 1s grace 0s } }",
      seconds: 1
    ),
    // Three of 10 one after the other: the work shared by one.
    Case(
      name: "a limit of the plan",
      plan: "limit 1 phase a { parallel { script a { timeout 9s grace 1s } "
        + "script b { timeout 9s grace 1s } script c { timeout 9s grace 1s } } }",
      seconds: 30
    ),
    // 40 of work shared by two, and half of the longest beside it: 20 + 5.
    Case(
      name: "a limit of a block",
      plan: "phase a { parallel { limit 2 script a { timeout 9s grace 1s } "
        + "script b { timeout 9s grace 1s } script c { timeout 9s grace 1s } "
        + "script d { timeout 9s grace 1s } } }",
      seconds: 25
    ),
    // A limit that is never reached changes nothing.
    Case(
      name: "a limit that holds nothing up",
      plan: "limit 2 phase a { parallel { script a { timeout 9s grace 1s } "
        + "script b { timeout 9s grace 1s } } script c { timeout 9s grace 1s } }",
      seconds: 20
    ),
    // Two of three at a time: 30 / 2, and one of 10 that may wait for none of it.
    Case(
      name: "--parallel",
      plan: "phase a { parallel { script a { timeout 9s grace 1s } "
        + "script b { timeout 9s grace 1s } script c { timeout 9s grace 1s } } }",
      seconds: 25,
      parallel: 2
    ),
    // One instance after the other: 3 · 10.
    Case(
      name: "a rollout",
      plan: "deployment-job d { release-jobs r instances 3 } "
        + "rollout { max-in-flight 1 phase a { script a { timeout 9s grace 1s } } }",
      seconds: 30
    ),
    // The plan times out at 60; then comes the grace of what runs, then the plan's handler.
    Case(
      name: "the plan's timeout",
      plan: "timeout 60s phase a { script a { timeout 1h grace 2s } } "
        + "finally { run \"x\" { timeout 5s grace 1s } }",
      seconds: 68
    ),
    // 2 · 1000000 attempts of 146 years are too long for any bound.
    Case(
      name: "beyond all measure",
      plan: "phase a { retry 1000000 script a { timeout 200000h retry 1000000 } }",
      seconds: nil
    ),
  ]

  private static func graph(_ body: String) throws -> Graph {
    let parsed = Parser.parse(SourceFile(name: "p.plan", text: "plan p { \(body) }"))
    let built = GraphBuilder.build(BuildInput(plan: parsed.tree, site: .unknown))
    let errors = (parsed.diagnostics + built.diagnostics).filter { $0.severity == .error }
    return try #require(built.graph, "\(errors.map(\.message))")
  }

  @Test(arguments: cases)
  func `the worst case is the one calculated by hand`(_ example: Case) throws {
    let worst = WorstCase(try Self.graph(example.plan), parallel: example.parallel)
    let seconds = worst.total.duration.map { Double($0.nanoseconds) / 1_000_000_000 }
    #expect(seconds == example.seconds)
  }

  @Test func `a step without a time limit is named`() throws {
    let graph = try Self.graph(
      "phase a { script a script b { timeout 1s } } phase c { timeout 1m script c "
        + "finally { run \"x\" as d } }"
    )
    let worst = WorstCase(graph)
    #expect(worst.unbounded.map { graph.step($0)?.name } == ["script-a", "d"])
  }

  /// No run takes longer, whatever fails or hangs, and however few steps may run at once.
  @Test(arguments: 0..<4)
  func `no simulated run takes longer than the worst case`(_ part: Int) throws {
    var met = 0
    for seed in UInt64(part * 40)..<UInt64(part * 40 + 40) {
      let options = RandomPlan.Options(hasRules: true, isSmall: !seed.isMultiple(of: 3))
      let subject = try RandomSubject(seed: seed, options)
      for world in 0..<UInt64(8) {
        let parallel = world < 4 ? 64 : Int(world) - 3
        let worst = WorstCase(subject.graph, parallel: parallel)
        guard let bound = worst.total.duration else { continue }
        let mode: RunPolicy.FailureMode = world.isMultiple(of: 3) ? .stop : .finish
        let policy = RunPolicy(parallel: parallel, failureMode: mode, seed: seed)
        let taken = try simulate(subject.graph, policy, seed: seed &* 97 &+ world, trouble: world)
        if taken > bound {
          Issue.record("plan \(seed), world \(world): \(taken) > \(bound)\n\(subject.text)")
          return
        }
        if taken == bound, bound > .zero { met += 1 }
      }
    }
    // A bound that no run comes near would be of little use.
    #expect(met > 3)
  }

  private func simulate(
    _ graph: Graph,
    _ policy: RunPolicy,
    seed: UInt64,
    trouble: UInt64
  ) throws -> Duration {
    let world = Simulator.World(
      attempt: { node, attempt in
        var random = SeededRandom(
          seed: seed &* 1_000_003 &+ UInt64(node.index) &* 31 &+ UInt64(attempt)
        )
        if trouble.isMultiple(of: 2) {
          return SimulatedAttempt(duration: nil, result: .exited(1), lingers: nil)
        }
        let duration = Duration.milliseconds(250 * random.below(60))
        return SimulatedAttempt(
          duration: random.oneIn(3) ? nil : duration,
          result: random.oneIn(3) ? .exited(0) : .exited(1),
          lingers: nil
        )
      },
      answer: { node, _ in trouble < 6 || node.index.isMultiple(of: 2) }
    )
    var simulator = Simulator(graph, world)
    var run = GatedRun(Run(graph, policy: policy))
    try #require(simulator.drive(&run, most: 20_000) != nil)
    return .nanoseconds(simulator.now.nanoseconds)
  }

  /// If nothing is limited and everything succeeds, a run takes as long as the critical path.
  @Test func `the critical path is as long as the simulated run`() throws {
    for seed in UInt64(0)..<150 {
      let options = RandomPlan.Options(hasRules: seed.isMultiple(of: 2), hasRollouts: true)
      let graph = try RandomSubject(seed: seed, options).graph
      guard WorstCase(graph, parallel: 100_000).contended.isEmpty else { continue }
      func duration(_ node: NodeID) -> Duration {
        .milliseconds(Int((UInt64(node.index) &* 2_654_435_761 &+ seed) % 900))
      }
      let world = Simulator.World(attempt: { node, _ in
        SimulatedAttempt(duration: duration(node), result: .exited(0))
      })
      var simulator = Simulator(graph, world)
      var run = GatedRun(Run(graph, policy: RunPolicy(parallel: 100_000)))
      try #require(simulator.drive(&run) != nil)
      let isTimedOut = simulator.trace.contains {
        if case .event(.fired, _) = $0.occurrence { true } else { false }
      }
      if isTimedOut { continue }
      let schedule = Schedule(graph, duration)
      #expect(
        schedule.makespan == .nanoseconds(simulator.now.nanoseconds),
        "plan \(seed)"
      )
      let sum = schedule.criticalPath.reduce(Duration.zero) { $0 + schedule.duration($1) }
      #expect(sum == schedule.makespan)
      #expect(schedule.criticalPath.allSatisfy { schedule.slack($0) == .zero })
    }
  }

  /// If there are too few slots, a run still takes as long as predicted, and the critical path
  /// covers all of it.
  @Test func `with limits the critical path is as long as the simulated run`() throws {
    var waited = 0
    for seed in UInt64(0)..<150 {
      let options = RandomPlan.Options(hasRules: seed.isMultiple(of: 2), hasRollouts: true)
      let graph = try RandomSubject(seed: seed, options).graph
      func duration(_ node: NodeID) -> Duration {
        .milliseconds(Int((UInt64(node.index) &* 2_654_435_761 &+ seed) % 900))
      }
      let world = Simulator.World(attempt: { node, _ in
        SimulatedAttempt(duration: duration(node), result: .exited(0))
      })
      var simulator = Simulator(graph, world)
      var run = GatedRun(Run(graph, policy: RunPolicy(parallel: 2)))
      try #require(simulator.drive(&run) != nil)
      let isTimedOut = simulator.trace.contains {
        if case .event(.fired, _) = $0.occurrence { true } else { false }
      }
      if isTimedOut { continue }
      let schedule = Schedule(graph, parallel: 2, duration)
      #expect(schedule.makespan == .nanoseconds(simulator.now.nanoseconds), "plan \(seed)")
      let sum = schedule.criticalPath.reduce(Duration.zero) { $0 + schedule.duration($1) }
      #expect(sum == schedule.makespan, "plan \(seed)")
      #expect(schedule.criticalPath.allSatisfy { schedule.slack($0) == .zero }, "plan \(seed)")
      waited += schedule.waits.count
    }
    #expect(waited > 100)
  }

  @Test func `waiting for a slot is distinguished from waiting for a step`() throws {
    let graph = try Self.graph(
      "limit 1 phase a per deployment { parallel { run \"x\" as one run \"x\" as two } "
        + "run \"x\" as three }"
    )
    let schedule = Schedule(graph, parallel: 256) { _ in .seconds(4) }
    #expect(schedule.makespan == .seconds(12))
    #expect(schedule.criticalPath.map { graph.step($0)?.name } == ["one", "two", "three"])
    #expect(schedule.waits.map { graph.step($0.key)?.name } == ["two"])
    #expect(schedule.waits.values.first == .seconds(4))
  }

  @Test func `slack is how much longer a step may take`() throws {
    // Both branches meet; the short one has 7 s to spare.
    let graph = try Self.graph(
      "phase a per deployment { parallel { run \"x\" as long run \"x\" as short } run \"x\" as last "
        + "on failure { run \"x\" as never } finally { run \"x\" as always } }"
    )
    let seconds = ["long": 10, "short": 3, "last": 2, "never": 99, "always": 4]
    let schedule = Schedule(graph) { .seconds(seconds[graph.step($0)?.name ?? ""] ?? 0) }
    #expect(schedule.makespan == .seconds(16))
    #expect(schedule.criticalPath.map { graph.step($0)?.name } == ["long", "last", "always"])
    let slack = graph.nodes.indices.compactMap { node in
      graph.step(node).map { ($0.name, schedule.slack(node)) }
    }
    #expect(slack.first { $0.0 == "short" }?.1 == .seconds(7))
    #expect(slack.contains { $0.0 == "never" && $0.1 == nil })
  }
}
