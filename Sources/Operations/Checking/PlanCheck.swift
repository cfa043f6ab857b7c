package import PlanGraph

/// Checks plans without a machine.
package enum PlanCheck {
  /// All mistakes and warnings in a plan that do not depend on a machine.
  ///
  /// - Parameters:
  ///   - argument: a path, the name of a bundled plan, or `-`.
  ///   - parameters: values of params, by name.
  /// - Returns: what was found.
  /// - Throws: an error if it cannot be read.
  package static func findings(
    _ argument: String,
    parameters: [String: String]
  ) throws(CommandFailure) -> Findings {
    var plan = try PlanCompilation.load(argument)
    let built = PlanCompilation.build(&plan, parameters: parameters, site: .unknown)
    return Findings(plan.parsed, built).ofPlanAlone
  }

  /// The graph of a plan, to show how Lockstep reads it.
  ///
  /// - Parameters:
  ///   - request: the plan.
  ///   - isAlone: whether to compile without any machine.
  /// - Returns: the graph.
  /// - Throws: all mistakes and warnings, if there is a mistake.
  package static func graph(
    of request: PlanRequest,
    isAlone: Bool
  ) throws(CommandFailure) -> Graph {
    var plan = request.plan
    var site = Site.unknown
    if !isAlone {
      do {
        site = try VMSelection(request.vms, plan: plan).site(facts: request.facts)
      } catch {
        var failure = CommandFailure(message: "the VM's folder cannot be used")
        failure.notices.insert(contentsOf: error.notices, at: 0)
        throw failure
      }
    }
    let built = PlanCompilation.build(&plan, parameters: request.parameters, site: site)
    let findings = Findings(plan.parsed, built)
    guard !findings.hasErrors, let graph = built.graph else {
      throw CommandFailure(.wrong, [.findings(findings)])
    }
    return graph
  }
}
