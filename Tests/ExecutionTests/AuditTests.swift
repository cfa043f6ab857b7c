import Execution
import PlanGraph
import TestSupport
import Testing

/// The second reading of recorded runs: it finds what is doctored, and nothing else.
@Suite struct AuditTests {
  private func entries(_ graph: Graph, seed: UInt64) throws -> [JournalContents.Entry] {
    let world = Simulator.World(
      attempt: { node, attempt in
        var random = SeededRandom(seed: seed &+ UInt64(node.index) &* 31 &+ UInt64(attempt))
        let result: AttemptResult = random.oneIn(4) ? .exited(1) : .exited(0)
        return SimulatedAttempt(duration: .milliseconds(250 * random.below(24)), result: result)
      },
      answer: { node, _ in (UInt64(node.index) &+ seed).isMultiple(of: 2) }
    )
    var simulator = Simulator(graph, world)
    var run = GatedRun(Run(graph, policy: RunPolicy(seed: seed)))
    try #require(simulator.drive(&run) != nil)
    var found: [JournalContents.Entry] = []
    for entry in simulator.trace {
      guard case .event(let event, _) = entry.occurrence else { continue }
      found.append(
        JournalContents.Entry(moment: entry.moment, event: event, offset: found.count)
      )
    }
    return found
  }

  @Test func `a run that kept the rules is not accused`() throws {
    for seed in UInt64(0)..<150 {
      let options = RandomPlan.Options(hasRules: true, isSmall: !seed.isMultiple(of: 3))
      let graph = try RandomSubject(seed: seed, options).graph
      for world in 0..<UInt64(3) {
        let entries = try entries(graph, seed: seed &* 7 &+ world)
        let audit = RunAudit.read(entries, graph, RunPolicy())
        if let finding = audit.findings.first {
          Issue.record("plan \(seed), world \(world): \(finding)")
          return
        }
      }
    }
  }

  @Test func `a step that begins early, twice or too often is found`() throws {
    var early = 0
    for seed in UInt64(0)..<60 {
      let graph = try RandomSubject(seed: seed, RandomPlan.Options(isSmall: true)).graph
      let entries = try entries(graph, seed: seed)
      for index in entries.indices {
        guard case .started(let node, let attempt, _) = entries[index].event else { continue }
        // Once more, at once.
        var twice = entries
        var again = entries[index]
        again.event = .started(node, attempt: attempt, process: 7)
        twice.insert(again, at: index + 1)
        let rules = RunAudit.read(renumbered(twice), graph, RunPolicy()).findings.map(\.rule)
        #expect(rules.contains(.twiceAtOnce) && rules.contains(.pastAttempts))
        // Before all others: early, if there is a step before it.
        guard
          graph.nodes.indices.contains(where: { before in
            graph.nodes[before].kind == .step
              && PrecedenceOrder(graph).path(from: NodeID(UInt32(before)), to: node) != nil
          })
        else { continue }
        var moved = entries
        moved.insert(moved.remove(at: index), at: 1)
        let found = RunAudit.read(renumbered(moved), graph, RunPolicy()).findings
        #expect(found.contains { $0.rule == .early && $0.record.node == node }, "plan \(seed)")
        early += 1
      }
    }
    #expect(early > 10)
  }

  private func renumbered(_ entries: [JournalContents.Entry]) -> [JournalContents.Entry] {
    entries.enumerated().map { index, entry in
      JournalContents.Entry(moment: entry.moment, event: entry.event, offset: index)
    }
  }
}
