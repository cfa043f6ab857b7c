/// A plan that somebody asks to be shown and not run.
package struct DryRunRequest: Sendable {
  package var plan: PlanRequest
  package var selection: RunSelection
  /// The folder of records; nil for that beneath the first machine's folder.
  package var state: String?
  /// A recorded run to lay over the plan: `last`, or the beginning of its name.
  package var overlay: String?
  /// Who would start and stop processes, as for a run.
  package var supervisor: String
  /// Whether supervisors are asked how processes are now.
  package var asksSupervisors: Bool

  /// Asks for a plan to be shown.
  package init(_ plan: PlanRequest) {
    self.plan = plan
    selection = RunSelection()
    supervisor = "auto"
    asksSupervisors = false
  }
}
