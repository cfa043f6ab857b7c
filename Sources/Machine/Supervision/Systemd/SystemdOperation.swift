import Clock
import Execution
import Glibc
import System
import Words

/// An order under systemd: has `systemctl` start or stop the units, then checks until that is done.
///
/// Systemctl's own exit status counts only if the state of the units says nothing.
final class SystemdOperation: Attempt {
  let order: SupervisorOrder
  let units: [String]
  let systemctl: Systemctl
  package let loop: EventLoop
  private let completion: Completion<AttemptResult>
  private var call: ProcessAttempt?
  private var timer: TimerToken?
  private var endWasAsked = false
  private var references: UnitReferences?
  private var ordering: SystemdOrdering?
  /// How the request itself failed; nil if systemctl reported success.
  private var refusal: SystemctlFailure?
  private var lostCalls = 0
  private var checks = 0
  /// How the units were before.
  private var before: [SystemdStatus] = []
  private var start = SystemdStart(settle: .zero, before: [])
  private var words = "systemd was not asked yet"
  private var said: Set<String> = []

  /// Between two checks: `show` is a process and a message to systemd.
  private static let pauses: [Duration] = [.milliseconds(50), .milliseconds(150)]
  private static let pause = Duration.milliseconds(500)
  /// How often systemd may be unreachable, a quarter of a second each time: it may be re-executing
  /// itself.
  private static let mostLostCalls = 60

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
    completion = Completion(ended)
  }

  /// Begins.
  func begin() {
    // systemd watches a unit as long as it is active: there is no monitoring to end.
    if units.isEmpty || order.verb == .unmonitor { return finish(.exited(0)) }
    if order.verb == .stop { return show { [self] in stop($0) } }
    references = UnitReferences(units, on: loop) { [self] in show { [self] in start($0) } }
  }

  // MARK: Start

  private func start(_ all: [SystemdStatus]) {
    let hopeless = all.compactMap { status in
      status.isUnknown
        ? "systemd has no unit \(quoted(status.name))\(order.unitSource)"
        : status.isUp ? nil : status.obstacle.map { "\(quoted(status.name)) \($0)" }
    }
    if !hopeless.isEmpty { return finish(.failed(hopeless.joined(separator: "; "))) }
    let stale = all.filter(\.isStale).map { quoted($0.name) }
    if !stale.isEmpty {
      order.remark(
        .warning,
        "systemd has not read the newest file of \(stale.joined(separator: ", ")); "
          + "run 'systemctl daemon-reload'"
      )
    }
    before = all
    start = SystemdStart(settle: order.settle, before: all)
    ask(units)
  }

  private func judgeStart(_ all: [SystemdStatus]) {
    if let end = take(all, at: .now) { return finish(end) }
    let untouched = all.indices.filter {
      start.judge($0, all[$0], at: .now) == .untouched
    }
    // At least part of the request did not reach systemd.
    if !untouched.isEmpty { return ask(untouched.map { units[$0] }) }
    checkAgain()
  }

  /// Judges what systemd said; returns the result, if there is one.
  func take(_ all: [SystemdStatus], at now: Instant) -> AttemptResult? {
    var failures: [String] = []
    var left: [String] = []
    for (index, status) in all.enumerated() {
      switch start.judge(index, status, at: now) {
      case .passed: break
      case .waiting(let words): left.append("\(quoted(status.name)) \(words)")
      case .failed(let words): failures.append("\(quoted(status.name)) \(words)")
      case .untouched:
        switch refusal {
        case .lost?: left.append("\(quoted(status.name)) \(status.words)")
        case .refused(let words)?:
          failures.append(
            status.active == "failed" ? "\(quoted(status.name)) \(status.words)" : words
          )
        case nil where status.type == "oneshot": start.pass(index)
        case nil:
          failures.append(
            "\(quoted(status.name)) is inactive: it ended at once, or one of its conditions is not "
              + "met; see 'systemctl status \(status.name)'"
          )
        }
      }
    }
    words = left.joined(separator: "; ")
    if !failures.isEmpty {
      var told: Set<String> = []
      let all = failures.filter { told.insert($0).inserted }
      return .failed(all.joined(separator: "; "))
    }
    if left.isEmpty { return .exited(0) }
    let wasRestarted = all.indices.contains { start.restarts($0, all[$0]) > 0 }
    if wasRestarted, said.insert(words).inserted { order.remark(.state, words) }
    return nil
  }

  /// For tests, which only pass in what systemd would say.
  func begin(before: [SystemdStatus]) {
    self.before = before
    start = SystemdStart(settle: order.settle, before: before)
  }

  // MARK: Stop

  private func stop(_ all: [SystemdStatus]) {
    before = all
    let known = all.indices.filter { !all[$0].isUnknown }.map { units[$0] }
    if known.isEmpty { return judgeStop(all) }
    ask(known)
  }

  private func judgeStop(_ all: [SystemdStatus]) {
    let stop = SystemdStop(before: before, now: all, unitSource: order.unitSource)
    words = stop.left.joined(separator: "; ")
    if stop.left.isEmpty {
      for (kind, text) in stop.remarks { order.remark(kind, text) }
      return checkTriggers(stop)
    }
    switch refusal {
    case .refused(let words)? where all.allSatisfy { !$0.hasJob && $0.active != "deactivating" }:
      finish(.failed(stop.failure(because: words)))
    case .lost?: ask(all.indices.filter { !all[$0].isUnknown }.map { units[$0] })
    default: checkAgain()
    }
  }

  /// Reports what would restart what has just been stopped.
  private func checkTriggers(_ stop: SystemdStop) {
    let triggers = stop.triggers.filter { !units.contains($0) }
    if triggers.isEmpty || endWasAsked { return finish(stop.end) }
    ask(["show", "--property=\(SystemdStatus.properties)", "--"] + triggers) { [self] answer in
      if case .success(let text) = answer {
        for trigger in SystemdStatus.read(text) where trigger.isUp {
          order.remark(.warning, stop.warning(of: trigger.name))
        }
      }
      finish(stop.end)
    }
  }

  // MARK: Calls

  /// Requests the order from systemd, and then checks the result.
  private func ask(_ units: [String]) {
    words = "systemd was asked to \(order.verb.rawValue) \(units.joined(separator: ", "))"
    // Not while an earlier request is still running: it would only wait for that.
    ordering = SystemdOrdering(self, units)
    ask([order.verb.rawValue, "--"] + units) { [self] answer in
      ordering?.close()
      ordering = nil
      switch answer {
      case .success: refusal = nil
      case .failure(let failure): refusal = failure
      }
      if case .lost(let words)? = refusal, isLostForGood { return finish(.failed(words)) }
      check()
    }
  }

  private func check() {
    timer = nil
    show { [self] all in
      if order.verb == .stop { judgeStop(all) } else { judgeStart(all) }
    }
  }

  private func checkAgain() {
    let pause = checks < Self.pauses.count ? Self.pauses[checks] : Self.pause
    checks += 1
    timer = loop.arm(after: pause) { [self] in check() }
  }

  /// Asks for the state of the units; again if systemd cannot be reached at the moment.
  private func show(_ then: @escaping ([SystemdStatus]) -> Void) {
    ask(["show", "--property=\(SystemdStatus.properties)", "--"] + units) { [self] answer in
      switch answer {
      case .failure(.lost(let words)):
        if isLostForGood { return finish(.failed(words)) }
        timer = loop.arm(after: .milliseconds(250)) { [self] in
          timer = nil
          show(then)
        }
      case .failure(.refused(let words)): finish(.failed(words))
      case .success(let text):
        let all = SystemdStatus.read(text)
        if all.count == units.count { return then(all) }
        finish(
          .failed(
            "systemctl show described \(all.count) of \(units.count) units"
          )
        )
      }
    }
  }

  private var isLostForGood: Bool {
    lostCalls += 1
    return lostCalls >= Self.mostLostCalls
  }

  private func ask(
    _ arguments: [String],
    _ done: @escaping (Result<String, SystemctlFailure>) -> Void
  ) {
    let attempt = systemctl.call(arguments) { [self] result in
      call = nil
      if endWasAsked { return giveUp() }
      done(result)
    }
    call = attempt
    attempt.begin()
  }

  // MARK: Its end

  func terminate() {
    endWasAsked = true
    if let call { call.terminate() } else { giveUp() }
  }

  func kill() {
    endWasAsked = true
    if let call { call.kill() } else { giveUp() }
  }

  func abandon() {
    completion.cancel()
    release()
    call?.abandon()
  }

  // What systemd was asked for it continues.
  private func giveUp() { finish(.failed("was not waited for: \(words)")) }

  private func release() {
    if let timer { loop.disarm(timer) }
    timer = nil
    references?.close()
    references = nil
    ordering?.close()
    ordering = nil
  }

  private func finish(_ result: AttemptResult) {
    release()
    completion.report(result)
  }
}
