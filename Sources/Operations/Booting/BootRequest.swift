/// A plan that somebody wants run after each boot, and perhaps another on the way down.
package struct BootRequest: Sendable {
  /// The plan for the way down.
  package struct Shutdown: Sendable {
    /// As it was named: a path, or the name of a bundled plan.
    package var argument: String
    package var plan: PlanRequest
    /// When the run is asked to end.
    package var limit: Duration
    /// What stands in its command line behind the plan and its machines.
    package var options: [String]

    /// Asks for a plan to be run on the way down.
    package init(_ argument: String, _ plan: PlanRequest, limit: Duration, options: [String]) {
      self.argument = argument
      self.plan = plan
      self.limit = limit
      self.options = options
    }
  }

  /// As the plan was named: a path, or the name of a bundled plan.
  package var argument: String
  package var plan: PlanRequest
  package var selection: RunSelection
  /// Who starts and stops processes, as for a run.
  package var supervisor: String
  /// What stands in the command line of the run behind the plan and its machines.
  package var options: [String]
  /// The params whose values stand there, where everybody can read them.
  package var openParameters: Set<String>
  package var shutdown: Shutdown?

  /// Asks for a plan to be run after each boot.
  package init(_ argument: String, _ plan: PlanRequest, options: [String]) {
    self.argument = argument
    self.plan = plan
    self.options = options
    selection = RunSelection()
    supervisor = "auto"
    openParameters = []
  }
}
