package import Fleet
import Journal

/// How somebody names the machines of a run that are reached over connections.
package struct HostsRequest: Equatable, Sendable {
  /// What becomes of a plan if a host cannot be reached at the start.
  package enum Unreachable: String, CaseIterable, Sendable {
    /// Nothing starts.
    case refuse
    /// The steps on it fail, and the rest goes on.
    case fail
  }

  /// The hosts file's name and its contents; nil if there is none.
  package var file: File?
  /// Single hosts, such as `web/0=ssh://root@10.0.16.5`.
  package var options: [String] = []
  /// The command that connects to hosts whose line names none; nil for `ssh`.
  package var via: CarrierCommand?
  /// The shell at the other end, in words.
  package var shell = ["sh"]
  /// Whether `lockstep` may be copied to hosts that have none.
  package var mayCopy = true
  package var unreachable = Unreachable.refuse
  /// How long a lost connection is made again.
  package var reconnectLimit = FleetSettings.usualReconnectLimit
  /// The run that the hosts may work for already; nil for a new one.
  var run: String?
  /// The hosts of a run that was begun before, by their instances, as its record has them.
  var recorded: [RecordedHost] = []

  /// The text of a hosts file.
  package struct File: Equatable, Sendable {
    package var name: String
    package var bytes: [UInt8]

    /// Makes the text of a file.
    package init(name: String, bytes: [UInt8]) { (self.name, self.bytes) = (name, bytes) }
  }

  /// Names no host yet.
  package init() {}
}

/// A host as the record of a run has it.
struct RecordedHost: Equatable, Sendable {
  /// The instance, such as `web/0`.
  var instance: String
  /// `HOST ROOT SHELL CARRIER…`: each a word for a shell, `-` for none.
  var text: String

  /// What the text begins with.
  static let mark = RunHeader.hostMark

  init(instance: String, text: String) { (self.instance, self.text) = (instance, text) }
}
