import PlanLanguage
import VM

/// A loaded plan, with the values and machines to compile it for.
package struct PlanRequest: Sendable {
  package var plan: LoadedPlan
  /// Values of params, by name.
  package var parameters: [String: String]
  /// Facts that the machines do not know themselves, by name.
  package var facts: [String: String]
  package var vms: VMRequest

  /// Makes a request to compile a plan.
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

  /// Whether the plan itself declares its deployment jobs.
  package var declaresJobs: Bool {
    (plan.parsed.tree.plan?.items ?? []).contains {
      if case .deploymentJob = $0 { true } else { false }
    }
  }

  /// Whether no machine is named and there is no BOSH VM in the default place.
  ///
  /// This machine is then not one of the deployment jobs that a plan declares.
  package var lacksMachine: Bool {
    vms.standard == nil && vms.named.isEmpty
      && vms.paths(planPath: plan.path ?? "").allSatisfy {
        $0 == VMFolder.wholeMachine || !FileReader.isFolder($0)
      }
  }
}
