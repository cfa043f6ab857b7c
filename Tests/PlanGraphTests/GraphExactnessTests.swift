import PlanGraph
import PlanLanguage
import TestSupport
import Testing

/// Compares the compiler with a naive reading of the three rules of meaning.
@Suite struct GraphExactnessTests {
  /// Which release job has which script: random, but always the same.
  private static func site(seed: UInt64) -> Site {
    Site(
      discovered: nil,
      facts: [:],
      hasScript: { instance, releaseJob, script in
        var hash: UInt64 = seed
        for byte in "\(instance) \(releaseJob) \(script)".utf8 { hash = hash &* 31 &+ UInt64(byte) }
        return hash % 3 != 0
      },
      hasProcesses: { _, _ in true }
    )
  }

  @Test(arguments: 0..<40)
  func `random plans have the same steps and the same order relation`(_ hundred: Int) throws {
    for seed in hundred * 100..<(hundred + 1) * 100 {
      let text = RandomPlan.text(seed: UInt64(seed))
      let source = SourceFile(name: "random.plan", text: text)
      let parsed = Parser.parse(source)
      let site = Self.site(seed: UInt64(seed))
      let built = GraphBuilder.build(BuildInput(plan: parsed.tree, site: site))
      let errors = (parsed.diagnostics + built.diagnostics).filter { $0.severity == .error }
      #expect(errors.isEmpty, "seed \(seed): \(errors.map(\.message))\n\(text)")
      guard let graph = built.graph, let plan = parsed.tree.plan else { continue }
      let difference = Self.difference(graph, NaiveReading(plan, site: site))
      #expect(difference == nil, "seed \(seed): \(difference ?? "")\n\(text)")
      if difference != nil { return }
    }
  }

  /// The first difference; nil if there is none.
  static func difference(_ graph: Graph, _ naive: NaiveReading) -> String? {
    var nodes: [String: NodeID] = [:]
    for node in graph.nodes.indices where graph[node].kind == .step {
      nodes[graph.name(node)] = node
    }
    let missing = Set(naive.steps).symmetricDifference(nodes.keys)
    if !missing.isEmpty { return "steps differ: \(missing.sorted())" }
    let before = predecessorSteps(graph)
    for (index, name) in naive.steps.enumerated() {
      guard let node = nodes[name] else { return "no node \(name)" }
      let expected = Set(naive.mustPrecede[index].map { naive.steps[$0] })
      let actual = before[node]
      if expected == actual { continue }
      return "\(name): missing \(expected.subtracting(actual).sorted()), "
        + "needless \(actual.subtracting(expected).sorted())"
    }
    return nil
  }

  /// The names of all steps that a node waits for, directly or not.
  private static func predecessorSteps(_ graph: Graph) -> Table<NodeID, Set<String>> {
    var result: Table<NodeID, Set<String>> = []
    for node in graph.nodes.indices {
      var names: Set<String> = []
      for before in graph.predecessors(node) {
        names.formUnion(result[before])
        if graph[before].kind == .step { names.insert(graph.name(before)) }
      }
      result.append(names)
    }
    return result
  }

  @Test func `a join between two groups needs as many edges as both have nodes`() throws {
    let text = """
      plan wide {
        deployment-job a { release-jobs x instances 500 }
        phase one { run ["/bin/true"] }
        barrier across deployment
        phase two { run ["/bin/true"] }
      }
      """
    let parsed = Parser.parse(SourceFile(name: "wide.plan", text: text))
    let graph = try #require(GraphBuilder.build(BuildInput(plan: parsed.tree)).graph)
    #expect(graph.count == 1001)
    #expect(graph.predecessorList.count == 1000)
  }
}
