import Analysis
import Clock
import Execution
@testable import Journal
import PlanGraph
import PlanLanguage
import Reports
import Testing
import Words

/// The text about an audit of a recorded run.
@Suite struct AuditReportTests {
  private let graph: Graph
  private let steps: [NodeID]

  init() throws {
    let parsed = Parser.parse(
      SourceFile(
        name: "p.plan",
        text: """
          plan p {
            default { timeout 1m }
            deployment-job web { release-jobs a }
            phase one per instance {
              run "true" as work { idempotent }
              finally { run "true" as tidy { idempotent } }
            }
            phase two per instance { run "true" as last { idempotent } }
          }
          """
      )
    )
    let graph = try #require(GraphBuilder.build(BuildInput(plan: parsed.tree)).graph)
    steps = graph.nodes.indices.filter { graph[$0].kind == .step }
    self.graph = graph
  }

  private func text(_ events: [Event], isOver: Bool) -> String {
    let entries = events.enumerated().map { index, event in
      JournalContents.Entry(
        moment: Instant(nanoseconds: Int64(index) * 1_000_000_000),
        event: event,
        offset: index
      )
    }
    let ends: Set<Int> = isOver ? [events.count - 1] : []
    let audit = RunAudit.read(entries, graph, RunPolicy(), endingAt: ends)
    var text = ""
    var output = TextOutput { text += String(decoding: $0, as: UTF8.self) }
    AuditReport(graph, audit, run: "R").write(to: &output)
    output.flush()
    return text
  }

  @Test func aHandlerThatDidNotRunIsReportedWithTheLastRecordOfItsBlock() throws {
    try #require(steps.count == 3)
    let events: [Event] = [
      .began, .started(steps[0], attempt: 1, process: 7),
      .ended(steps[0], attempt: 1, .exited(0)),
    ]
    #expect(
      text(events, isOver: true) == """
        run R of the plan p
          3 events, 1 start, 1 session

        one:web/0#tidy did not run when its block was over
          byte 2, 2.000000000 s: attempt 1 of one:web/0#work

        1 violation of the rules

        """
    )
    #expect(text(events, isOver: false).hasSuffix("\nall rules were kept\n"))
  }
}
