package import PlanGraph
import Machine
import PlanLanguage
import System
package import VM

/// A plan compiled for machines.
package struct Preparation {
  /// Without the plan's tree.
  package let request: PlanRequest
  package let graph: Graph
  /// The secret params of the plan and its includes, which only the steps may see.
  package let secrets: [SecretParam]
  package let vms: VMSelection
  package let logNames: StepLogNames

  /// Checks a plan and compiles it for its machines.
  ///
  /// - Parameters:
  ///   - request: the plan. Its tree is freed on the way.
  ///   - tell: gets what a run would leave out.
  /// - Throws: the mistakes in the plan (status 2) or the problems of a machine.
  package init(_ request: consuming PlanRequest, tell: Tell) throws(CommandFailure) {
    let vms: VMSelection
    do {
      if let hosts = request.vms.hosts {
        vms = VMSelection(try HostSelection.connect(hosts, for: request, tell))
      } else {
        vms = try VMSelection(request.vms, plan: request.plan)
      }
    } catch {
      throw Self.failure(error, ofPlan: &request)
    }
    let built = PlanCompilation.build(
      &request.plan,
      parameters: request.parameters,
      site: vms.site(facts: request.facts)
    )
    // The tree of a long plan is larger than its graph.
    if built.sources.contains(where: { $0.bytes.count > 1 << 20 }) { Memory.giveBack() }
    graph = try Self.graph(built, request.plan, tell)
    secrets = built.secrets
    self.request = request
    self.vms = vms
    logNames = StepLogNames(graph)
    try vms.hosts?.sendPlan(graph, logNames)
  }

  /// Mistakes in the plan are reported on any machine.
  private static func failure(
    _ failure: CommandFailure,
    ofPlan request: inout PlanRequest
  ) -> CommandFailure {
    let built = PlanCompilation.build(
      &request.plan,
      parameters: request.parameters,
      site: .unknown
    )
    let alone = Findings(request.plan.parsed, built)
    if !alone.hasErrors { return failure }
    return CommandFailure(.wrong, [.findings(alone.ofRun)] + failure.notices)
  }

  /// Only the graph, for operations that only analyse it.
  ///
  /// - Parameters:
  ///   - request: the plan.
  ///   - isAlone: whether to compile without any machine.
  ///   - tell: gets what a run would leave out.
  /// - Returns: the graph.
  /// - Throws: the mistakes, always with status 2.
  package static func graph(
    of request: consuming PlanRequest,
    isAlone: Bool,
    tell: Tell
  ) throws(CommandFailure) -> Graph {
    if !isAlone {
      do {
        return try Preparation(request, tell: tell).graph
      } catch {
        throw CommandFailure(.wrong, error.notices)
      }
    }
    var site = Site.unknown
    site.facts = request.facts
    site.givenFacts = Set(request.facts.keys)
    let built = PlanCompilation.build(&request.plan, parameters: request.parameters, site: site)
    return try graph(built, request.plan, tell)
  }

  private static func graph(
    _ built: BuildResult,
    _ plan: LoadedPlan,
    _ tell: Tell
  ) throws(CommandFailure) -> Graph {
    let findings = Findings(plan.parsed, built)
    let shown = findings.ofRun
    guard !findings.hasErrors, let graph = built.graph else {
      throw CommandFailure(.wrong, [.findings(shown)])
    }
    if !shown.diagnostics.isEmpty { tell(.findings(shown)) }
    return graph
  }
}

extension Preparation {
  /// Finds out what would certainly fail, on folders or on hosts.
  ///
  /// - Parameters:
  ///   - vms: the folder of each instance; none for hosts.
  ///   - supervisor: who starts and stops processes, as it was written.
  ///   - leftOut: steps that will not run.
  /// - Returns: the problems.
  /// - Throws: that a host does not answer.
  func problems(
    on vms: [SubjectID: VMFolder],
    supervisor: String,
    leavingOut leftOut: Set<NodeID>
  ) throws(CommandFailure) -> [Problem] {
    if let hosts = self.vms.hosts {
      return try hosts.problems(supervisor: supervisor, leavingOut: leftOut)
    }
    return Preflight.problems(
      graph: graph,
      vms: vms,
      supervisor: try SupervisorChoice(text: supervisor),
      leavingOut: leftOut,
      logNames: logNames
    )
  }
}
