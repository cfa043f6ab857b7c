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
  package static let sshOptions = [
    "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20", "-o", "ServerAliveInterval=15",
    "-o", "ServerAliveCountMax=3",
  ]

  /// Makes a carrier of a vector that is complete.
  package init(vector: [String]) { self.vector = vector }

  /// Makes the carrier of a host.
  ///
  /// - Parameters:
  ///   - host: what is reached. A command of its own replaces `ssh`; if that is an `ssh` again, and
  ///     does not name the host, the host follows.
  ///   - shell: the shell there, in words, such as `sh` or `sudo -n sh`.
  package init(to host: ResolvedHost, shell: [String]) {
    guard let via = host.via, !via.isEmpty else {
      vector = ["ssh"] + Self.sshOptions + Self.arguments(to: host) + shell
      return
    }
    vector = Self.whole(via, host) + shell
  }

  /// A command of the host's own with everything that it needs but the shell.
  private static func whole(_ via: [String], _ host: ResolvedHost) -> [String] {
    if !isSSH(via[0]) { return via }
    // A command from a record has them already.
    let options = via.contains(sshOptions) ? [] : sshOptions
    // The first value of an option counts, so people can choose others.
    if !host.viaNamesHost { return via + options + arguments(to: host) }
    let place = via.firstIndex { $0 == host.address || $0.hasSuffix("@\(host.address)") } ?? 1
    return via[..<place] + options + via[place...]
  }

  private static func isSSH(_ program: String) -> Bool {
    program == "ssh" || program.hasSuffix("/ssh")
  }

  private static func arguments(to host: ResolvedHost) -> [String] {
    let port = host.port.map { ["-p", "\($0)"] } ?? []
    let user = host.user.map { ["-l", $0] } ?? []
    return port + user + ["--", host.address]
  }

  /// The same host with its command whole, so that it can be recorded.
  package static func recordable(_ host: ResolvedHost) -> ResolvedHost {
    guard let via = host.via, !via.isEmpty else { return host }
    var whole = host
    whole.via = Self.whole(via, host)
    whole.viaNamesHost = true
    return whole
  }

  /// The command for people.
  package var words: String { shellWords(vector) }
}
