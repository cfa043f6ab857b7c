import PlanGraph
import PlanLanguage
import TestSupport
import Testing

/// Facts in text: the templates of a statement for subjects with different facts.
@Suite struct FactTextTests {
  private func build(
    _ body: String,
    facts: [String: [String: String]] = [:]
  ) throws -> (Graph?, [Diagnostic]) {
    let text = """
      plan small {
        deployment-job db { release-jobs store }
        deployment-job web { release-jobs app, log instances 3 }
        \(body)
      }
      """
    let parsed = Parser.parse(SourceFile(name: "small.plan", text: text))
    #expect(parsed.diagnostics == [])
    var site = Site.unknown
    if !facts.isEmpty {
      site.discovered = Site.Discovered(deploymentJob: "vm", instance: "0", releaseJobs: [])
      for name in Set(facts.values.flatMap(\.keys)) { site.disputedFacts[name] = "several" }
      site.factsOfInstance = { facts[$0] }
    }
    let built = GraphBuilder.build(BuildInput(plan: parsed.tree, site: site))
    return (built.graph, built.diagnostics)
  }

  private func texts(_ graph: Graph?) throws -> [String] {
    let graph = try #require(graph)
    return graph.nodes.indices.compactMap { node in
      guard case .run(let command)? = graph.step(node)?.action else { return nil }
      return "\(graph.name(node)): \(command.vector.last ?? "")"
    }
  }

  @Test func aPlanWithoutFactsHasOneTemplateForAllSubjects() throws {
    let (graph, _) = try build(#"phase a { timeout 1m run "x" as x run ["y"] as y }"#)
    #expect(graph?.steps.count == 2)
    #expect(graph?.statements.isEmpty == true)
  }

  @Test func eachSetOfFactsHasItsTemplate() throws {
    let (graph, found) = try build(
      #"""
      phase a {
        timeout 1m
        run "\(deployment-job.name)" as x
        run "same" as y
      }
      phase b per instance { run "\(instance.index)" as x { timeout 1m } }
      """#
    )
    #expect(found == [])
    let steps = try #require(graph).steps
    // Two deployment jobs and three instance indices.
    #expect(steps.count == 2 * 2 + 3)
    #expect(
      try texts(graph).filter { $0.contains("#x") }
        == [
          "a:db/0/store#x: db", "b:db/0#x: 0", "a:web/0/app#x: web", "a:web/0/log#x: web",
          "b:web/0#x: 0", "a:web/1/app#x: web", "a:web/1/log#x: web", "b:web/1#x: 1",
          "a:web/2/app#x: web", "a:web/2/log#x: web", "b:web/2#x: 2",
        ].sorted { left, right in
          try position(left, graph) < position(right, graph)
        }
    )
  }

  private func position(_ text: String, _ graph: Graph?) throws -> Int {
    try #require(try texts(graph).firstIndex(of: text))
  }

  @Test func allVariantsOfAPhaseShareItsLimit() throws {
    let (graph, _) = try build(
      #"phase b per instance { limit 1 run "\(instance.name)" as x { timeout 1m } }"#
    )
    #expect(graph?.limits == [1])
  }

  @Test func conditionsAreDecidedForEachSubject() throws {
    let (graph, found) = try build(
      """
      phase a per instance { timeout 1m when vm.kind == "big" run "x" as x }
      phase b { when known vm.kind and release-job.name != "app" script go { timeout 1m } }
      """,
      facts: [
        "db/0": [:], "web/0": ["vm.kind": "big"], "web/1": ["vm.kind": "small"], "web/2": [:],
      ]
    )
    // On a VM that does not know the fact, a condition without 'known' is a mistake.
    #expect(found.map(\.code) == [.unknownFact])
    #expect(found.first?.message == "the fact 'vm.kind' is not known on db/0")
    #expect(graph == nil)
    let (asked, none) = try build(
      """
      phase b { when known vm.kind and release-job.name != "app" script go { timeout 1m } }
      """,
      facts: [
        "db/0": [:], "web/0": ["vm.kind": "big"], "web/1": ["vm.kind": "small"], "web/2": [:],
      ]
    )
    #expect(none == [])
    let known = try #require(asked)
    let running = known.nodes.indices.filter { known.step($0)?.skipReason == nil }
    #expect(
      running.map { known.name($0) } == [
        "b:web/0/log#script-go", "b:web/1/log#script-go",
      ]
    )
  }

  @Test func aMistakeInATextWithFactsIsReportedOnce() throws {
    let (_, found) = try build(
      #"phase b per instance { run "echo \(vm.kind)" as x run "y" }"#,
      facts: [
        "db/0": ["vm.kind": "a b"], "web/0": ["vm.kind": "c d"], "web/1": ["vm.kind": "ok"],
        "web/2": ["vm.kind": "e f"],
      ]
    )
    #expect(found.map(\.code) == [.unsafeInCommand, .noTimeBound, .noTimeBound])
  }
}
