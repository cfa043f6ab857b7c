import Execution
import Glibc
import PlanGraph
import PlanLanguage
import TestSupport
import Testing

/// Random plans in random worlds, each judged by an independent reading of the rules.
@Suite struct RandomRunTests {
  /// Runs a plan and a world that both belong to a seed; gives what breaks a rule.
  static func complaints(seed: UInt64, tells: Bool = false) -> [String] {
    var random = SeededRandom(seed: seed ^ 0xABCD_EF01)
    let text = RandomPlan.text(seed: seed, RandomPlan.Options(hasRules: true))
    let parsed = Parser.parse(SourceFile(name: "random.plan", text: text))
    let site = Site(
      discovered: nil,
      facts: [:],
      hasScript: { _, _, _ in true },
      hasProcesses: { _, _ in true }
    )
    let built = GraphBuilder.build(BuildInput(plan: parsed.tree, site: site))
    guard let graph = built.graph, let plan = parsed.tree.plan else {
      let errors = (parsed.diagnostics + built.diagnostics).filter { $0.severity == .error }
      return ["does not compile: \(errors.map(\.message))"]
    }
    let policy = RunPolicy(
      parallel: random.oneIn(3) ? 1 + random.below(3) : 64,
      failureMode: random.pick([.finish, .finish, .stop, .abort]),
      seed: seed
    )
    let trouble = random.below(5)
    var cancellations: [(Instant, Int32)] = []
    if random.oneIn(4) {
      let first = Int64(random.below(30)) * 500_000_000
      cancellations.append((Instant(nanoseconds: first), 15))
      if random.oneIn(2) {
        let second = first + Int64(random.below(8)) * 500_000_000
        cancellations.append((Instant(nanoseconds: second), 2))
      }
    }
    let world = Simulator.World(
      attempt: { node, attempt in
        var own = SeededRandom(
          seed: seed &* 1_000_003 &+ UInt64(node.index) &* 31 &+ UInt64(attempt)
        )
        return Self.attempt(&own, trouble: trouble, mayHang: isBounded(node, graph))
      },
      answer: { node, _ in (UInt64(node.index) &+ seed) % 3 != 0 },
      cancellations: cancellations
    )
    var run = Run(graph, policy: policy)
    var simulator = Simulator(world)
    let trace = simulator.drive(&run, most: 200_000)
    if tells { tell(text, graph, policy, trace, run) }
    var checker = RunChecker(graph, policy, NaiveReading(plan, site: site))
    checker.judge(trace)
    var complaints = checker.complaints
    if !replays(trace, graph, policy, run) { complaints.append("a replay goes another way") }
    return complaints
  }

  /// Whether something ends a step that does not end by itself.
  private static func isBounded(_ node: NodeID, _ graph: Graph) -> Bool {
    if graph.step(node)?.timeout != nil { return true }
    var block = graph[node].block
    while block != .none {
      if graph.template(block).timeout != nil { return true }
      let kind = graph.template(block).kind
      if kind == .onFailure || kind == .finally { return false }
      block = graph[block].parent
    }
    return false
  }

  private static func attempt(
    _ random: inout SeededRandom,
    trouble: Int,
    mayHang: Bool
  ) -> SimulatedAttempt {
    let duration = Duration.milliseconds(250 * random.below(24))
    if random.below(5) >= trouble {
      return SimulatedAttempt(duration: duration, result: .exited(0))
    }
    switch mayHang ? random.below(6) : 2 + random.below(4) {
    case 0: return SimulatedAttempt(duration: nil, result: .exited(0), lingers: nil)
    case 1:
      return SimulatedAttempt(duration: nil, result: .exited(0), lingers: .milliseconds(500))
    case 2: return SimulatedAttempt(duration: duration, result: .signalled(11))
    case 3: return SimulatedAttempt(duration: duration, result: .failed("no such thing"))
    case 4: return SimulatedAttempt(duration: duration, result: .exited(2))
    default: return SimulatedAttempt(duration: duration, result: .exited(1))
    }
  }

  /// Whether the same events at the same moments give the same actions and the same end.
  private static func replays(
    _ trace: [Simulator.Entry],
    _ graph: Graph,
    _ policy: RunPolicy,
    _ run: Run
  ) -> Bool {
    var again = Run(graph, policy: policy)
    for entry in trace where again.handle(entry.event, at: entry.moment) != entry.actions {
      return false
    }
    return graph.nodes.indices.allSatisfy {
      again[NodeID(UInt32($0))] == run[NodeID(UInt32($0))]
    }
  }

  /// Prints everything about a run, for whoever looks into a seed that fails.
  private static func tell(
    _ text: String,
    _ graph: Graph,
    _ policy: RunPolicy,
    _ trace: [Simulator.Entry],
    _ run: Run
  ) {
    print(text, policy)
    for entry in trace {
      print("\(entry.moment.nanoseconds / 1_000_000) ms: \(entry.event)")
      for action in entry.actions { print("    \(action)") }
    }
    for index in graph.nodes.indices {
      let node = NodeID(UInt32(index))
      let before = Array(graph.predecessors(node))
      print(
        index,
        graph.name(node),
        graph[node].kind,
        "block \(graph[node].block.index)",
        before,
        run[node]
      )
    }
  }

  /// Looks into one seed: `LOCKSTEP_SEED=101 swift test --filter looksIntoASeed`.
  @Test(.enabled(if: seedFromEnvironment != nil))
  func `looks into a seed`() throws {
    let seed = try #require(seedFromEnvironment)
    #expect(Self.complaints(seed: seed, tells: true).isEmpty)
  }

  @Test(arguments: 0..<20)
  func `random runs keep the rules`(_ hundred: Int) {
    for seed in hundred * 100..<(hundred + 1) * 100 {
      let complaints = Self.complaints(seed: UInt64(seed))
      #expect(complaints.isEmpty, "seed \(seed)")
      if !complaints.isEmpty { return }
    }
  }
}

/// A seed that somebody wants to look into.
private let seedFromEnvironment = getenv("LOCKSTEP_SEED").flatMap { UInt64(String(cString: $0)) }
