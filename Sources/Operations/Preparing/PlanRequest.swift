import PlanLanguage
import VM

/// A plan that was read, what is compiled with it, and for which machines.
package struct PlanRequest: Sendable {
  package var plan: LoadedPlan
  /// Values of params, by name.
  package var parameters: [String: String]
  /// What the machines do not know themselves, by name.
  package var facts: [String: String]
  package var vms: VMRequest

  /// Asks for a plan to be compiled.
  package init(
    plan: LoadedPlan,
    parameters: [String: String] = [:],
    facts: [String: String] = [:],
    vms: VMRequest = VMRequest()
  ) {
    self.plan = plan
    self.parameters = parameters
    self.facts = facts
    self.vms = vms
  }

  /// Whether the plan says itself which deployment jobs there are.
  package var declaresJobs: Bool {
    (plan.parsed.tree.plan?.items ?? []).contains {
      if case .deploymentJob = $0 { true } else { false }
    }
  }

  /// Whether no machine is named, and no VM of BOSH's is where one is looked for then: the machine
  /// at hand is none of the deployment jobs that a plan declares.
  package var lacksMachine: Bool {
    vms.standard == nil && vms.named.isEmpty
      && vms.paths(planPath: plan.path ?? "").allSatisfy {
        $0 == VMFolder.wholeMachine || !FileReader.isFolder($0)
      }
  }
}
