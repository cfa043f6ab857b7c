import Analysis
import Clock
import Execution
@testable import Journal
import PlanGraph
import PlanLanguage
import Testing

/// Records written by hand, one second apart, each with its number as its offset.
enum WrittenRecords {
  /// Two steps, one after the other.
  static let twoPhases = """
    plan p {
      deployment-job web { release-jobs a }
      phase one per instance { run "true" as first { idempotent } }
      phase two per instance { run "true" as second { idempotent } }
    }
    """

  static func graph(_ text: String) throws -> Graph {
    let parsed = Parser.parse(SourceFile(name: "p.plan", text: text))
    return try #require(GraphBuilder.build(BuildInput(plan: parsed.tree)).graph)
  }

  /// The steps of a graph, by their labels.
  static func steps(in graph: Graph) -> [String: NodeID] {
    var found: [String: NodeID] = [:]
    for node in graph.nodes.indices {
      if let step = graph.step(node) { found[step.name] = node }
    }
    return found
  }

  static func twoSteps(in graph: Graph) throws -> (NodeID, NodeID) {
    let steps = graph.nodes.indices.filter { graph[$0].kind == .step }
    try #require(steps.count == 2)
    return (steps[0], steps[1])
  }

  static func audit(
    _ events: [Event],
    _ graph: Graph,
    _ policy: RunPolicy = RunPolicy(),
    endingAt ends: Set<Int>? = []
  ) -> RunAudit {
    let entries = events.enumerated().map { index, event in
      JournalContents.Entry(
        moment: Instant(nanoseconds: Int64(index) * 1_000_000_000),
        event: event,
        offset: index
      )
    }
    return RunAudit.read(entries, graph, policy, endingAt: ends)
  }

  /// The broken rules, in the order of the findings.
  static func rules(_ events: [Event], _ graph: Graph) -> [RunAudit.Finding.Rule] {
    audit(events, graph).findings.map(\.rule)
  }
}
