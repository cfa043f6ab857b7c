import PlanGraph
import PlanLanguage
import Testing

/// Names of steps in handlers of a plan or a rollout, next to a phase with the same name.
@Suite struct HandlerNameTests {
  private func names(_ body: String) throws -> [String] {
    let text = "plan small { deployment-job web { release-jobs app instances 2 } \(body) }"
    let parsed = Parser.parse(SourceFile(name: "small.plan", text: text))
    #expect(parsed.diagnostics == [])
    let built = GraphBuilder.build(BuildInput(plan: parsed.tree, site: .unknown))
    let graph = try #require(built.graph, "\(built.diagnostics)")
    return graph.nodes.indices.map { graph.name($0) }
      .filter { $0.hasPrefix("rollout:") || $0.hasPrefix("small:") }
  }

  private static let phase = #"phase rollout per instance { run "a" as r { timeout 1m } }"#
  private static let handlers =
    #"phase up per instance { run "b" { timeout 1m } } finally { run "c" as r { idempotent timeout 1m } }"#

  @Test(
    "A phase called 'rollout' has no step of the same name as a rollout's handlers",
    arguments: [
      "\(phase) rollout { \(handlers) }", "rollout { \(handlers) } \(phase)",
      "rollout { \(phase) \(handlers) }",
    ]
  )
  func rollout(body: String) throws {
    let names = try names(body)
    #expect(names.contains("rollout:web/1#r"))
    #expect(names.contains("rollout:web/1#r-2"))
    #expect(Set(names).count == names.count, "\(names)")
  }

  @Test("Names are also unique if the phase differs between instances")
  func differing() throws {
    let phase = #"phase rollout per instance { run "a \(instance.index)" as r { timeout 1m } }"#
    let names = try names("rollout { \(Self.handlers) } \(phase)")
    for index in 0...1 {
      #expect(names.contains("rollout:web/\(index)#r"))
      #expect(names.contains("rollout:web/\(index)#r-2"))
    }
    #expect(Set(names).count == names.count, "\(names)")
  }

  @Test("A phase named like the plan shares no step name with the plan's handlers")
  func plan() throws {
    let names = try names(
      #"phase small per deployment { run "a" as r { timeout 1m } } finally { run "c" as r { idempotent timeout 1m } }"#
    )
    #expect(names.contains("small:#r") && names.contains("small:#r-2"), "\(names)")
  }
}
