package import PlanGraph

extension VMFolder {
  /// Whether a release job has processes to start and stop: those of group vcap in its monit files, or
  /// systemd units that it names.
  ///
  /// A file that cannot be understood is taken to have some, so that a step is there to say so.
  package func hasProcesses(of releaseJob: String) -> Bool {
    guard (try? CheckedName(releaseJob)) != nil else { return false }
    do {
      return try !SystemdUnits.read(of: releaseJob, on: self).isEmpty
    } catch {
      return true
    }
  }

  /// What a plan is compiled against where this is the only machine.
  ///
  /// A plan that declares no deployment job has one here, of the VM's own name and index.
  package var site: Site {
    var site = Site(
      discovered: Site.Discovered(
        deploymentJob: instance.deploymentJob,
        instance: instance.index,
        releaseJobs: releaseJobs.map(\.text)
      ),
      facts: facts,
      hasScript: { _, releaseJob, script in self.hasScript(script, of: releaseJob) },
      hasProcesses: { _, releaseJob in self.hasProcesses(of: releaseJob) }
    )
    site.isPlain = isPlain
    return site
  }
}
