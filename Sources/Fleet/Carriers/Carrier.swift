import Words

/// What connects standard input and output with a shell on another machine: `ssh` or any other
/// command.
///
/// The command gets one more argument, the shell, and the shell is told on its standard input what to
/// do. So it does not matter whether the command takes a line or separate arguments.
package struct Carrier: Hashable, Sendable {
  /// The whole argument vector, with at least one element.
  package var vector: [String]

  /// The options that every `ssh` of ours gets.
  ///
  /// Nobody can answer a question, and a peer that is gone must be noticed.
  static let sshOptions = [
    "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20", "-o", "ServerAliveInterval=15",
    "-o", "ServerAliveCountMax=3",
  ]

  /// Makes a carrier of a vector that is complete.
  package init(vector: [String]) { self.vector = vector }

  /// Makes the carrier of a host.
  ///
  /// - Parameters:
  ///   - via: words that replace `ssh`; `{host}`, `{user}`, `{port}` and `{instance}` in them stand
  ///     for the host's. If none of them does, and the program is `ssh`, the host follows.
  ///   - host: what is reached.
  ///   - shell: the shell there, in words, such as `sh` or `sudo -n sh`.
  package init(via: [String]?, to host: HostPlace, shell: [String]) {
    guard let via, !via.isEmpty else {
      vector = ["ssh"] + Self.sshOptions + Self.arguments(to: host) + shell
      return
    }
    let values = [
      ("{host}", host.address), ("{instance}", host.instance), ("{user}", host.user ?? ""),
      ("{port}", host.port.map(String.init) ?? ""),
    ]
    var isNamed = false
    vector = via.map { word in
      values.reduce(word) { word, value in
        guard word.contains(value.0) else { return word }
        isNamed = true
        return word.replacing(value.0, with: value.1)
      }
    }
    if !isNamed, Self.isSSH(via[0]) { vector += Self.arguments(to: host) }
    vector += shell
  }

  private static func isSSH(_ program: String) -> Bool {
    program == "ssh" || program.hasSuffix("/ssh")
  }

  private static func arguments(to host: HostPlace) -> [String] {
    let port = host.port.map { ["-p", "\($0)"] } ?? []
    let user = host.user.map { ["-l", $0] } ?? []
    return port + user + ["--", host.address]
  }

  /// The command for people.
  package var words: String { shellWords(vector) }
}

/// Where an instance is, as it was written.
package struct HostPlace: Hashable, Sendable {
  /// The instance, such as `web/0`.
  package var instance: String
  /// A name or an address.
  package var address: String
  package var user: String?
  package var port: Int?
  /// The VM's folder there; nil for the far end's default.
  package var root: String?

  /// Describes a place.
  package init(
    instance: String,
    address: String,
    user: String? = nil,
    port: Int? = nil,
    root: String? = nil
  ) {
    self.instance = instance
    self.address = address
    self.user = user
    self.port = port
    self.root = root
  }

  /// For people: `root@10.0.16.5:2222`.
  package var words: String {
    (user.map { "\($0)@" } ?? "") + address + (port.map { ":\($0)" } ?? "")
  }
}
