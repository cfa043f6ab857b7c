import PlanGraph
import PlanLanguage
@testable import Reports
import TestSupport
import Testing

/// The words for what a node waits for.
@Suite struct WaitsTests {
  @Test func aBarrierNamesEachThingOnce() throws {
    let text = """
      plan p {
        deployment-job web { release-jobs a, b, c }
        phase one { script x }
        phase two { parallel { script y script z } }
        phase three per instance { parallel { script x script y } parallel { stop script z } }
        barrier across deployment
        phase four per instance { parallel { run ["/a"] as a run ["/b"] as b } }
        phase five { script x }
        barrier across deployment
        phase six { script x }
      }
      """
    let parsed = Parser.parse(SourceFile(name: "p.plan", text: text))
    let graph = try #require(GraphBuilder.build(BuildInput(plan: parsed.tree)).graph)
    let words = StepWords(graph)
    for node in graph.nodes.indices {
      for text in [words.waits(node, most: 50), words.followers(node, most: 50)] {
        let names = text.split(separator: ", ")
        #expect(names.count == Set(names).count, "\(graph.name(node)): \(text)")
      }
    }
  }
}
