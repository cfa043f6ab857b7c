package import PlanLanguage

/// Which instances a line of a hosts file is about.
package enum InstancePattern: Hashable, Sendable, CustomStringConvertible {
  /// One instance: `web/0`.
  case instance(deploymentJob: String, index: String)
  /// The instances of a deployment job that have no line of their own: `web/*`.
  case deploymentJob(String)
  /// All instances that no other line is about: `*`.
  case all

  /// The pattern as it is written.
  package var description: String {
    switch self {
    case .instance(let deploymentJob, let index): "\(deploymentJob)/\(index)"
    case .deploymentJob(let name): "\(name)/*"
    case .all: "*"
    }
  }

  /// Reads a pattern; nil for a text that is none.
  init?(_ text: some StringProtocol) {
    // The name of a deployment job cannot look like this, and people forget the instance.
    if IPAddress.isV4(text) { return nil }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    if text == "*" || text == "*/*" {
      self = .all
    } else if parts.count == 1, Self.isName(parts[0]) {
      self = .deploymentJob(String(parts[0]))
    } else if parts.count == 2, Self.isName(parts[0]), parts[1] == "*" {
      self = .deploymentJob(String(parts[0]))
    } else if parts.count == 2, Self.isName(parts[0]), Self.isName(parts[1]) {
      self = .instance(deploymentJob: String(parts[0]), index: String(parts[1]))
    } else {
      return nil
    }
  }

  /// Whether a text can be the name of a deployment job or the index of an instance.
  private static func isName(_ text: some StringProtocol) -> Bool {
    guard let first = text.utf8.first, first.isLetterOrDigit || first == UInt8(ascii: "_") else {
      return false
    }
    return text.utf8.allSatisfy { $0.isLetterOrDigit || "_-+.".utf8.contains($0) }
  }
}

/// What a line of a hosts file says.
package struct Host: Hashable, Sendable {
  /// The instances that it is about.
  package var pattern: InstancePattern
  /// The user to log in as; nil if the carrier decides.
  package var user: String?
  /// The host's name or address without brackets; it may contain placeholders.
  package var address: String
  /// The port; nil if the carrier decides.
  package var port: UInt16?
  /// The VM's folder on the host; nil if the line names none.
  package var root: String?
  /// The command that connects to the host; nil if the line names none.
  package var via: CarrierCommand?
  /// The name by which BOSH knows the instance, such as `web/8c3f…`; nil if BOSH does not name it.
  package var boshName: String?
  /// Where the instances are named.
  package var location: Location
  /// Where the host is named.
  package var addressLocation: Location
}

/// The host of one instance.
package struct ResolvedHost: Hashable, Sendable {
  /// The instance, such as `web/0`.
  package var instance: String
  /// The user to log in as; nil if the carrier decides.
  package var user: String?
  /// The host's name or address, without brackets.
  package var address: String
  /// The port; nil if the carrier decides.
  package var port: UInt16?
  /// The VM's folder on the host; nil if nothing names one.
  package var root: String?
  /// The arguments of the command that connects to the host; nil if nothing names one.
  package var via: [String]?
  /// Whether that command says in its arguments which host it connects to.
  package var viaNamesHost = false
  /// The name by which BOSH knows the instance; nil if BOSH does not name it.
  package var boshName: String?
  /// Where the instance's line is.
  package var location: Location
  /// Where the host is named.
  package var addressLocation: Location

  /// Makes the host of an instance.
  package init(
    instance: String,
    user: String? = nil,
    address: String,
    port: UInt16? = nil,
    root: String? = nil,
    via: [String]? = nil,
    boshName: String? = nil,
    location: Location,
    addressLocation: Location
  ) {
    self.instance = instance
    self.user = user
    self.address = address
    self.port = port
    self.root = root
    self.via = via
    self.boshName = boshName
    self.location = location
    self.addressLocation = addressLocation
  }

  /// The host as it is written, for people: `root@10.0.16.5:22`.
  package var shown: String {
    let name = address.contains(":") ? "[\(address)]" : address
    return (user.map { "\($0)@" } ?? "") + name + (port.map { ":\($0)" } ?? "")
  }

  /// What must differ between two VMs.
  package struct Identity: Hashable {
    var address: String
    var port: UInt16
    var root: String
    var via: [String]?
  }

  /// Ports and folders that are not given are the usual ones.
  package var identity: Identity {
    var root = root ?? "/var/vcap"
    while root.utf8.count > 1, root.hasSuffix("/") { root.removeLast() }
    return Identity(address: address.lowercased(), port: port ?? 22, root: root, via: via)
  }
}

extension UInt8 {
  /// Whether it is an ASCII letter or digit.
  var isLetterOrDigit: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}
