import Fleet
import PlanGraph
import PlanLanguage
import System
import VM
import Wire
import Words

/// The machines of a run that are reached over connections, and which instances are on them.
package final class HostSelection {
  let fleet: Fleet
  /// The instances in the order of the plan, each with its host's number in `fleet.hosts`.
  let instances: [(path: String, host: Int)]
  let request: HostsRequest
  /// The number of each instance's host.
  let numbers: [String: Int]
  /// The host of each instance as it is recorded.
  let recorded: [RecordedHost]
  /// A digest of each script, once the hosts were asked.
  var digests: [NodeID: UInt64] = [:]
  /// The number of the host that each subject's steps run on, once the hosts know the plan.
  var places: SubjectPlaces?
  /// What each host was sent of the plan.
  var parts: [[NearMessage]] = []

  init(
    _ fleet: Fleet,
    _ instances: [(path: String, host: Int)],
    recorded: [RecordedHost],
    _ request: HostsRequest
  ) {
    self.fleet = fleet
    self.instances = instances
    self.request = request
    self.recorded = recorded
    numbers = Dictionary(instances.map { ($0.path, $0.host) }) { first, _ in first }
  }

  /// What is known of an instance's VM; nil if it could not be reached and no other VM of its
  /// deployment job was.
  func report(of instance: String) -> VMReport? {
    guard let number = numbers[instance] else { return nil }
    if let report = fleet.hosts[number].report { return report }
    // The instances of a deployment job are alike.
    let job = instance.split(separator: "/").first ?? ""
    for (path, host) in instances where path.split(separator: "/").first == job {
      if let report = fleet.hosts[host].report { return report }
    }
    return nil
  }

  /// Whether no machine has anything to do with BOSH.
  var arePlain: Bool { instances.allSatisfy { report(of: $0.path)?.isPlain ?? true } }

  /// The size of the persistent disk of all machines in MiB; nil if they differ.
  var persistentDisk: Int? {
    let sizes = Set(fleet.hosts.compactMap { $0.report?.persistentDisk })
    return sizes.count > 1 ? nil : sizes.first ?? 0
  }

  /// Where logs are in each machine's folder.
  var logsPath: String { fleet.hosts.lazy.compactMap { $0.report?.logsPath }.first ?? "sys/log" }

  /// A line for each instance and its host, for people.
  package var lines: [String] {
    let most = 20
    let width = instances.prefix(most).map { columns($0.path) }.max() ?? 0
    var lines = instances.prefix(most).map { instance in
      let path = safeForTerminal(instance.path)
      let blanks = String(repeating: " ", count: width - columns(path))
      let place = fleet.hosts[instance.host].place
      let folder = place.root.map { "  \($0)" } ?? ""
      return "host      \(path)\(blanks)  \(safeForTerminal(place.shown + folder))"
    }
    if instances.count > most { lines.append("          and \(instances.count - most) more hosts") }
    return lines
  }

  /// Each instance with its host and folder, for programs.
  package var named: [(name: String, path: String)] {
    instances.map { instance in
      let place = fleet.hosts[instance.host].place
      return (instance.path, "ssh://\(place.shown)\(report(of: instance.path)?.path ?? "")")
    }
  }

  // MARK: Compiling

  /// What a plan is compiled against.
  func site(facts: [String: String]) -> Site {
    let known = KnownFacts(
      instances.compactMap { instance in
        report(of: instance.path).map { (instance.path, $0.facts) }
      }
    )
    // The closures are called while the plan is compiled, on this thread, and by nobody afterwards.
    let reports = Dictionary(
      instances.compactMap { instance in report(of: instance.path).map { (instance.path, $0) } }
    ) { first, _ in first }
    var site = Site(
      discovered: discovered,
      facts: known.common.merging(facts) { _, given in given },
      hasScript: { instance, releaseJob, script in
        reports[instance]?.has(script, of: releaseJob) ?? false
      },
      hasProcesses: { instance, releaseJob in
        reports[instance]?.releaseJobs.first { $0.name == releaseJob }?.hasProcesses ?? false
      }
    )
    site.givenFacts = Set(facts.keys)
    site.disputedFacts = known.disputed
    site.factsOfInstance = { reports[$0]?.facts }
    site.isPlain = arePlain
    site.releaseJobs = { reports[$0]?.releaseJobs.map(\.name) }
    return site
  }

  /// The deployment jobs of a plan that declares none: those that the hosts are for.
  private var discovered: Site.Discovered {
    var jobs: [Site.Discovered.Job] = []
    for (path, _) in instances {
      let words = path.split(separator: "/").map(String.init)
      let instance = Site.Discovered.Instance(
        index: words.last ?? "0",
        releaseJobs: report(of: path)?.releaseJobs.map(\.name) ?? []
      )
      let name = words.first ?? "vm"
      if let place = jobs.firstIndex(where: { $0.name == name }) {
        jobs[place].instances.append(instance)
      } else {
        jobs.append(Site.Discovered.Job(name: name, instances: [instance]))
      }
    }
    return Site.Discovered(jobs: jobs)
  }
}

extension VMReport {
  /// Whether a release job has a script.
  func has(_ script: String, of releaseJob: String) -> Bool {
    releaseJobs.first { $0.name == releaseJob }?.scripts.contains(script) ?? false
  }
}
