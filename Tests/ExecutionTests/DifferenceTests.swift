import Analysis
import Execution
import Journal
import PlanGraph
import PlanLanguage
import TestSupport
import Testing

/// Proofs of order and differences of plans, compared with a second implementation and with results
/// found by hand.
@Suite struct DifferenceTests {
  private static func graph(_ text: String) throws -> Graph {
    let parsed = Parser.parse(SourceFile(name: "p.plan", text: text))
    let built = GraphBuilder.build(BuildInput(plan: parsed.tree, site: .unknown))
    return try #require(built.graph)
  }

  private func steps(_ graph: Graph, _ pattern: String) -> [NodeID] {
    graph.steps(named: StepPattern(pattern))
  }

  /// Searches every path, for single steps and for sets of steps.
  @Test func `a proof agrees with a search for every path`() throws {
    for seed in UInt64(0)..<40 {
      let options = RandomPlan.Options(hasRules: true, isSmall: seed.isMultiple(of: 2))
      let graph = try RandomSubject(seed: seed, options).graph
      let order = PrecedenceOrder(graph)
      let steps = graph.nodes.indices.filter { graph[$0].kind == .step }
      guard steps.count > 1 else { continue }
      var random = SeededRandom(seed: seed)
      for _ in 0..<20 {
        let before = steps.filter { _ in random.oneIn(4) }
        let after = steps.filter { _ in random.oneIn(4) }
        if before.isEmpty || after.isEmpty { continue }
        let proof = OrderProof(graph, before: before, after: after)
        var missing = 0
        for a in before { for b in after where order.path(from: a, to: b) == nil { missing += 1 } }
        #expect(proof.unproven == missing, "plan \(seed)")
        #expect(proof.pairs == before.count * after.count)
        // Without a node that all paths go through, no path is left.
        for node in proof.through {
          for a in before {
            for b in after {
              #expect(order.path(from: a, to: node) != nil && order.path(from: node, to: b) != nil)
            }
          }
        }
      }
    }
  }

  /// Runs keep the order that is proved.
  @Test func `runs keep a proved order`() throws {
    for seed in UInt64(0)..<60 {
      let options = RandomPlan.Options(hasRules: true, isSmall: true)
      let graph = try RandomSubject(seed: seed, options).graph
      let world = Simulator.World(attempt: { node, attempt in
        var random = SeededRandom(seed: seed &+ UInt64(node.index) &* 31 &+ UInt64(attempt))
        let result: AttemptResult = random.oneIn(3) ? .exited(1) : .exited(0)
        return SimulatedAttempt(duration: .milliseconds(100 * random.below(9)), result: result)
      })
      var simulator = Simulator(graph, world)
      var run = GatedRun(Run(graph, policy: RunPolicy()))
      try #require(simulator.drive(&run) != nil)
      var lastStart: [NodeID: Int] = [:]
      var firstStart: [NodeID: Int] = [:]
      for (index, entry) in simulator.trace.enumerated() {
        guard case .performed(.start(let node, _, _)) = entry.occurrence else { continue }
        lastStart[node] = index
        firstStart[node] = firstStart[node] ?? index
      }
      let order = PrecedenceOrder(graph)
      for (a, begun) in lastStart {
        for (b, started) in firstStart where order.path(from: a, to: b) != nil {
          // The rounds of a block that holds both come one after the other.
          if isRetried(a, b, graph) { continue }
          #expect(begun < started, "plan \(seed): \(graph.name(a)), \(graph.name(b))")
        }
      }
    }
  }

  private func isRetried(_ a: NodeID, _ b: NodeID, _ graph: Graph) -> Bool {
    graph.blocks.indices.contains { block in
      let range = graph[block].begin...graph[block].end
      return graph.template(block).retry != nil && range.contains(a) && range.contains(b)
    }
  }

  private static let jobs = "deployment-job d { release-jobs r, s instances 2 }"

  @Test func `all paths go through the barrier`() throws {
    let graph = try Self.graph(
      "plan p { \(Self.jobs) phase a { script a } barrier across deployment phase b { script b } }"
    )
    let proof = OrderProof(graph, before: steps(graph, "a:*"), after: steps(graph, "b:*"))
    #expect(proof.isProven)
    #expect(proof.through.map { graph[$0].kind } == [.barrier])
    #expect(proof.pairs == 16)
    let reversed = OrderProof(graph, before: steps(graph, "b:*"), after: steps(graph, "a:*"))
    #expect(reversed.unproven == 16)
    guard case .reversed? = reversed.gaps.first?.reason else {
      Issue.record("not said to be the other way round")
      return
    }
  }

  @Test func `a handler does not wait for success`() throws {
    let graph = try Self.graph(
      "plan p { phase a per deployment { run \"x\" as one finally { run \"x\" as two } } "
        + "phase b per deployment { run \"x\" as three } }"
    )
    let (one, two) = (steps(graph, "one"), steps(graph, "two"))
    let inside = OrderProof(graph, before: one, after: two)
    guard case .handler? = inside.gaps.first?.reason else {
      Issue.record("not told")
      return
    }
    let behind = OrderProof(graph, before: two, after: steps(graph, "three"))
    #expect(behind.isProven)
    #expect(behind.caveats[.inHandler] == two)
    #expect(OrderProof(graph, before: one, after: steps(graph, "three")).isProven)
  }

