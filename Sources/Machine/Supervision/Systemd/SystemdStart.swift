import Clock

/// Judges by what systemd says of units whether a start of them has come about.
///
/// The exit status of `systemctl start` decides nothing. It is 0 for a unit whose condition is not
/// met and for a simple service that ends at once, and 1 for one of type notify that systemd is
/// about to restart.
struct SystemdStart {
  /// How a unit is doing.
  enum Verdict: Hashable {
    case passed
    /// The end of a sentence that begins with its name.
    case waiting(String)
    case failed(String)
    /// Nothing has happened to it since the start was asked for.
    case untouched
  }

  private let settle: Duration
  /// How they were before the start was asked for.
  private let before: [SystemdStatus]
  /// Of each unit that runs: which process, and since when.
  private var running: [Int: (process: String, restarts: Int?, since: Instant)] = [:]
  /// How often each had been restarted when it was first seen.
  private var firstRestarts: [Int: Int] = [:]
  private var passed: Set<Int> = []

  init(settle: Duration, before: [SystemdStatus]) {
    self.settle = settle
    self.before = before
  }

  /// Judges a unit.
  ///
  /// - Parameters:
  ///   - index: which of the units it is.
  ///   - status: how it is now.
  ///   - now: the moment of the check.
  /// - Returns: the verdict; once passed, it stays passed for a unit that does its work and ends.
  mutating func judge(_ index: Int, _ status: SystemdStatus, at now: Instant) -> Verdict {
    if let restarts = status.restarts, firstRestarts[index] == nil {
      firstRestarts[index] = restarts
    }
    if passed.contains(index) { return .passed }
    if status.isUp { return judgeRunning(index, status, now) }
    running[index] = nil
    if !status.isDown { return .waiting(status.words + again(index, status)) }
    let isTouched = status.invocation != before[index].invocation && !status.invocation.isEmpty
    let isAsked = status.conditionsAt != before[index].conditionsAt && !status.conditionsAt.isEmpty
    if status.active == "failed" {
      return isTouched || isAsked || before[index].active != "failed"
        ? .failed(status.words) : .untouched
    }
    if status.result == "exec-condition", isAsked || isTouched {
      return .failed("was skipped: its ExecCondition does not hold (exec-condition)")
    }
    if isAsked, !status.isConditionMet {
      return .failed(
        "was not started: one of its conditions is not met (ConditionResult=no); see "
          + "'systemctl status \(status.name)'"
      )
    }
    if isAsked, !status.isAssertionMet {
      return .failed(
        "was not started: one of its assertions is not met (AssertResult=no); see "
          + "'systemctl status \(status.name)'"
      )
    }
    if !isTouched, !before[index].isUp { return .untouched }
    if isTouched, status.type == "oneshot", status.result == "success" {
      passed.insert(index)
      return .passed
    }
    let end = status.end ?? (status.type.isEmpty ? nil : "exit status 0")
    let how = [end, status.result.isEmpty ? nil : "Result=\(status.result)"].compactMap { $0 }
    return .failed(
      "has ended by itself (\(how.joined(separator: ", "))) and is not active; see "
        + "'journalctl -u \(status.name)'"
    )
  }

  private mutating func judgeRunning(
    _ index: Int,
    _ status: SystemdStatus,
    _ now: Instant
  ) -> Verdict {
    let known = running[index]
    if known?.process != status.process || known?.restarts != status.restarts {
      running[index] = (status.process, status.restarts, now)
    }
    let since = running[index]?.since ?? now
    if now - since >= settle { return .passed }
    return .waiting("runs, but not for long enough yet" + again(index, status))
  }

  /// Accepts a unit for which only systemctl's success is known.
  mutating func pass(_ index: Int) { passed.insert(index) }

  private func again(_ index: Int, _ status: SystemdStatus) -> String {
    let count = restarts(index, status)
    return count == 0 ? "" : count == 1 ? " (restarted once)" : " (restarted \(count) times)"
  }

  /// How often systemd has restarted a unit since it was first seen.
  func restarts(_ index: Int, _ status: SystemdStatus) -> Int {
    max(0, (status.restarts ?? 0) - (firstRestarts[index] ?? 0))
  }
}
