package import PlanGraph

extension VMFolder {
  /// Whether a release job has processes to start and stop: those of group vcap in its monit files,
  /// or systemd units that it names.
  ///
  /// A file that cannot be understood counts as having some, so that there is a step that reports
  /// it.
  package func hasProcesses(of releaseJob: String) -> Bool {
    guard (try? CheckedName(releaseJob)) != nil else { return false }
    do {
      return try !SystemdUnits.read(of: releaseJob, on: self).isEmpty
    } catch {
      return true
    }
  }

  /// What a plan is compiled against if this is the only VM.
  ///
  /// A plan that declares no deployment job gets one here, with the VM's own name and index.
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
