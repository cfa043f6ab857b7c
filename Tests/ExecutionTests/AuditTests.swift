import Analysis
import Execution
@testable import Journal
import PlanGraph
import TestSupport
import Testing

/// The audit of recorded runs: it finds changed records, and nothing else.
@Suite struct AuditTests {
  private static let small = RandomPlan.Options(hasRules: true, isSmall: true)

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
    return recorded(simulator.trace)
  }

  /// The recorded events of a trace after which the run was over.
  private func ends(_ trace: [Simulator.Entry]) -> Set<Int> {
    var found: Set<Int> = []
    var count = 0
    var hasDiskFailed = false
    for entry in trace {
      switch entry.occurrence {
      case .event(_, let decided) where !hasDiskFailed:
        for case .finish in decided { found.insert(count) }
        count += 1
      case .diskFailed: hasDiskFailed = true
      case .interrupted(let kept, _):
        count = min(Int(kept), count)
        found = found.filter { $0 < count }
        hasDiskFailed = false
      default: break
      }
    }
    return found
  }

  /// The records on disk at the end of a trace, with the number of each record as its offset.
  private func recorded(_ trace: [Simulator.Entry]) -> [JournalContents.Entry] {
    var found: [JournalContents.Entry] = []
    var hasDiskFailed = false
    for entry in trace {
      switch entry.occurrence {
      case .event(let event, _) where !hasDiskFailed:
        found.append(
          JournalContents.Entry(moment: entry.moment, event: event, offset: found.count)
        )
      case .diskFailed: hasDiskFailed = true
      case .interrupted(let kept, _):
        found.removeSubrange(min(Int(kept), found.count)...)
        hasDiskFailed = false
      default: break
      }
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

  /// With hangs, timeouts, cancellations, failing disks, crashes, resumes and assumptions.
  @Test(arguments: 0..<10)
  func `an interrupted and resumed run is never accused`(_ part: Int) throws {
    for plan in UInt64(part * 60)..<UInt64(part * 60 + 60) {
      let isSmall = !plan.isMultiple(of: 4)
      let options = RandomPlan.Options(hasRules: true, isSmall: isSmall)
      let subject = try RandomSubject(seed: plan, options)
      for seed in plan * 1000..<plan * 1000 + 20 {
        var run = RandomRun(subject, seed: seed, RandomRun.Options(lives: 6))
        run.play()
        let audit = RunAudit.read(recorded(run.trace), subject.graph, run.policy)
        guard let finding = audit.findings.first else { continue }
        Issue.record("\(isSmall ? "small" : "large") \(plan) \(seed), 6 lives: \(finding)")
        return
      }
    }
  }

  @Test func `a run of part of a plan is not accused`() throws {
    var count = 0
    for plan in UInt64(0)..<60 {
      let graph = try RandomSubject(seed: plan, Self.small).graph
      let steps = graph.nodes.indices.filter { graph[$0].kind == .step }
      var random = SeededRandom(seed: plan)
      var policy = RunPolicy(parallel: 1 + random.below(4), seed: plan)
      for node in steps where random.oneIn(2) { policy.passedOver[node] = .notChosen }
      let world = Simulator.World(
        attempt: { _, _ in SimulatedAttempt(duration: .seconds(1), result: .exited(0)) },
        answer: { _, _ in true }
      )
      var simulator = Simulator(graph, world)
      var run = GatedRun(Run(graph, policy: policy))
      try #require(simulator.drive(&run) != nil)
      let audit = RunAudit.read(recorded(simulator.trace), graph, policy)
      #expect(audit.findings.isEmpty, "plan \(plan): \(audit.findings)")
      count += audit.starts
    }
    #expect(count > 60)
  }

  /// The deliberate faults that leave records that break a rule.
  ///
  /// Faults that only the machine or a person could notice, such as a start that is never carried
  /// out, leave no such records.
  @Test(arguments: [
    (Fault.aBarrierWaitsForOneTooFew, RunAudit.Finding.Rule.early),
    (.aStepDoesNotWaitForTheOneBeforeIt, .early),
    (.finallyIsForgotten, .early),
    (.finallyIsForgotten, .handlerMissing),
    (.onFailureIsForgotten, .handlerMissing),
    (.everyFailurePasses, .early),
    (.limitsLetInOneTooMany, .beyondLimit),
    (.blocksLetInOneTooMany, .beyondLimit),
    (.oneTooManyUnderWay, .beyondLimit),
    (.oneAttemptTooMany, .pastAttempts),
    (.oneAttemptOfABlockTooMany, .pastBlockAttempts),
    (.everythingIsIdempotent, .secondTime),
  ])
  func `the audit finds a fault of the run in its records`(
    _ fault: Fault,
    _ rule: RunAudit.Finding.Rule
  ) throws {
    for plan in 0..<UInt64(200) {
      let subject = try RandomSubject(seed: plan, Self.small)
      for seed in plan * 1000..<plan * 1000 + 10 {
        var run = RandomRun(subject, seed: seed, RandomRun.Options(fault: fault))
        run.play()
        let audit = RunAudit.read(
          recorded(run.trace),
          subject.graph,
          run.policy,
          endingAt: ends(run.trace)
        )
        if audit.findings.contains(where: { $0.rule == rule }) { return }
      }
    }
    Issue.record("2000 runs with it, and nothing was found")
  }

  @Test func `a step that starts early, twice or too often is found`() throws {
    var early = 0
    for seed in UInt64(0)..<60 {
      let graph = try RandomSubject(seed: seed, RandomPlan.Options(isSmall: true)).graph
      let entries = try entries(graph, seed: seed)
      for index in entries.indices {
        guard case .started(let node, let attempt, _) = entries[index].event else { continue }
        // The same record again, immediately.
        var twice = entries
        var again = entries[index]
        again.event = .started(node, attempt: attempt, process: 7)
        twice.insert(again, at: index + 1)
        let rules = RunAudit.read(renumbered(twice), graph, RunPolicy()).findings.map(\.rule)
        #expect(rules.contains(.twiceAtOnce) && rules.contains(.pastAttempts))
        // Moved to the front, it is early if there is a step before it.
        guard
          graph.nodes.indices.contains(where: { before in
            graph[before].kind == .step
              && PrecedenceOrder(graph).path(from: before, to: node) != nil
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
