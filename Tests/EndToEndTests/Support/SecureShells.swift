import CLinux
import Glibc
import Testing

/// Hosts `vm1`, `vm2`, … with a real sshd each, on 127.0.0.2 and the following addresses.
///
/// Root logs in with a key that is made for the test. Each host has a home of its own, so that no
/// start-up file of this machine's root is read. They end with this object.
final class SecureShells {
  /// Whether tests that need it run: if sshd is installed, or if all tools are required.
  static var isWanted: Bool { Tool.isAllRequired || obstacle == nil }
  /// The message of the condition that skips such a test elsewhere.
  static let need: Comment = "needs root, and: apt-get install openssh-server openssh-client"

  /// Why it cannot be started here; nil if it can.
  private static let obstacle: String? = {
    if getuid() != 0 { return "needs root" }
    for tool in [Tool.sshd, .ssh, .sshKeygen] where access(tool.path, X_OK) != 0 {
      return "there is no \(tool.path): apt-get install openssh-server openssh-client"
    }
    return nil
  }()

  /// Holds everything.
  let sandbox: Sandbox
  /// How many hosts there are.
  let count: Int
  /// What `ssh` has to be told, as a carrier.
  var carrier: String { "ssh -F \(sandbox["ssh/config"])" }
  private var daemons: [RunningCommand] = []

  init(_ sandbox: Sandbox, _ count: Int, _ location: SourceLocation = #_sourceLocation) throws {
    if let obstacle = Self.obstacle { throw SystemFailure(description: obstacle) }
    (self.sandbox, self.count) = (sandbox, count)
    // sshd wants it for its separation of privileges, and ends without it.
    try FileTree.makeFolder("/run/sshd")
    try sandbox.folder("ssh")
    chmod(sandbox["ssh"], 0o700)
    let port = try LocalPort.free()
    try key("id")
    var config = """
      Host vm*
        User root
        Port \(port)
        IdentityFile \(sandbox["ssh/id"])
        IdentitiesOnly yes
        IdentityAgent none
        UserKnownHostsFile \(sandbox["ssh/known_hosts"])
        GlobalKnownHostsFile /dev/null
        StrictHostKeyChecking yes

      """
    var known = ""
    for number in 1...count {
      let address = "127.0.0.\(number + 1)"
      config += "Host vm\(number)\n  HostName \(address)\n"
      try key("host\(number)")
      let words = (sandbox.text("ssh/host\(number).pub") ?? "").split(separator: " ")
      known += "[\(address)]:\(port) \(words.prefix(2).joined(separator: " "))\n"
      try sandbox.folder("home\(number)")
      try sandbox.write(
        "ssh/sshd\(number)",
        """
        ListenAddress \(address)
        Port \(port)
        HostKey \(sandbox["ssh/host\(number)"])
        PidFile none
        AuthorizedKeysFile \(sandbox["ssh/id.pub"])
        StrictModes no
        UsePAM no
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        PermitRootLogin prohibit-password
        PrintMotd no
        SetEnv HOME=\(sandbox["home\(number)"])

        """
      )
    }
    try sandbox.write("ssh/config", config)
    try sandbox.write("ssh/known_hosts", known)
    for number in 1...count {
      daemons.append(
        try RunningCommand(
          Tool.sshd.path,
          ["-D", "-e", "-f", sandbox["ssh/sshd\(number)"]],
          environment: ["PATH": "/usr/bin:/bin"],
          folder: sandbox.path
        )
      )
    }
    for (index, daemon) in daemons.enumerated() {
      try daemon.waitForComplaint("Server listening on 127.0.0.\(index + 2)", at: location)
    }
  }

  private func key(_ name: String) throws {
    try RunningCommand(
      Tool.sshKeygen.path,
      ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", sandbox["ssh/\(name)"]],
      environment: [:],
      folder: "/"
    ).finish().expect(0)
  }

  /// The processes that were started by a login on one of the hosts, but `sshd`.
  ///
  /// They are recognised by their home.
  func processes() -> [pid_t] {
    let mark = Array("HOME=\(sandbox.path)/home".utf8)
    return FileTree.names("/proc").compactMap { pid_t($0) }.filter { process in
      (FileTree.bytes("/proc/\(process)/environ") ?? []).firstRange(of: mark) != nil
    }
  }

  /// Ends one host's sshd: nobody can log in any more, and who is there stays.
  func refuseLogins(_ number: Int) throws {
    try daemons[number - 1].signal(SIGKILL)
  }

  deinit {
    for daemon in daemons { try? daemon.signal(SIGTERM) }
    for daemon in daemons { _ = try? daemon.finish() }
    for process in processes() { kill(process, SIGKILL) }
  }
}

extension SecureShells {
  /// Fails the test unless everything that logins have started has ended, or ends now.
  func expectEnd(_ location: SourceLocation = #_sourceLocation) {
    for process in processes() {
      let number = lockstep_pidfd_open(process)
      if number < 0 { continue }
      let handle = Handle(owning: number)
      var wanted = pollfd(fd: handle.number, events: Int16(POLLIN), revents: 0)
      if poll(&wanted, 1, 10_000) == 0 {
        Issue.record("process \(process) of a login still runs", sourceLocation: location)
      }
    }
  }
}
