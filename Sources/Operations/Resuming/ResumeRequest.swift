import Machine

/// A request to resume a run.
package struct ResumeRequest: Sendable {
  package var run: RunReference
  /// Secret params, which are not recorded, by name.
  package var parameters: [String: String]
  package var assumptions: Assumptions
  /// Whether to continue even if the plan or what it runs has changed.
  package var acceptsChanges: Bool
  /// How many records of runs to keep.
  package var keep: Int

  /// Makes a request to resume a run.
  package init(
    run: RunReference,
    parameters: [String: String] = [:],
    assumptions: Assumptions = Assumptions(),
    acceptsChanges: Bool = false,
    keep: Int = RunStore.defaultKeep
  ) {
    self.run = run
    self.parameters = parameters
    self.assumptions = assumptions
    self.acceptsChanges = acceptsChanges
    self.keep = keep
  }
}
