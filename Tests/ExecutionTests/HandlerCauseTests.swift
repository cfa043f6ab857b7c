@testable import Analysis
@testable import Execution
import PlanGraph
import PlanLanguage
import TestSupport
import Testing

/// What the steps of handlers learn, in rehearsed runs.
@Suite struct HandlerCauseTests {
  private struct Told: Equatable {
    var steps: [String]
    var others: Int
    var ending: HandlerCause.Ending
  }

  /// What each started step of a handler learned.
  private func causes(
    _ body: String,
    _ changes: [(String, Scenario.Effect)],
    cancelledAfter: Duration? = nil
  ) throws -> [String: Told] {
    let text = "plan small { deployment-job web { release-jobs app, db } \(body) }"
    let parsed = Parser.parse(SourceFile(name: "small.plan", text: text))
    let graph = try #require(GraphBuilder.build(BuildInput(plan: parsed.tree)).graph)
    var scenario = Scenario()
    scenario.changes = changes.map {
      Scenario.Change(graph.steps(named: StepPattern($0)), $1, attempts: [])
    }
    if let cancelledAfter { scenario.cancellations = [(cancelledAfter, 15)] }
    let rehearsal = Rehearsal(
      graph,
      policy: RunPolicy(),
      times: StepDurations().times(in: graph),
      scenario: scenario
    )
    var found: [String: Told] = [:]
    for entry in rehearsal.trace {
      guard case .performed(.start(let node, _, let cause?)) = entry.occurrence else { continue }
      found[graph.name(node)] = Told(
        steps: cause.steps.map(graph.name),
        others: cause.others,
        ending: cause.ending
      )
    }
    return found
  }

  private static let body = """
    default { timeout 1m }
    phase work {
      run "a" as a
      run "b" as b
      on failure { run "c" as c finally { run "d" as d } }
      finally { run "e" as e }
    }
    finally { run "f" as f }
    """

  @Test func handlerLearnsHowItsOwnBlockEnded() throws {
    let found = try causes(
      Self.body,
      [("work:web/0/db#a", .exits(7)), ("work:web/0/db#c", .fails)]
    )
    let body = Told(steps: ["work:web/0/db#a"], others: 0, ending: .failed(.exited(7)))
    #expect(found["work:web/0/db#a"] == nil)
    #expect(found["work:web/0/db#c"] == body)
    // A handler of a handler learns what failed in that handler.
    #expect(
      found["work:web/0/db#d"]
        == Told(steps: ["work:web/0/db#c"], others: 0, ending: .failed(.exited(1)))
    )
    var both = body
    both.steps.append("work:web/0/db#c")
    #expect(found["work:web/0/db#e"] == both)
    #expect(found["small:#f"]?.steps == both.steps)
    #expect(found["work:web/0/app#e"] == Told(steps: [], others: 0, ending: .succeeded))
  }

  @Test func handlerLearnsThatItsRunWasStopped() throws {
    let found = try causes(
      Self.body,
      [("work:web/0/db#b", .takes(.seconds(30)))],
      cancelledAfter: .seconds(10)
    )
    #expect(
      found["work:web/0/db#c"]
        == Told(steps: ["work:web/0/db#b"], others: 0, ending: .failed(.cancelled))
    )
  }

  @Test func handlerLearnsOnlyTheFirstFailedSteps() throws {
    let steps = (0..<150).map { "run \"x\" as s\($0)" }.joined(separator: "\n")
    let found = try causes(
      """
      default { timeout 1m }
      phase work per instance { parallel { \(steps) } finally { run "e" as e } }
      """,
      [("work", .fails)]
    )
    #expect(found["work:web/0#e"]?.steps.count == 100)
    #expect(found["work:web/0#e"]?.others == 50)
  }
}
