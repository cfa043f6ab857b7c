import Glibc
import Testing

/// A program that a few tests need and not every machine has.
struct Tool: Sendable {
  let path: String

  /// `LOCKSTEP_REQUIRE_ALL=1`: a test whose tool is missing fails instead of being skipped.
  static let isAllRequired = variable("LOCKSTEP_REQUIRE_ALL") == "1"

  /// Traces system calls.
  static let strace = Tool("strace")
  /// Watches processes.
  static let monit = Tool("monit")
  /// Renders templates.
  static let ruby = Tool("ruby")
  /// Rotates logs.
  static let logrotate = Tool("logrotate")
  /// Reads what logrotate has compressed.
  static let gzip = Tool("gzip")
  /// Checks units.
  static let systemdAnalyze = Tool("systemd-analyze")
  /// Asks systemd.
  static let systemctl = Tool("systemctl")
  /// Carries requests to systemd.
  static let dbusDaemon = Tool("dbus-daemon")
  /// Runs a command in existing namespaces.
  static let nsenter = Tool("nsenter")
  /// Gives a command its own mounts.
  static let unshare = Tool("unshare")
  /// Mounts a file system.
  static let mount = Tool("mount")
  /// Unmounts it.
  static let umount = Tool("umount")
  /// Locks a file.
  static let flock = Tool("flock")
  /// Runs a command as another user.
  static let setpriv = Tool("setpriv")

  /// Lets people log in over a network.
  static let sshd = Tool("sshd")
  /// Logs in.
  static let ssh = Tool("ssh")
  /// Makes keys for it.
  static let sshKeygen = Tool("ssh-keygen")
  /// Limits a process.
  static let prlimit = Tool("prlimit")
  /// Draws pages.
  static let chromium = Tool("chromium")
  /// Reads what others write.
  static let python = Tool("python3")
  /// Draws graphs.
  static let dot = Tool("dot")

  private init(_ name: String) {
    let places = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"]
    path = places.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 } ?? name
  }

  /// Whether it is installed and works here.
  ///
  /// Some containers forbid tracing, for example.
  func works(_ arguments: String...) -> Bool {
    if access(path, X_OK) != 0 { return false }
    do {
      let command = try RunningCommand(path, arguments, environment: [:], folder: "/")
      return try command.finish().status == .exited(0)
    } catch {
      return false
    }
  }
}