  @Test func `a removed barrier is reported as the cause`() throws {
    let phases = "phase a { script a } BARRIER phase b { script b }"
    let all = "\(phases) barrier across instance phase c { script c }"
    let old = try Self.graph(
      "plan p { \(Self.jobs) "
        + all.replacing("BARRIER", with: "barrier across instance") + "}"
    )
    let new = try Self.graph("plan p { \(Self.jobs) \(all.replacing("BARRIER", with: "")) }")
    let difference = PlanDifference(old, new)
    // On each of two instances: a of r before b of s, and the reverse.
    #expect(difference.order.lost.map(\.count) == [4])
    #expect(difference.order.lost.first?.relation == .sameInstance)
    #expect(difference.order.nowOverlapping == 4)
    #expect(difference.order.gained.isEmpty)
    #expect(difference.losesGuarantee)
    let back = PlanDifference(new, old)
    #expect(!back.losesGuarantee)
    #expect(back.order.gained.map(\.count) == [4])
    #expect(PlanDifference(old, old).isEmpty)
  }

  @Test func `reversed orders are distinguished from overlaps`() throws {
    let old = try Self.graph("plan p { \(Self.jobs) phase a { script x } phase b { script y } }")
    let new = try Self.graph("plan p { \(Self.jobs) phase b { script y } phase a { script x } }")
    let order = PlanDifference(old, new).order
    #expect(order.reversed == 4)
    #expect(order.nowOverlapping == 0)
  }

  /// A change of a setting, and whether it loses a guarantee.
  struct Change: Sendable, CustomTestStringConvertible {
    var old: String
    var new: String
    var what: String
    var isLoss: Bool
    var testDescription: String { "\(old) -> \(new)" }
  }

  private static let changes = [
    Change(old: "timeout 5s", new: "timeout 9s", what: "timeout", isLoss: false),
    Change(old: "timeout 5s", new: "", what: "timeout", isLoss: true),
    Change(old: "", new: "timeout 5s", what: "timeout", isLoss: false),
    Change(old: "idempotent", new: "idempotent retry 2", what: "attempts", isLoss: false),
    Change(old: "", new: "idempotent", what: "may be started twice", isLoss: true),
    Change(old: "", new: "optional", what: "optional", isLoss: true),
    Change(old: "optional", new: "", what: "optional", isLoss: false),
    Change(old: "", new: "when exists \"/x\"", what: "condition", isLoss: true),
    Change(old: "", new: "when 1 == 2", what: "skipped", isLoss: true),
    Change(old: "env A = \"1\"", new: "env A = \"2\"", what: "env A", isLoss: false),
  ]

  @Test(arguments: changes)
  func `a changed setting is named`(_ change: Change) throws {
    func plan(_ clauses: String) throws -> Graph {
      try Self.graph("plan p { timeout 1h phase a per instance { run \"x\" { \(clauses) } } }")
    }
    let difference = PlanDifference(try plan(change.old), try plan(change.new))
    let found = try #require(difference.settings.first { $0.what == change.what })
    #expect(found.isLoss == change.isLoss)
    #expect(difference.losesGuarantee == change.isLoss)
    #expect(found.steps.count == 1)
  }

  @Test func `a new block without a retry is no change of attempts`() throws {
    let old = try Self.graph("plan p { phase a { timeout 1m script x } }")
    let new = try Self.graph("plan p { phase a { script x } }")
    #expect(PlanDifference(old, new).settings.map(\.what) == ["timeout of phase a"])
  }

  @Test func `a step can be named without its subject, as a run prints it`() throws {
    let graph = try Self.graph(
      "plan p { phase a per instance { run \"x\" run \"y\" as z } phase b per instance { run \"z\" as z } "
        + "finally { run \"z\" as z } }"
    )
    #expect(steps(graph, "a#z").map { graph.name($0) } == ["a:vm/0#z"])
    #expect(steps(graph, "a#run-x").map { graph.name($0) } == ["a:vm/0#run-x"])
    #expect(steps(graph, "p#z").map { graph.name($0) } == ["p:#z"])
    for none in ["c#z", "a#", "a#run"] { #expect(steps(graph, none).isEmpty, "\(none)") }
  }

  @Test func `a higher limit is a loss, a lower one is not`() throws {
    func plan(_ limit: String) throws -> Graph {
      try Self.graph("plan p { \(Self.jobs) phase a { \(limit) script x { timeout 1s } } }")
    }
    let (none, two, three) = (try plan(""), try plan("limit 2"), try plan("limit 3"))
    #expect(PlanDifference(two, three).losesGuarantee)
    #expect(PlanDifference(two, none).losesGuarantee)
    #expect(!PlanDifference(three, two).losesGuarantee)
    #expect(!PlanDifference(none, two).losesGuarantee)
  }
}
