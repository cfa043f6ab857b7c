/// A request to run a plan after each boot, and optionally another plan at shutdown.
package struct BootRequest: Sendable {
  /// The plan for shutdown.
  package struct Shutdown: Sendable {
    /// As given: a path, or the name of a bundled plan.
    package var argument: String
    package var plan: PlanRequest
    /// The time after which the run gets TERM.
    package var limit: Duration
    /// The rest of its command line, after the plan and its machines.
    package var options: [String]

    /// Makes a request to run a plan at shutdown.
    package init(_ argument: String, _ plan: PlanRequest, limit: Duration, options: [String]) {
      self.argument = argument
      self.plan = plan
      self.limit = limit
      self.options = options
    }
  }

  /// The plan as given: a path, or the name of a bundled plan.
  package var argument: String
  package var plan: PlanRequest
  package var selection: RunSelection
  /// The supervisor, as for a run.
  package var supervisor: String
  /// The rest of the run's command line, after the plan and its machines.
  package var options: [String]
  /// The params whose values are on that command line, where everyone can read them.
  package var openParameters: Set<String>
  package var shutdown: Shutdown?

  /// Makes a request to run a plan after each boot.
  package init(_ argument: String, _ plan: PlanRequest, options: [String]) {
    self.argument = argument
    self.plan = plan
    self.options = options
    selection = RunSelection()
    supervisor = "auto"
    openParameters = []
  }
}
