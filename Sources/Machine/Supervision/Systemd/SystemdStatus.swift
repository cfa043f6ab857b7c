/// What systemd says of a unit (`systemctl show`, org.freedesktop.systemd1(5)).
struct SystemdStatus: Hashable {
  /// What is asked for.
  static let properties = "Id,LoadState,ActiveState,SubState,Result,MainPID,NRestarts"

  var name = ""
  var load = ""
  var active = ""
  var sub = ""
  var result = ""
  /// 0 for none, as of a unit that is no service.
  var process = ""
  /// How often systemd has started it again by itself; empty before systemd 235.
  var restarts = ""

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
      let value = String(line[line.index(after: equals)...])
      switch line[..<equals] {
      case "Id": status.name = value
      case "LoadState": status.load = value
      case "ActiveState": status.active = value
      case "SubState": status.sub = value
      case "Result": status.result = value
      case "MainPID": status.process = value
      case "NRestarts": status.restarts = value
      default: break
      }
    }
    return all
  }

  /// For people: how it is, as the end of a sentence that begins with its name.
  var words: String {
    switch active {
    case "failed":
      "has failed\(result.isEmpty ? "" : " (\(result))"); see 'journalctl -u \(name)'"
    case "activating" where sub == "auto-restart": "ended, and systemd is about to start it again"
    default: "is \(active.isEmpty ? "unknown" : active)\(sub.isEmpty ? "" : " (\(sub))")"
    }
  }
}
