import Execution
import Words

/// Judges by what systemd says of units whether a stop of them has come about, and how.
///
/// `systemctl stop` exits with 0 for a unit that had to be killed, and with another status if one
/// of several is unknown and all others were stopped.
struct SystemdStop {
  private let before: [SystemdStatus]
  private let now: [SystemdStatus]
  private let unitSource: String

  init(before: [SystemdStatus], now: [SystemdStatus], unitSource: String) {
    self.unitSource = unitSource
    self.before = before
    self.now = now
  }

  private var unknown: [String] {
    zip(before, now).filter { $0.isUnknown && $1.isUnknown }.map { quoted($1.name) }
  }

  /// What is not stopped yet, each as a sentence.
  var left: [String] {
    now.filter { !$0.isDown }.map { "\(quoted($0.name)) \($0.words)" }
  }

  /// How it ended once nothing is left.
  var end: AttemptResult {
    let surviving = zip(before, now).filter { wasKilled($0, $1) && $1.hasProcesses }
    if !surviving.isEmpty {
      let names = surviving.map { quoted($1.name) }.joined(separator: ", ")
      return .failed(
        failure(because: "\(names) did not end (timeout), and systemd has left processes running")
      )
    }
    if unknown.isEmpty { return .exited(0) }
    return .failed(
      failure(
        because: "systemd has no unit \(unknown.joined(separator: ", "))\(unitSource)"
      )
    )
  }

  /// A failure, with what is stopped all the same.
  func failure(because words: String) -> String {
    let stopped = now.filter { $0.isDown && !$0.isUnknown && !$0.hasProcesses }
      .map { quoted($0.name) }
    if stopped.isEmpty { return words }
    return words + "; stopped: \(stopped.joined(separator: ", "))"
  }

  /// What a person should know of how units ended.
  var remarks: [(Remark.Kind, String)] {
    zip(before, now).compactMap { before, now in
      guard !before.isDown, now.active == "failed" else { return nil }
      return wasKilled(before, now)
        ? (
          .warning,
          "\(quoted(now.name)) did not end in time and was killed (\(now.reason))"
        )
        : (.state, "\(quoted(now.name)) ended with a failure (\(now.reason))")
    }
  }

  private func wasKilled(_ before: SystemdStatus, _ now: SystemdStatus) -> Bool {
    !before.isDown && now.active == "failed" && now.result == "timeout"
  }

  /// The units that start one of these again.
  var triggers: [String] {
    var all: [String] = []
    for status in before where !status.isUnknown {
      for trigger in status.triggers where !all.contains(trigger) { all.append(trigger) }
    }
    return all
  }

  /// What is said of one of ``triggers`` that is active.
  func warning(of trigger: String) -> String {
    let names = before.filter { $0.triggers.contains(trigger) }.map { quoted($0.name) }
    return "\(names.joined(separator: ", ")) can be started again by \(quoted(trigger)), which is "
      + "active; list that as well to stop it"
  }
}
