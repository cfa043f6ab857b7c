import Clock
package import Execution
package import PlanGraph
package import System
package import Wire
import Words

/// The machines of a run at the other ends of connections; to the run they are one machine.
///
/// It decides nothing. What is asked of a host without a connection waits until there is one again,
/// or fails after `FleetSettings.reconnectLimit`.
package final class FleetMachine: RunMachine, FarHostListener {
  private let graph: Graph
  let fleet: Fleet
  let settings: FleetSettings
  /// The host of each step, by its number in `fleet.hosts`.
  private let hostOf: (NodeID) -> Int?
  private var report: (MachineReport) -> Void = { _ in }
  /// Whether any attempt was sent to a host.
  package private(set) var hasStarted = false
  /// What a step's last attempt said of its failure.
  package private(set) var lastWords: [NodeID: String] = [:]

  /// Makes a machine of hosts that are connected, have the plan, and were told of the run.
  ///
  /// - Parameters:
  ///   - graph: the plan on its subjects.
  ///   - fleet: the hosts; those with a `failure` are given up.
  ///   - settings: how connections are dealt with.
  ///   - setup: what each host has to be sent after a new connection, before anything else.
  ///   - hostOf: the host of a step, or of a block's begin, by its number in `fleet.hosts`.
  package init(
    _ graph: Graph,
    on fleet: Fleet,
    _ settings: FleetSettings,
    setup: (FarHost) -> [NearMessage],
    hostOf: @escaping (NodeID) -> Int?
  ) {
    self.graph = graph
    self.fleet = fleet
    self.settings = settings
    self.hostOf = hostOf
    for host in fleet.hosts {
      host.setup = setup(host)
      host.isReady = host.failure == nil
    }
  }

  /// The loop that it works on.
  package var loop: EventLoop { fleet.machinery.loop }

  package func begin(_ report: @escaping (MachineReport) -> Void) {
    self.report = report
    for host in fleet.hosts {
      host.run = self
      host.runName = settings.run
    }
  }

  package func end() {
    report = { _ in }
    for host in fleet.hosts {
      host.run = nil
      if let loss = host.loss, host.failure == nil { host.failure = loss.failure }
    }
  }

  private func host(of node: NodeID) -> FarHost? { hostOf(node).map { fleet.hosts[$0] } }

  // MARK: What the run asks for

  package func start(_ node: NodeID, attempt: Int, cause: HandlerCause?) {
    ask(
      node,
      FarHost.Asked(attempt: attempt, isRecovery: false, cause: cause?.words(in: graph))
    )
  }

  package func recover(_ node: NodeID, attempt: Int) {
    ask(node, FarHost.Asked(attempt: attempt, isRecovery: true))
  }

  private func ask(_ node: NodeID, _ asked: FarHost.Asked) {
    guard let host = host(of: node) else {
      let subject = graph.subjects.path(graph[node].subject)
      return end(node, asked.attempt, .refused("there is no host for \(subject)"))
    }
    if let failure = host.failure {
      return end(node, asked.attempt, Self.result(of: asked, failure, host, isHeld(node)))
    }
    host.asked[node] = asked
    if host.isReady { send(node, to: host) }
  }

  private func send(_ node: NodeID, to host: FarHost) {
    guard let asked = host.asked[node] else { return }
    hasStarted = true
    host.asked[node]?.isSent = true
    host.send(
      asked.isRecovery
        ? .recover(node, attempt: asked.attempt)
        : .start(node, attempt: asked.attempt, cause: asked.cause)
    )
    if asked.isTerminated { host.send(.terminate(node)) }
    if asked.isKilled { host.send(.kill(node)) }
  }

  package func terminate(_ node: NodeID) {
    stop(node) { asked in
      asked.isTerminated = true
      return .terminate(node)
    }
  }

  package func kill(_ node: NodeID) {
    stop(node) { asked in
      asked.isKilled = true
      return .kill(node)
    }
  }

  private func stop(_ node: NodeID, _ note: (inout FarHost.Asked) -> NearMessage) {
    guard let host = host(of: node), var asked = host.asked[node] else { return }
    let message = note(&asked)
    host.asked[node] = asked
    if host.isReady {
      host.send(message)
    } else if !asked.isSent, !asked.isRecovery {
      // Nothing of it was started, and nothing has to be.
      host.asked[node] = nil
      end(node, asked.attempt, .notStarted)
    } else if asked.isKilled, let loss = host.loss {
      // Nobody can say when it will be there again, and someone insists.
      host.asked[node] = nil
      end(node, asked.attempt, Self.result(of: asked, loss.failure, host, isHeld(node)))
    }
  }

  package func ask(_ node: NodeID, _ condition: RuntimeCondition) {
    guard let host = host(of: node), host.failure == nil else {
      return report(.answered(node, false))
    }
    host.questions[node] = condition
    if host.isReady { host.send(.ask(node, condition)) }
  }

  package func abandon() {
    for host in fleet.hosts where host.isReady { host.send(.abandon) }
    for host in fleet.hosts {
      host.asked = [:]
      host.questions = [:]
    }
    // What was sent is on its way when the carriers have taken it, which need not wait.
    try? loop.turn(mayWait: false)
  }

  // MARK: What the far ends say

  func take(_ message: FarMessage, from host: FarHost) {
    switch message {
    case .started(let node, let attempt, _):
      guard host.asked[node]?.attempt == attempt else { return }
      // The number is the other machine's. In a record here it would name a stranger.
      report(.started(node, attempt: attempt, process: nil))
    case .ended(let node, let attempt, let result, _):
      guard host.asked[node]?.attempt == attempt else { return }
      host.asked[node] = nil
      end(node, attempt, result)
    case .answered(let node, let holds):
      guard host.questions.removeValue(forKey: node) != nil else { return }
      report(.answered(node, holds))
    case .remark(let remark):
      if host.asked[remark.node] != nil { report(.remark(remark)) }
    case .begun:
      host.isReady = true
      host.loss = nil
      askAgain(host)
    case .locked, .planned: break
    case .refused(let problems): giveUp(host, ConnectionFailure(problems))
    case .failed(let words): giveUp(host, ConnectionFailure(words, isPermanent: true))
    case .waiting, .welcome, .checked, .leftovers, .settled, .tail, .finished, .pong: break
    }
  }

  private func end(_ node: NodeID, _ attempt: Int, _ result: AttemptResult) {
    switch result {
    case .failed(let words), .refused(let words): lastWords[node] = words
    case .exited, .signalled, .lost, .notStarted: lastWords[node] = nil
    }
    report(.ended(node, attempt: attempt, result))
  }

  // MARK: Connections that are lost

  private static let firstPause = Duration.milliseconds(500)
  private static let longestPause = Duration.seconds(10)

  func lost(_ host: FarHost, _ failure: ConnectionFailure) {
    var loss = host.loss ?? FarHost.Loss(since: .now, failure: failure)
    loss.failure = failure
    if loss.tries == 0 {
      remark(
        host,
        "the connection to \(host.name) is lost: \(failure.words); what runs there continues, and it "
          + "is connected again"
      )
    }
    loss.tries += 1
    host.loss = loss
    let rest = loss.since + settings.reconnectLimit - .now
    if rest <= .zero { return giveUp(host, failure) }
    let pause = min(Self.firstPause * (1 << min(loss.tries - 1, 10)), Self.longestPause, rest)
    _ = loop.arm(after: pause) { [weak self, weak host] in
      guard let self, let host, host.run === self, host.loss != nil, !host.isReady else { return }
      host.connect()
    }
  }

  /// A connection was made again.
  func opened(_ host: FarHost, _ report: VMReport) {
    for message in host.setup { host.send(message) }
  }

  private func askAgain(_ host: FarHost) {
    for node in host.asked.keys.sorted() { send(node, to: host) }
    for (node, condition) in host.questions.sorted(by: { $0.key < $1.key }) {
      host.send(.ask(node, condition))
    }
    remark(host, "\(host.name) is connected again")
  }

  private func giveUp(_ host: FarHost, _ failure: ConnectionFailure) {
    host.close()
    host.failure = failure
    host.loss = nil
    remark(host, "\(host.name) is given up: \(failure.words)")
    let asked = host.asked
    host.asked = [:]
    for (node, asked) in asked.sorted(by: { $0.key < $1.key }) {
      end(node, asked.attempt, Self.result(of: asked, failure, host, isHeld(node)))
    }
    let questions = host.questions
    host.questions = [:]
    for node in questions.keys.sorted() { report(.answered(node, false)) }
  }

  private func remark(_ host: FarHost, _ text: String) {
    guard let node = host.asked.keys.min() ?? host.questions.keys.min() else { return }
    report(.remark(Remark(node: node, kind: .warning, text: text)))
  }

  /// Whether a step may not be started a second time.
  private func isHeld(_ node: NodeID) -> Bool {
    guard let step = graph.step(node), case .run = step.action else { return false }
    return !step.isIdempotent
  }

  /// What an attempt comes to on a host that is not reached any more.
  private static func result(
    of asked: FarHost.Asked,
    _ failure: ConnectionFailure,
    _ host: FarHost,
    _ isHeld: Bool
  ) -> AttemptResult {
    let words = "\(host.name) cannot be reached: \(failure.words)"
    if !asked.isSent, !asked.isRecovery { return .refused(words) }
    return isHeld ? .lost : .failed(words)
  }
}
