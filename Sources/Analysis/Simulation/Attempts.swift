import Clock
package import Execution
import PlanGraph

/// The attempts of a simulated world: those under way, and the evidence that ended ones left.
struct SimulatedAttempts {
  struct UnderWay {
    var number: Int
    var plan: SimulatedAttempt
    var begun: Instant
    /// When it will end; nil for never.
    var end: Instant?
    /// The number of the agenda's entry for this end; older entries for it no longer count.
    var token = 0
    var isAsked = false
    /// Whether the driver that started it is gone.
    var isOrphan = false
  }

  var underWay: [NodeID: UnderWay] = [:]
  /// The last attempt started of a step under a holder.
  var begun: [NodeID: Int] = [:]
  /// The last exit record of a step under a holder.
  var exits: [NodeID: (number: Int, result: AttemptResult)] = [:]
}

extension Simulator {
  /// Whether a step runs under a holder, which keeps its exit status and enforces its timeout.
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

  /// Puts the end of an attempt on the agenda.
  ///
  /// It replaces an earlier end of that attempt.
  mutating func end(_ node: NodeID, _ result: AttemptResult, at moment: Instant) {
    guard attempts.underWay[node] != nil else { return }
    attempts.underWay[node]?.token = agenda.add(.ending(node, result), at: moment)
    attempts.underWay[node]?.end = moment
  }

  /// Ends an attempt whose moment has come.
  ///
  /// Nil if another end has replaced this one.
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

  /// Finds out what happened to an attempt in the journal, and reports its end if it is over.
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

  /// Removes the driver.
  ///
  /// Then time passes without one.
  ///
  /// - Parameters:
  ///   - kept: how many of the written records are left.
  ///   - losesPower: whether everything under way ends with the driver.
  ///   - lapse: what may be undone meanwhile; a reboot loses power too.
  ///   - rest: how long there is no driver.
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
    // A holder enforces the timeout without a driver.
    guard isHeld(node), let step = graph.step(node), let timeout = step.timeout else {
      return
    }
    let bound = max(now, attempt.begun + timeout + step.grace)
    if let end = attempt.end, end <= bound { return }
    end(node, .signalled(9), at: bound)
  }
}
