package import PlanGraph

/// Whether some steps of a plan have passed before others start, in every run.
package struct PlanProof {
  package let graph: Graph
  package let proof: OrderProof
  /// How many steps are meant.
  package let before: Int
  package let after: Int

  /// Proves it, or finds out why not.
  ///
  /// - Parameters:
  ///   - request: the plan.
  ///   - before: names and patterns of the steps that have to have passed.
  ///   - after: of those that start only then.
  ///   - tell: is told what a run would leave out.
  /// - Throws: what is wrong with the plan; a name that is nobody's.
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

  /// The steps of all the names, each once, ascending.
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
