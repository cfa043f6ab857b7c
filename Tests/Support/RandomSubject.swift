package import PlanGraph
import PlanLanguage

/// A random plan, compiled, with its rules.
package struct RandomSubject {
  package let seed: UInt64
  package let text: String
  package let graph: Graph
  package let rules: RunRules
  /// By node: whether something ends a step that hangs.
  let isBounded: Table<NodeID, Bool>

  /// A compiler's complaints about a plan that should have no mistakes.
  package struct Refused: Error { package var messages: [String] }

  /// Compiles the plan that belongs to a seed.
  package init(seed: UInt64, _ options: RandomPlan.Options) throws(Refused) {
    self.seed = seed
    text = RandomPlan.text(seed: seed, options)
    let parsed = Parser.parse(SourceFile(name: "random.plan", text: text))
    let built = GraphBuilder.build(BuildInput(plan: parsed.tree, site: .unknown))
    guard let graph = built.graph, let plan = parsed.tree.plan else {
      let errors = (parsed.diagnostics + built.diagnostics).filter { $0.severity == .error }
      throw Refused(messages: errors.map(\.message))
    }
    self.graph = graph
    rules = RunRules(graph, NaiveReading(plan, site: .unknown))
    isBounded = Table(graph.nodes.indices.map { Self.isBounded($0, graph) })
  }

  private static func isBounded(_ node: NodeID, _ graph: Graph) -> Bool {
    if graph.step(node)?.timeout != nil { return true }
    for block in graph.blocks(around: node) {
      if graph.template(block).timeout != nil { return true }
      let kind = graph.template(block).kind
      if kind == .onFailure || kind == .finally { return false }
    }
    return false
  }
}
