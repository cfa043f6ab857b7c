/// What the compiler knows about the machines that a plan is for.
package struct Site: Sendable {
  /// The deployment jobs of a plan that declares none.
  package struct Discovered: Sendable {
    /// A VM: the index of its instance, and its release jobs in order.
    package struct Instance: Sendable {
      package var index: String
      package var releaseJobs: [String]

      /// Makes the instance found on a machine.
      package init(index: String, releaseJobs: [String]) {
        (self.index, self.releaseJobs) = (index, releaseJobs)
      }
    }

    /// A deployment job with its instances in order.
    package struct Job: Sendable {
      package var name: String
      package var instances: [Instance]

      /// Makes a deployment job.
      package init(name: String, instances: [Instance]) {
        (self.name, self.instances) = (name, instances)
      }
    }

    /// At least one, no name twice.
    package var jobs: [Job]

    /// Makes the deployment jobs found on several machines.
    package init(jobs: [Job]) { self.jobs = jobs }

    /// Makes the deployment job found on one machine.
    package init(deploymentJob: String, instance: String, releaseJobs: [String]) {
      jobs = [
        Job(
          name: deploymentJob,
          instances: [Instance(index: instance, releaseJobs: releaseJobs)]
        )
      ]
    }
  }

  /// Nil if no machine was examined.
  ///
  /// Then every name is accepted, and every script and process counts as present.
  package var discovered: Discovered?
  /// Facts that are the same on all machines, by name, such as `stemcell.os`, `stemcell.version`,
  /// `vm.host`, `director.version`.
  package var facts: [String: String]
  /// The names of the `facts` that a person gave.
  ///
  /// These take precedence over everything else.
  package var givenFacts: Set<String> = []
  /// Facts that differ between the machines of this plan.
  ///
  /// The values describe for people what was found where.
  package var disputedFacts: [String: String] = [:]
  /// The facts of an instance's machine, by the instance's path; nil if it has no machine.
  package var factsOfInstance: @Sendable (String) -> [String: String]? = { _ in nil }
  /// Whether the machines have nothing to do with BOSH, so that they have no release jobs.
  package var isPlain = false
  /// The release jobs on the VM of an instance (`web/0`), for a deployment job that declares none;
  /// nil if that VM is not known.
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
