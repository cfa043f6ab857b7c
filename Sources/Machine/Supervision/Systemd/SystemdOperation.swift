import Execution
import Glibc

/// An order under systemd: has `systemctl` start or stop the units, then looks until it came about.
final class SystemdOperation: Attempt {
  private let order: SupervisorOrder
  private let units: [String]
  private let systemctl: Systemctl
  private let loop: EventLoop
  private var ended: ((AttemptResult) -> Void)?
  private var call: ProcessAttempt?
  private var timer: TimerToken?
  private var endWasAsked = false
  /// Of each unit that runs: which process, since how many restarts, and since when.
  private var running: [String: (identity: String, since: Instant)] = [:]
  private var restarts: [String: Int] = [:]
  private var words = "systemd was not asked yet"
  private var said: Set<String> = []

  /// Between two looks: `show` is a process and a message to systemd.
  private static let pause = Duration.milliseconds(500)

  init(
    _ order: SupervisorOrder,
    units: [String],
    _ systemctl: Systemctl,
    on loop: EventLoop,
    ended: @escaping (AttemptResult) -> Void
  ) {
    self.order = order
    self.units = units
    self.systemctl = systemctl
    self.loop = loop
    self.ended = ended
  }

  /// Begins.
  func begin() {
    // systemd watches as long as a unit is active: there is no such thing to end.
    if units.isEmpty || order.verb == .unmonitor { return report(.exited(0)) }
    words = "systemd was asked to \(order.verb.rawValue) \(units.joined(separator: ", "))"
    ask([order.verb.rawValue, "--"] + units) { [self] text in
      switch text {
      case .success: look()
      case .failure(let failure): report(.failed(failure.words))
      }
    }
  }

  private func look() {
    timer = nil
    ask(["show", "--property=\(SystemdStatus.properties)", "--"] + units) { [self] text in
      switch text {
      case .failure(let failure): report(.failed(failure.words))
      case .success(let text):
        if let end = take(SystemdStatus.read(text), at: .now) { return report(end) }
        timer = loop.arm(after: Self.pause) { [self] in look() }
      }
    }
  }

  /// Looks at what systemd said; gives the end, if it is one.
  func take(_ all: [SystemdStatus], at now: Instant) -> AttemptResult? {
    if all.count != units.count {
      return .failed("systemctl show tells of \(all.count) units, and was asked for \(units.count)")
    }
    var left: [String] = []
    for status in all {
      if status.load == "not-found" {
        return .failed(
          "systemd has no unit \(quoted(status.name))"
            + (order.units.isEmpty ? "; see 'jobs/…/systemd'" : "")
        )
      }
      if order.verb == .stop {
        if !["inactive", "failed"].contains(status.active) { left.append(described(status)) }
      } else if status.active == "failed" {
        return .failed("\(quoted(status.name)) \(status.words)")
      } else if !hasSettled(status, now) {
        left.append(described(status))
      }
    }
    words = left.joined(separator: "; ")
    if left.isEmpty { return .exited(0) }
    if restarts.values.contains(where: { $0 > 0 }), said.insert(words).inserted {
      order.remark(.state, words)
    }
    return nil
  }

  private func described(_ status: SystemdStatus) -> String {
    let count = restarts[status.name] ?? 0
    let again = count == 0 ? "" : count == 1 ? " (restarted once)" : " (restarted \(count) times)"
    let isUp = order.verb == .start && status.active == "active"
    return "\(quoted(status.name)) "
      + (isUp ? "runs, but not for long enough yet" : status.words) + again
  }

  private func hasSettled(_ status: SystemdStatus, _ now: Instant) -> Bool {
    guard status.active == "active" else {
      if running.removeValue(forKey: status.name) != nil { restarts[status.name, default: 0] += 1 }
      return false
    }
    let identity = "\(status.process) \(status.restarts)"
    if let known = running[status.name], known.identity == identity {
      return now - known.since >= order.settle
    }
    if running[status.name] != nil { restarts[status.name, default: 0] += 1 }
    running[status.name] = (identity, now)
    return order.settle == .zero
  }

  private func ask(
    _ arguments: [String],
    _ done: @escaping (Result<String, PlainFailure>) -> Void
  ) {
    let attempt = systemctl.call(arguments) { [self] result in
      call = nil
      if endWasAsked { return giveUp() }
      done(result)
    }
    call = attempt
    attempt.begin()
  }

  func terminate() {
    endWasAsked = true
    if let call { call.terminate() } else { giveUp() }
  }

  func kill() {
    endWasAsked = true
    if let call { call.kill() } else { giveUp() }
  }

  func abandon() {
    ended = nil
    if let timer { loop.disarm(timer) }
    call?.abandon()
  }

  // What systemd was asked for it goes on with.
  private func giveUp() {
    if let timer { loop.disarm(timer) }
    timer = nil
    report(.failed("was not waited for: \(words)"))
  }

  private func report(_ result: AttemptResult) {
    let report = ended
    ended = nil
    report?(result)
  }
}
