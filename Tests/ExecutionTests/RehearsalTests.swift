@testable import Analysis
@testable import Execution
import PlanGraph
import PlanLanguage
import TestSupport
import Testing

/// Rehearsed runs.
@Suite struct RehearsalTests {
  private func graph(_ body: String) throws -> Graph {
    let text = """
      plan small {
        deployment-job web { release-jobs app, db }
        \(body)
      }
      """
    let parsed = Parser.parse(SourceFile(name: "small.plan", text: text))
    return try #require(GraphBuilder.build(BuildInput(plan: parsed.tree)).graph)
  }

  private func rehearse(
    _ graph: Graph,
    _ changes: [(String, Scenario.Effect, Set<Int>)] = [],
    cancelledAfter: Duration? = nil
  ) -> Rehearsal {
    var scenario = Scenario()
    scenario.changes = changes.map {
      Scenario.Change(graph.steps(named: StepPattern($0)), $1, attempts: $2)
    }
    if let cancelledAfter { scenario.cancellations = [(cancelledAfter, 15)] }
    return Rehearsal(
      graph,
      policy: RunPolicy(),
      times: StepDurations().times(in: graph),
      scenario: scenario
    )
  }

  private static let lifecycle = """
    phase pre-start { script pre-start { retry 2 backoff 5s timeout 1m } }
    barrier across instance
    phase start { start { settle 10s timeout 1m } }
    phase ready { wait tcp "localhost:80" as ready { timeout 30s grace 1s } }
    finally { run "true" as bye { timeout 1m } }
    """

  /// How it ends, and when, in seconds.
  @Test(
    arguments: [
      // pre-start 1, start 1 + 10, ready 1, bye 1.
      ([], Int32(0), Int64(14)),
      // Three attempts with 5 s between them, and the handler.
      ([("pre-start:web/0/db", .fails, [])], 1, 14),
      ([("pre-start:web/0/db", .fails, [1])], 0, 20),
      ([("pre-start:web/0/db", .hangs, [])], 1, 191),
      ([("pre-start", .takes(.seconds(40)), [])], 0, 53),
      ([("pre-start", .takes(.seconds(40)), []), ("pre-start:web/0/app", .exits(9), [2])], 0, 53),
      // A wait fails when it times out.
      ([("ready:web/0/app", .fails, [])], 1, 43),
      ([("start:web/0/app", .dies(9), [])], 1, 14),
    ] as [([(String, Scenario.Effect, Set<Int>)], Int32, Int64)]
  )
  func ends(
    changes: [(String, Scenario.Effect, Set<Int>)],
    status: Int32,
    seconds: Int64
  ) throws {
    let rehearsal = rehearse(try graph(Self.lifecycle), changes)
    #expect(rehearsal.exitStatus == status)
    #expect(rehearsal.elapsed == .seconds(seconds))
  }

  @Test func cancelledRunStillRunsItsHandlers() throws {
    let graph = try graph(Self.lifecycle)
    let rehearsal = rehearse(graph, cancelledAfter: .milliseconds(500))
    #expect(rehearsal.ending == .finished(.cancelled(signal: 15)))
    #expect(rehearsal.exitStatus == 143)
    #expect(rehearsal.elapsed == .milliseconds(1500))
    #expect(rehearsal.run.enteredHandlers.count == 1)
  }

  @Test func hangingStepWithoutATimeoutNeverEnds() throws {
    let graph = try graph("phase a { script a } phase b { script b }")
    let rehearsal = rehearse(graph, [("a:web/0/db", .hangs, [])])
    #expect(rehearsal.ending == .neverEnds)
    #expect(rehearsal.exitStatus == nil)
    #expect(rehearsal.hanging.map(graph.name) == ["a:web/0/db#script-a"])
    #expect(graph.steps(named: StepPattern("b:web/0/db")).allSatisfy(rehearsal.run.isUnstarted))
  }

  private func table(
    _ graph: Graph,
    _ effect: Scenario.Effect = .fails,
    groupsAbove: Int = .max
  ) -> [String] {
    SingleFailures(
      graph,
      policy: RunPolicy(),
      times: StepDurations().times(in: graph),
      effect: effect,
      groupsAbove: groupsAbove
    ).rows.map { row in
      let result = row.consequence
      let status = result.exitStatus.map(String.init) ?? "never"
      return "\(row.nodes.map(graph.name).joined(separator: " ")) \(status)"
        + " \(result.elapsed.components.seconds) \(result.unstarted) \(result.handlers)"
    }
  }

  private static let two = """
    phase a { script a }
    barrier across instance
    phase b { script b { optional } on failure { run "true" as alarm } }
    phase c per instance { run "true" as c }
    """

  @Test func onlySomeOfTooManyKindsAreTried() throws {
    let runs = (0..<250).map { "run \"true\" as s\($0)" }.joined(separator: "\n")
    let graph = try graph("phase a per deployment { parallel { \(runs) } }")
    func failures(_ mostWork: Int) -> SingleFailures {
      SingleFailures(
        graph,
        policy: RunPolicy(),
        times: StepDurations().times(in: graph),
        effect: .fails,
        groupsAbove: .max,
        mostWork: mostWork
      )
    }
    let some = failures(1000)
    #expect(some.tried == 84 && some.leftOut == 166)
    #expect(some.rows.map { $0.nodes.count } == [Int](repeating: 1, count: 84))
    #expect(graph.name(some.rows[83].nodes[0]) == "a:#s249")
    #expect(failures(20_000).tried == 250 && failures(20_000).leftOut == 0)
  }

  @Test func everySingleFailureHasItsRow() throws {
    let graph = try graph(Self.two)
    #expect(
      table(graph) == [
        "a:web/0/app#script-a 1 1 3 0", "a:web/0/db#script-a 1 1 3 0",
        "b:web/0/app#script-b 0 3 0 0",
        "b:web/0/app#alarm 0 3 0 0", "b:web/0/db#script-b 0 3 0 0", "b:web/0/db#alarm 0 3 0 0",
        "c:web/0#c 1 3 0 0",
      ]
    )
    #expect(
      table(graph, .hangs, groupsAbove: 1) == [
        "a:web/0/app#script-a a:web/0/db#script-a never 1 3 0",
        "b:web/0/app#script-b b:web/0/db#script-b never 2 1 0",
        "b:web/0/app#alarm b:web/0/db#alarm 0 3 0 0",
        "c:web/0#c never 2 0 0",
      ]
    )
  }
}
