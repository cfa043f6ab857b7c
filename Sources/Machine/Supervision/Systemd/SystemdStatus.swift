import System

/// What systemd says of a unit (`systemctl show`, org.freedesktop.systemd1(5)).
struct SystemdStatus: Hashable {
  /// What is asked for.
  static let properties = [
    "Id", "LoadState", "LoadError", "ActiveState", "SubState", "Result", "Type", "MainPID",
    "NRestarts", "ConditionResult", "AssertResult", "ConditionTimestampMonotonic", "InvocationID",
    "ExecMainCode", "ExecMainStatus", "NeedDaemonReload", "Job", "TriggeredBy", "ControlGroup",
  ].joined(separator: ",")

  var name = ""
  var load = ""
  /// Why it could not be loaded, in systemd's words; empty if it could.
  var loadError = ""
  var active = ""
  var sub = ""
  var result = ""
  /// For a service: `simple`, `oneshot` and so on; empty for other units.
  var type = ""
  /// 0 for none, as for a unit that is not a service.
  var process = ""
  /// How often systemd has restarted it by itself; nil before systemd 235.
  var restarts: Int?
  var isConditionMet = true
  var isAssertionMet = true
  /// When its conditions were last checked; 0 for never, as far as systemd remembers.
  var conditionsAt = ""
  /// That of its last start; empty if systemd remembers none.
  var invocation = ""
  /// Whether its file has changed since systemd read it.
  var isStale = false
  /// Whether a job of systemd for it is still to be done.
  var hasJob = false
  /// Units that start it again when something happens, such as its socket.
  var triggers: [String] = []
  /// The path of its cgroup, relative to systemd's own; empty if it has none.
  private var controlGroup = ""
  /// How its main process ended: of wait(2); 0 while it has not.
  private var endCode = 0
  private var endStatus = 0

  /// Reads what `systemctl show` prints: `NAME=VALUE` lines, an empty one between two units.
  static func read(_ text: String) -> [SystemdStatus] {
    var all: [SystemdStatus] = []
    var status = SystemdStatus()
    let lines = "\(text)\n".split(separator: "\n", omittingEmptySubsequences: false)
    for line in lines {
      if line.isEmpty {
        if !status.name.isEmpty { all.append(status) }
        status = SystemdStatus()
        continue
      }
      guard let equals = line.firstIndex(of: "=") else { continue }
      status.take(String(line[..<equals]), String(line[line.index(after: equals)...]))
    }
    return all
  }

  private mutating func take(_ name: String, _ value: String) {
    switch name {
    case "Id": self.name = value
    case "LoadState": load = value
    case "LoadError":
      // The name of the error, and the words in quotes.
      let parts = value.split(separator: "\"", omittingEmptySubsequences: false)
      loadError = parts.count > 2 ? String(parts[1]) : ""
    case "ActiveState": active = value
    case "SubState": sub = value
    case "Result": result = value
    case "Type": type = value
    case "MainPID": process = value
    case "NRestarts": restarts = Int(value)
    case "ConditionResult": isConditionMet = value != "no"
    case "AssertResult": isAssertionMet = value != "no"
    case "ConditionTimestampMonotonic": conditionsAt = value == "0" ? "" : value
    case "InvocationID": invocation = value
    case "ExecMainCode": endCode = Int(value) ?? 0
    case "ExecMainStatus": endStatus = Int(value) ?? 0
    case "NeedDaemonReload": isStale = value == "yes"
    case "Job": hasJob = !value.isEmpty && value != "0"
    case "TriggeredBy": triggers = value.split(separator: " ").map(String.init)
    case "ControlGroup": controlGroup = value
    default: break
    }
  }

  /// Whether it does its work, also while it reloads its configuration.
  var isUp: Bool { ["active", "reloading", "refreshing"].contains(active) }

  /// Whether nothing of it runs, and systemd does not intend to change that.
  var isDown: Bool {
    (active == "inactive" || active == "failed") && !hasJob && !sub.hasSuffix("before-auto-restart")
  }

  /// Whether processes are left in its cgroup.
  var hasProcesses: Bool {
    !controlGroup.isEmpty && ControlGroups.ofUnit(at: controlGroup)?.isEmpty() == false
  }

  /// Whether there is no such unit, nor a remainder of one whose file is gone.
  var isUnknown: Bool { load == "not-found" && active == "inactive" }

  /// Why it can never be started, as the end of a sentence that begins with its name; nil if it
  /// can.
  var obstacle: String? {
    switch load {
    case "masked": "is masked; see 'systemctl unmask'"
    case "bad-setting", "error":
      "cannot be loaded (\(loadError.isEmpty ? load : loadError)); see 'systemctl status \(name)'"
    default: nil
    }
  }

  /// How its main process ended, if it failed: `exit status 1`.
  var end: String? {
    switch (endCode, endStatus) {
    // CLD_EXITED, CLD_KILLED and CLD_DUMPED of wait(2).
    case (1, let status) where status != 0: "exit status \(status)"
    case (2, let number), (3, let number): "signal \(number)"
    default: nil
    }
  }

  /// The reason that systemd gives: its `Result`, and how the main process ended.
  var reason: String {
    [result.isEmpty ? nil : result, end].compactMap { $0 }.joined(separator: ": ")
  }

  /// For people: how it is, as the end of a sentence that begins with its name.
  var words: String {
    switch active {
    case "failed": "has failed\(reason.isEmpty ? "" : " (\(reason))"); see 'journalctl -u \(name)'"
    case "activating" where sub.hasPrefix("auto-restart"):
      "ended, and systemd is about to start it again"
    case "inactive" where hasJob: "waits for its turn in systemd's queue"
    default: "is \(active.isEmpty ? "unknown" : active)\(sub.isEmpty ? "" : " (\(sub))")"
    }
  }
}
