package import Journal
import VM

/// The folders of machines that somebody names, before anything in them is looked at.
package struct VMRequest: Equatable, Sendable {
  /// Of all that have none of their own; nil where nobody says.
  package var standard: String?
  /// By deployment job (`web`) or instance (`web/0`).
  package var named: [String: String]

  /// Names folders.
  package init(standard: String? = nil, named: [String: String] = [:]) {
    self.standard = standard
    self.named = named
  }

  /// The machines of a run that was begun before; an empty name is that of all others.
  package init(_ vms: [RunHeader.Pair]) {
    self.init()
    for machine in vms {
      if machine.name.isEmpty {
        standard = machine.value
      } else {
        named[machine.name] = machine.value
      }
    }
  }

  /// The folder of the first machine, on which the records of runs are kept where nobody says
  /// otherwise; nil where none is named.
  package var first: String? { standard ?? named.min { $0.key < $1.key }?.value }

  /// The folders that are meant, as they are written, for a plan's file or a bundled plan.
  package func paths(planPath: String) -> [String] {
    if standard == nil, named.isEmpty { return [Self.suggestion(for: planPath)] }
    return [standard].compactMap { $0 } + named.values
  }

  /// `Plans/quickstart` for `Plans/quickstart.plan` where that is a VM's folder; else BOSH's own, and
  /// where there is none the machine itself.
  static func suggestion(for plan: String?) -> String {
    if let path = plan, path.hasSuffix(".plan") {
      let folder = String(path.dropLast(".plan".count))
      if FileReader.isFolder("\(folder)/jobs") { return folder }
    }
    return VMFolder.defaultPath
  }
}
