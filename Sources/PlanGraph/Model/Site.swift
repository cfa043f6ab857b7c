/// What the compiler is told about the machines that a plan is for.
package struct Site: Sendable {
  /// The one deployment job of a plan that declares none: its name, its instance's index, its
  /// release jobs in order.
  package struct Discovered: Sendable {
    package var deploymentJob: String
    package var instance: String
    package var releaseJobs: [String]

    /// Makes what was found on a machine.
    package init(deploymentJob: String, instance: String, releaseJobs: [String]) {
      self.deploymentJob = deploymentJob
      self.instance = instance
      self.releaseJobs = releaseJobs
    }
  }

  /// nil where no machine was looked at: then every name is believed, and every script and process
  /// is taken to be there.
  package var discovered: Discovered?
  /// Facts that hold on all machines by name, such as `stemcell.os`, `stemcell.version`, `vm.host`,
  /// `director.version`.
  package var facts: [String: String]
  /// Those of `facts` that a person gave, which count more than what anything else says.
  package var givenFacts: Set<String> = []
  /// Facts that are different ones on the machines of this plan: by name, what is found where, for
  /// people.
  package var disputedFacts: [String: String] = [:]
  /// The facts of an instance's machine, by the instance's path; nil where it has no machine.
  package var factsOfInstance: @Sendable (String) -> [String: String]? = { _ in nil }
  /// Whether the machines have no release jobs and are to have none, as they have nothing to do with
  /// BOSH.
  package var isPlain = false
  /// The release jobs that the VM of an instance (`web/0`) has, for a deployment job that declares
  /// none; nil where that VM is not known.
  package var releaseJobs: @Sendable (String) -> [String]? = { _ in nil }
  /// Whether a release job has a script: instance path (`web/0`), release job, script name.
  package var hasScript: @Sendable (String, String, String) -> Bool
  /// Whether a release job has processes to start and stop: instance path, release job.
  package var hasProcesses: @Sendable (String, String) -> Bool

  /// Makes a site.
  package init(
    discovered: Discovered?,
    facts: [String: String],
    hasScript: @escaping @Sendable (String, String, String) -> Bool,
    hasProcesses: @escaping @Sendable (String, String) -> Bool
  ) {
    self.discovered = discovered
    self.facts = facts
    self.hasScript = hasScript
    self.hasProcesses = hasProcesses
  }

  /// No machine: for checking a plan alone.
  package static let unknown = Site(
    discovered: nil,
    facts: [:],
    hasScript: { _, _, _ in true },
    hasProcesses: { _, _ in true }
  )
}
