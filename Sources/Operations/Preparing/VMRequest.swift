package import Journal
import VM

/// The folders of machines as given, before they are inspected.
package struct VMRequest: Equatable, Sendable {
  /// The folder for all without their own; nil if not given.
  package var standard: String?
  /// By deployment job (`web`) or instance (`web/0`).
  package var named: [String: String]
  /// Machines that are reached over connections, in place of folders; nil for folders.
  package var hosts: HostsRequest?

  /// Makes a request.
  package init(standard: String? = nil, named: [String: String] = [:]) {
    self.standard = standard
    self.named = named
  }

  /// The machines of an earlier run.
  ///
  /// An empty name stands for all others.
  package init(_ vms: [RunHeader.Pair]) {
    self.init()
    let recorded = vms.filter { $0.value.hasPrefix(RecordedHost.mark) }.map {
      RecordedHost(instance: $0.name, text: $0.value)
    }
    if !recorded.isEmpty {
      var hosts = HostsRequest()
      hosts.recorded = recorded
      hosts.shell = recorded[0].shell
      self.hosts = hosts
      return
    }
    for machine in vms {
      if machine.name.isEmpty {
        standard = machine.value
      } else {
        named[machine.name] = machine.value
      }
    }
  }

  /// The folder of the first machine, where the records of runs are kept by default; nil if none is
  /// given.
  package var first: String? { standard ?? named.min { $0.key < $1.key }?.value }

  /// The resulting folders, as written, for a plan's file or a bundled plan.
  package func paths(planPath: String) -> [String] {
    if standard == nil, named.isEmpty { return [Self.suggestion(for: planPath)] }
    return [standard].compactMap { $0 } + named.values
  }

  /// `Plans/quickstart` for `Plans/quickstart.plan` if that is a VM's folder.
  ///
  /// Otherwise BOSH's own folder, and without that the machine itself.
  static func suggestion(for plan: String?) -> String {
    if let path = plan, path.hasSuffix(".plan") {
      let folder = String(path.dropLast(".plan".count))
      if FileReader.isFolder("\(folder)/jobs") { return folder }
    }
    return VMFolder.defaultPath
  }
}
