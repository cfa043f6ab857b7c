package import PlanGraph

/// Whether some steps of a plan have passed before others start, in every run.
package struct PlanProof {
  package let graph: Graph
  package let proof: OrderProof
  /// How many steps are selected.
  package let before: Int
  package let after: Int

  /// Proves the order, or finds a counterexample.
  ///
  /// - Parameters:
  ///   - request: the plan.
  ///   - before: names and patterns of the steps that must have passed.
  ///   - after: names and patterns of the steps that start after that.
  ///   - tell: gets what a run would leave out.
  /// - Throws: the mistakes in the plan, or a name that no step has.
  package init(
    _ request: PlanRequest,
    before: [String],
    after: [String],
    tell: Tell
  ) throws(CommandFailure) {
    let isAlone = request.declaresJobs && request.lacksMachine
    graph = try Preparation.graph(of: request, isAlone: isAlone, tell: tell)
    let first = try Self.steps(before, graph)
    let second = try Self.steps(after, graph)
    proof = OrderProof(graph, before: first, after: second)
    (self.before, self.after) = (first.count, second.count)
  }

  /// The steps with these names, each once, ascending.
  private static func steps(
    _ texts: [String],
    _ graph: Graph
  ) throws(CommandFailure) -> [NodeID] {
    var found: Set<NodeID> = []
    for text in texts {
      let steps = graph.steps(named: StepPattern(text))
      if steps.isEmpty { throw StepNames(graph).none(text) }
      found.formUnion(steps)
    }
    return found.sorted()
  }
}
