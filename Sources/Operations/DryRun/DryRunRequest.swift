/// A request to show a plan instead of running it.
package struct DryRunRequest: Sendable {
  package var plan: PlanRequest
  package var selection: RunSelection
  /// The folder of records; nil for the one in the first machine's folder.
  package var state: String?
  /// A recorded run to show on the plan: `last`, or a prefix of its name.
  package var overlay: String?
  /// The supervisor, as for a run.
  package var supervisor: String
  /// Whether to ask supervisors about the current state of processes.
  package var asksSupervisors: Bool

  /// Makes a request to show a plan.
  package init(_ plan: PlanRequest) {
    self.plan = plan
    selection = RunSelection()
    supervisor = "auto"
    asksSupervisors = false
  }
}
