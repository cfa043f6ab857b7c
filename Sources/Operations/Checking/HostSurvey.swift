import Fleet
import Glibc
package import VM
import Wire

/// What hosts say of themselves when they are asked.
package struct HostSurvey: Sendable {
  /// One instance.
  package struct Row: Sendable {
    /// Such as `web/0`.
    package var instance: String
    /// As it was written, such as `root@10.0.16.5:22`.
    package var host: String
    /// Why it was not reached; nil if it was.
    package var failure: Problem?
    /// The version of its `lockstep`.
    package var version: String?
    package var folder: String?
    package var releaseJobs: [String] = []
    /// How far its clock is ahead of ours, to the time that the answer took.
    package var clockSkew: Duration?
    /// How many bytes are free for logs.
    package var freeBytes: UInt64?
    /// Whether it runs as root there.
    package var isRoot = true
  }

  /// In the order of the instances.
  package let rows: [Row]

  /// Asks hosts.
  ///
  /// - Parameters:
  ///   - request: which hosts.
  ///   - plan: whose instances are meant; nil for all that are named.
  ///   - tell: is told of what is odd about the hosts.
  /// - Throws: what is wrong with the hosts file or the plan.
  package init(
    _ request: HostsRequest,
    for plan: PlanRequest?,
    _ tell: Tell
  ) throws(CommandFailure) {
    let selection = try HostSelection.look(request, for: plan, tell)
    defer { selection.fleet.close() }
    rows = selection.instances.map { instance in
      let host = selection.fleet.hosts[instance.host]
      var row = Row(instance: instance.path, host: host.place.shown)
      row.failure = host.problems.first
      guard let report = host.report, host.failure == nil else { return row }
      row.version = report.version
      row.folder = report.path
      row.releaseJobs = report.releaseJobs.map(\.name)
      row.clockSkew = host.clockSkew
      row.freeBytes = report.freeBytes
      row.isRoot = report.user == 0
      return row
    }
  }

  /// Whether every host was reached.
  package var isComplete: Bool { rows.allSatisfy { $0.failure == nil } }
}
