import Clock
import Execution
import Glibc
import System
import VM
import Words

/// Has a monit start and stop processes, over its HTTP interface.
///
/// One status serves all current orders; the pause between two grows while nothing happens.
final class MonitSupervisor: Supervisor {
  private struct Order {
    let operation: MonitOperation
    let ended: (AttemptResult) -> Void
  }

  private let vm: VMFolder
  private let loop: EventLoop
  private let client: MonitClient
  private var orders: [Int: Order] = [:]
  private var nextOrder = 0
  private var actions: [(order: Int, service: String, action: String)] = []
  private var timer: TimerToken?
  private var isAsking = false
  private var pause = MonitSupervisor.shortest
  private var unreachableSince: Instant?
  /// The state of a reload of monit that we have requested.
  private var reload = Reload.notNeeded

  private enum Reload {
    case notNeeded
    /// Its incarnation before the reload, how often it was asked, and when last.
    case underWay(incarnation: String, times: Int, since: Instant)
    case done
  }

  private static let shortest = Duration.milliseconds(100)
  private static let longest = Duration.milliseconds(500)
  /// How long a monit may not answer.
  static let patience = Duration.seconds(3)
  /// How long a monit may take to reload, and how often it is asked: as in the agent.
  private static let reloadPatience = Duration.seconds(10)
  private static let mostReloads = 3

  init(_ settings: MonitSettings, vm: VMFolder, _ machinery: Machinery) {
    self.vm = vm
    loop = machinery.loop
    client = MonitClient(settings, on: machinery.loop)
  }

  func begin(
    _ order: SupervisorOrder,
    ended: @escaping (AttemptResult) -> Void
  ) -> any Attempt {
    let number = nextOrder
    nextOrder += 1
    let operation = MonitOperation(order, on: vm)
    orders[number] = Order(operation: operation, ended: ended)
    hasten()
    return MonitAttempt { [self] isReported in
      guard orders[number] != nil else { return }
      // What monit was asked for it continues.
      let result = AttemptResult.failed("was not waited for: \(operation.words)")
      if isReported { end(number, result) } else { orders[number] = nil }
    }
  }

  private func hasten() {
    pause = Self.shortest
    if isAsking { return }
    if let timer { loop.disarm(timer) }
    timer = loop.arm(at: .now) { [self] in proceed() }
  }

  /// The next request: an action if one is needed, otherwise the status.
  private func proceed() {
    timer = nil
    if isAsking || orders.isEmpty { return }
    isAsking = true
    while !actions.isEmpty {
      let next = actions.removeFirst()
      if orders[next.order] == nil { continue }
      client.act(next.action, on: next.service) { [self] result in
        isAsking = false
        switch result {
        case .success: break
        case .failure(.busy): actions.append(next)
        case .failure(.refused(let reason)): end(next.order, .failed(reason))
        case .failure(.unreachable(let reason)):
          actions.append(next)
          return missed(reason)
        }
        unreachableSince = nil
        if case .failure(.busy) = result { later() } else { hasten() }
      }
      return
    }
    client.status { [self] result in
      isAsking = false
      switch result {
      case .success(let status):
        unreachableSince = nil
        if isReloaded(status) { take(status) }
      case .failure(.busy): break
      case .failure(.refused(let reason)): endAll(reason)
      case .failure(.unreachable(let reason)): return missed(reason)
      }
      if actions.isEmpty { later() } else { hasten() }
    }
  }

  // MARK: What monit does not know yet

  /// Whether monit is ready for requests.
  ///
  /// After the agent has applied a spec, monit does not know its processes yet. Then monit's files
  /// are written and it is reloaded, as the agent does when it starts.
  private func isReloaded(_ status: MonitStatus) -> Bool {
    switch reload {
    case .done: return true
    case .notNeeded:
      let unknown = orders.sorted { $0.key < $1.key }.lazy.compactMap { _, order in
        order.operation.unknownProcess(status)
      }
      guard let name = unknown.first, MonitJobFiles.areLoaded(by: client.settings, on: vm) else {
        return true
      }
      return load(name, status)
    case .underWay(let incarnation, let times, let since):
      if status.incarnation != incarnation {
        reload = .done
        for order in orders.values { order.operation.monitWasReloaded() }
        return true
      }
      if Instant.now - since < Self.reloadPatience { return false }
      if times < Self.mostReloads {
        askForReload(incarnation, times + 1)
      } else {
        reload = .notNeeded
        endAll(
          "monit was asked to reload \(times) times and did not; restart it (sv restart monit, or "
            + "systemctl restart monit), then resume the run"
        )
      }
      return false
    }
  }

  private func load(_ name: String, _ status: MonitStatus) -> Bool {
    do throws(PlainFailure) {
      try MonitJobFiles.write(on: vm)
    } catch {
      endAll("monit does not know the process \(quoted(name)), and: \(error.words)")
      return false
    }
    for number in orders.keys.sorted() {
      orders[number]?.operation.tell(
        "monit does not know the process \(quoted(name)) yet: \(vm.path)/monit/job is written, as "
          + "the agent does, and monit is reloaded"
      )
    }
    askForReload(status.incarnation, 1)
    return false
  }

  private func askForReload(_ incarnation: String, _ times: Int) {
    guard let daemon = MonitDaemon.find(client.settings), kill(daemon.process, SIGHUP) == 0 else {
      reload = .notNeeded
      return endAll(
        "monit does not know its processes, and cannot be told to reload \(vm.path)/monit/job, "
          + "which is written; restart it (sv restart monit, or systemctl restart monit), then "
          + "resume the run"
      )
    }
    reload = .underWay(incarnation: incarnation, times: times, since: .now)
  }

  private func take(_ status: MonitStatus) {
    for (number, order) in orders.sorted(by: { $0.key < $1.key }) {
      switch order.operation.take(status, at: .now) {
      case .wait: break
      case .end(let result): end(number, result)
      case .act(let wanted):
        actions += wanted.map { (number, $0.service, $0.action) }
      }
    }
  }

  private func missed(_ reason: String) {
    let isInDelay = MonitDaemon.isInStartDelay(client.settings)
    if unreachableSince == nil {
      for number in orders.keys.sorted() {
        orders[number]?.operation.tell(
          isInDelay
            ? client.settings.startDelayWords : "monit does not answer at the moment: \(reason)"
        )
      }
    }
    let since = unreachableSince ?? .now
    unreachableSince = since
    var patience = Self.patience
    if case .underWay = reload { patience = Self.reloadPatience }
    if Instant.now - since >= patience, !isInDelay {
      unreachableSince = nil
      actions.removeAll()
      endAll("monit does not answer: \(reason); start it, then resume the run")
    }
    later()
  }

  private func later() {
    if orders.isEmpty || timer != nil { return }
    timer = loop.arm(after: pause) { [self] in proceed() }
    pause = min(pause * 5 / 4, Self.longest)
  }

  private func endAll(_ reason: String) {
    for number in orders.keys.sorted() { end(number, .failed(reason)) }
  }

  private func end(_ number: Int, _ result: AttemptResult) {
    orders.removeValue(forKey: number)?.ended(result)
  }
}

/// An order that monit carries out: there is no process of ours to end.
private final class MonitAttempt: Attempt {
  /// Forgets the order; the argument says whether to report its end.
  private let forget: (Bool) -> Void

  init(forget: @escaping (Bool) -> Void) { self.forget = forget }

  func terminate() { forget(true) }
  func kill() { forget(true) }
  func abandon() { forget(false) }
}
