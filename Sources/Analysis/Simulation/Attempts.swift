import Clock
package import Execution
import PlanGraph

/// The attempts of a simulated world: what is really under way, and what evidence is left of the rest.
struct SimulatedAttempts {
  struct UnderWay {
    var number: Int
    var plan: SimulatedAttempt
    var begun: Instant
    /// When it will end; nil for never.
    var end: Instant?
    /// Tells that end from those on the agenda that have been overtaken.
    var token = 0
    var isAsked = false
    /// Whether the driver that began it is gone.
    var isOrphan = false
  }

  var underWay: [NodeID: UnderWay] = [:]
  /// By step under a holder: the attempt begun last.
  var begun: [NodeID: Int] = [:]
  /// By step under a holder: the last exit record.
  var exits: [NodeID: (number: Int, result: AttemptResult)] = [:]
}

extension Simulator {
  /// Whether a step runs under a holder, which keeps its exit status and sees to its timeout.
  func isHeld(_ node: NodeID) -> Bool {
    let entry = graph[node]
    return entry.kind == .step && !graph.steps[entry.template].isIdempotent
  }

  mutating func begin(_ node: NodeID, _ number: Int) {
    let plan = world.attempt(node, number)
    attempts.underWay[node] = SimulatedAttempts.UnderWay(number: number, plan: plan, begun: now)
    if isHeld(node) { attempts.begun[node] = number }
    if let duration = plan.duration { end(node, plan.result, at: now + duration) }
  }

  mutating func terminate(_ node: NodeID) {
    guard let attempt = attempts.underWay[node], !attempt.isAsked else { return }
    attempts.underWay[node]?.isAsked = true
    if let lingers = attempt.plan.lingers { end(node, .signalled(15), at: now + lingers) }
  }

  /// Puts the end of an attempt on the agenda, in the place of any other.
  mutating func end(_ node: NodeID, _ result: AttemptResult, at moment: Instant) {
    guard attempts.underWay[node] != nil else { return }
    attempts.underWay[node]?.token = agenda.add(.ending(node, result), at: moment)
    attempts.underWay[node]?.end = moment
  }

  /// Ends an attempt whose moment has come; nil where that end has been overtaken.
  mutating func finish(
    _ node: NodeID,
    _ result: AttemptResult,
    _ token: Int
  ) -> SimulatedAttempts.UnderWay? {
    guard let attempt = attempts.underWay[node], attempt.token == token else { return nil }
    attempts.underWay[node] = nil
    if isHeld(node) { attempts.exits[node] = (attempt.number, result) }
    note(.over(node, attempt: attempt.number, result))
    return attempt
  }

  /// Finds out what became of an attempt that a journal speaks of; says so, if it is over.
  mutating func recover(_ node: NodeID, _ number: Int) {
    if attempts.underWay[node]?.number == number { return }
    let result: AttemptResult
    if !isHeld(node) {
      result = .lost
    } else if let exit = attempts.exits[node], exit.number == number {
      result = exit.result
    } else {
      result = attempts.begun[node] == number ? .lost : .notStarted
    }
    agenda.add(.event(.ended(node, attempt: number, result)), at: now)
  }

  /// Takes the driver away; then time passes in which nobody drives.
  ///
  /// - Parameters:
  ///   - kept: how many records are left of those that were written.
  ///   - losesPower: whether everything that is under way ends with the driver.
  ///   - lapse: what may be undone meanwhile; a reboot takes power, too.
  ///   - rest: how long nobody drives.
  package mutating func interrupt(
    keeping kept: UInt32,
    losesPower: Bool,
    lapse: Lapse = .nothing,
    rest: Duration
  ) {
    forgetDriver()
    for (node, attempt) in attempts.underWay.sorted(by: { $0.key < $1.key }) {
      if losesPower || lapse == .reboot {
        note(.over(node, attempt: attempt.number, .lost))
        attempts.underWay[node] = nil
      } else {
        orphan(node, attempt)
      }
    }
    note(.interrupted(kept: kept, lapse))
    let end = now + rest
    while let next = agenda.nextMoment, next <= end, let (moment, token, occurrence) = agenda.next()
    {
      now = moment
      if case .ending(let node, let result) = occurrence { _ = finish(node, result, token) }
    }
    now = end
  }

  private mutating func orphan(
    _ node: NodeID,
    _ attempt: SimulatedAttempts.UnderWay
  ) {
    attempts.underWay[node]?.isOrphan = true
    // A holder sees to the timeout without a driver.
    guard isHeld(node), let step = graph.step(node), let timeout = step.timeout else {
      return
    }
    let bound = max(now, attempt.begun + timeout + step.grace)
    if let end = attempt.end, end <= bound { return }
    end(node, .signalled(9), at: bound)
  }
}
