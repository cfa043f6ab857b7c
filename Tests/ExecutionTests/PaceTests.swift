import Analysis
import Execution
import Journal
import PlanGraph
import PlanLanguage
import TestSupport
import Testing

/// How many instances change at a time, as in BOSH's `update` block.
@Suite struct PaceTests {
  private static func graph(_ instances: Int, _ pace: String, _ body: String) throws -> Graph {
    let text = """
      plan pace {
        deployment-job web { release-jobs app instances \(instances) }
        rollout {
          \(pace)
          phase go per instance { \(body) }
        }
        phase after per instance { run ["/x"] as y { idempotent } }
      }
      """
    let parsed = Parser.parse(SourceFile(name: "pace.plan", text: text))
    return try #require(GraphBuilder.build(BuildInput(plan: parsed.tree)).graph)
  }

  /// The result of a run on a simulated clock.
  private struct Played {
    /// How many were under way when each step of the rollout started, including itself.
    var together: [Int] = []
    var starts: [String] = []
    var outcome: RunOutcome?
  }

  private func play(_ graph: Graph, failing: Set<String> = []) -> Played {
    let world = Simulator.World(
      attempt: { node, _ in
        let index = Int64(node.index)
        let fails = failing.contains(graph.name(node))
        return SimulatedAttempt(duration: .seconds(10 + index), result: .exited(fails ? 1 : 0))
      },
      cancellations: []
    )
    var simulator = Simulator(graph, world)
    var run = GatedRun(Run(graph, policy: RunPolicy()))
    var played = Played()
    played.outcome = simulator.drive(&run, by: [.began])
    var underWay = 0
    for entry in simulator.trace {
      switch entry.occurrence {
      case .performed(.start(let node, _, _)):
        underWay += 1
        played.starts.append(graph.name(node))
        if graph.name(node).hasPrefix("go:") { played.together.append(underWay) }
      case .over: underWay -= 1
      default: break
      }
    }
    return played
  }

  private static let step = #"run ["/x"] as x { idempotent }"#

  @Test(
    "BOSH 7.3: max-in-flight is a number or a percentage, rounded down, at least one",
    arguments: [
      ("1", 5, 1), ("3", 5, 3), ("8", 5, 5), ("10%", 5, 1), ("39%", 5, 1), ("40%", 5, 2),
      ("59%", 5, 2), ("100%", 5, 5), ("25%", 8, 2), ("33%", 10, 3),
    ]
  )
  func maxInFlight(_ amount: String, _ instances: Int, _ most: Int) throws {
    let graph = try Self.graph(instances, "max-in-flight \(amount)", Self.step)
    let played = play(graph)
    #expect(played.together.max() == most && played.together.count == instances)
    #expect(played.outcome == .succeeded)
  }

  @Test(
    "BOSH 7.3: canaries are a number or a percentage, rounded down, none by default",
    arguments: [
      ("", 0), ("canaries 2", 2), ("canaries 10%", 0), ("canaries 20%", 1), ("canaries 59%", 2),
    ]
  )
  func canaries(_ pace: String, _ count: Int) throws {
    let graph = try Self.graph(5, "\(pace) max-in-flight 5", Self.step)
    let failing = Set((0..<5).map { "go:web/\($0)#x" })
    // If a canary fails, only canaries have begun.
    #expect(play(graph, failing: failing).starts.count == (count == 0 ? 5 : count))
  }

  @Test("BOSH 7.3: max-in-flight also limits canaries")
  func canariesAreLimited() throws {
    let graph = try Self.graph(5, "canaries 3 max-in-flight 2", Self.step)
    #expect(play(graph).together.prefix(3).max() == 2)
  }

  @Test("BOSH 7.4: after a failure no new instance begins, and running ones finish")
  func afterAFailure() throws {
    let graph = try Self.graph(
      6,
      "max-in-flight 2",
      #"run ["/x"] as x { idempotent } run ["/x"] as y { idempotent }"#
    )
    let played = play(graph, failing: ["go:web/0#x"])
    #expect(Set(played.starts) == ["go:web/0#x", "go:web/1#x", "go:web/1#y"])
    #expect(played.outcome == .failed)
  }

  @Test("BOSH 7.4: a failed canary stops its deployment job and what comes after it")
  func aFailedCanary() throws {
    let graph = try Self.graph(4, "canaries 1 max-in-flight 4", Self.step)
    let played = play(graph, failing: ["go:web/0#x"])
    #expect(played.starts == ["go:web/0#x"])
  }

  @Test("BOSH 7.1: deployment jobs run side by side unless one comes after the other")
  func betweenDeploymentJobs() throws {
    for isAfter in [false, true] {
      let text = """
        plan pace {
          deployment-job db { release-jobs app instances 2 }
          deployment-job web { release-jobs app instances 2 \(isAfter ? "after db" : "") }
          phase go per instance { \(Self.step) }
        }
        """
      let parsed = Parser.parse(SourceFile(name: "pace.plan", text: text))
      let graph = try #require(GraphBuilder.build(BuildInput(plan: parsed.tree)).graph)
      #expect(play(graph).together.max() == (isAfter ? 2 : 4))
      // In BOSH a parallel group finishes what is in flight; here it finishes everything.
      let failed = play(graph, failing: ["go:db/0#x"])
      #expect(failed.starts.filter { $0.contains("web") }.count == (isAfter ? 0 : 2))
    }
  }

  @Test func noInstanceStartsDuringTheRollbackOfAFailedOne() throws {
    let text = """
      plan pace {
        deployment-job web { release-jobs app instances 3 }
        rollout {
          max-in-flight 2
          phase go per instance { run ["/x"] as x { idempotent } }
          on failure { run ["/x"] as back { idempotent } script undo }
        }
      }
      """
    let parsed = Parser.parse(SourceFile(name: "pace.plan", text: text))
    let graph = try #require(GraphBuilder.build(BuildInput(plan: parsed.tree)).graph)
    // The second instance is done and frees its slot while the first is rolled back.
    let played = play(graph, failing: ["go:web/0#x"])
    #expect(
      played.starts == [
        "go:web/0#x", "go:web/1#x", "rollout:web/0#back", "rollout:web/0/app#script-undo",
      ]
    )
    #expect(played.outcome == .failed)
  }
}
