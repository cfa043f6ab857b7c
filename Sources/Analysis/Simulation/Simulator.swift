package import Clock
package import Execution
import Journal
package import PlanGraph

/// Drives a run with a virtual clock and made-up outcomes.
///
/// It replaces the machine of a real run.
///
/// The world outlives the driver. After an interruption attempts continue, and a new run, built
/// from the records that are left, can be driven in the same world.
package struct Simulator {
  let world: World
  let graph: Graph
  var agenda = Agenda()
  var attempts = SimulatedAttempts()
  private var timers: [TimerID: Int] = [:]
  /// How many events there have been.
  private var events: UInt32 = 0
  /// How many groups of records the disk was asked to store.
  private var syncs = 0
  private var isSyncing = false
  private var hasDiskFailed = false

  /// The virtual clock.
  package internal(set) var now = Instant(nanoseconds: 0)
  /// How many records are on disk for certain.
  package private(set) var durable: UInt32 = 0
  /// How many records were written.
  package private(set) var written: UInt32 = 0
  /// Everything that happened, in order.
  package private(set) var trace: [Entry] = []
  private let keepsTrace: Bool

  /// Makes a simulator of runs of a graph in a world.
  ///
  /// It keeps no trace if only the end matters.
  package init(_ graph: Graph, _ world: World, keepsTrace: Bool = true) {
    self.graph = graph
    self.world = world
    self.keepsTrace = keepsTrace
  }

  private enum Ending { case finished(RunOutcome), interrupted }

  /// Drives a run to its end, or until it is interrupted.
  ///
  /// - Parameters:
  ///   - run: the run; all of its events so far are on disk.
  ///   - first: the first event it gets.
  ///   - interruption: where the driver stops, as if killed.
  ///   - most: the number of events, earlier ones included, after which it gives up.
  /// - Returns: how the run ended; nil if it did not end.
  package mutating func drive(
    _ run: inout some SimulatedRun,
    by first: [Event] = [.began],
    until interruption: Interruption? = nil,
    most: UInt32 = .max
  ) -> RunOutcome? {
    events = run.eventCount
    written = events
    durable = events
    for event in first { agenda.add(.event(event), at: now) }
    for (moment, signal) in world.cancellations where moment >= now {
      agenda.add(.event(.cancelled(signal: signal)), at: moment)
    }
    while events < most, let (moment, token, occurrence) = agenda.next() {
      now = max(now, moment)
      var ending: Ending?
      if case .synced(let count) = occurrence {
        ending = reachedDisk(count, &run)
      } else if let event = event(occurrence, token) {
        ending = deliver(event, to: &run, interruption)
      }
      ending = ending ?? askDisk(&run, interruption)
      if case .interrupted? = ending { return nil }
      tell(&run)
      if case .finished(let outcome)? = ending { return outcome }
    }
    return nil
  }

  /// Forgets everything that belonged to the driver.
  mutating func forgetDriver() {
    agenda.forgetDriver()
    timers = [:]
    isSyncing = false
    hasDiskFailed = false
  }

  mutating func note(_ occurrence: Occurrence) {
    if keepsTrace { trace.append(Entry(moment: now, occurrence: occurrence)) }
  }

  // MARK: Events

  private mutating func event(
    _ occurrence: Agenda.Occurrence,
    _ token: Int
  ) -> Event? {
    switch occurrence {
    case .event(let event): return event
    case .timer(let timer):
      guard timers[timer] == token else { return nil }
      timers[timer] = nil
      return .fired(timer)
    case .ending(let node, let result):
      guard let attempt = finish(node, result, token) else { return nil }
      // A process cannot get the exit status of another process's child.
      let isKnown = !attempt.isOrphan || isHeld(node)
      return .ended(node, attempt: attempt.number, isKnown ? result : .lost)
    case .synced: return nil
    }
  }

  /// Records an event, passes it to the run and performs the actions that may be performed now.
  ///
  /// Does the same for events that follow at once.
  private mutating func deliver(
    _ event: Event,
    to run: inout some SimulatedRun,
    _ interruption: Interruption?
  ) -> Ending? {
    var queue = [event]
    while !queue.isEmpty {
      let next = queue.removeFirst()
      let actions = run.handle(next, at: now)
      events = run.eventCount
      if !hasDiskFailed { written = events }
      note(.event(next, run.decided))
      let isLast = interruption?.event == events
      let performed = isLast ? actions.prefix(interruption?.performing ?? 0) : actions[...]
      if let ending = perform(performed) { return ending }
      if isLast { return .interrupted }
      queue += run.takeDropped()
      if world.sync == nil, let ending = reachedDisk(events, &run) { return ending }
    }
    return nil
  }

  // MARK: The disk

  /// Asks the disk to store the written records if the run waits for them.
  private mutating func askDisk(
    _ run: inout some SimulatedRun,
    _ interruption: Interruption?
  ) -> Ending? {
    guard let sync = world.sync, !isSyncing, !hasDiskFailed, run.need != .none else { return nil }
    syncs += 1
    if let delay = sync(syncs) {
      isSyncing = true
      agenda.add(.synced(events), at: now + delay)
      return nil
    }
    hasDiskFailed = true
    note(.diskFailed)
    if let ending = perform(run.diskFailed()[...]) { return ending }
    return deliver(.halted, to: &run, interruption)
  }

  private mutating func reachedDisk(_ count: UInt32, _ run: inout some SimulatedRun) -> Ending? {
    isSyncing = false
    durable = max(durable, count)
    note(.reachedDisk(durable))
    let actions = run.reachedDisk(durable)
    tell(&run)
    return perform(actions[...])
  }

  private mutating func tell(_ run: inout some SimulatedRun) {
    while let due = run.nextAnnouncement() { note(.told(due.announcement)) }
  }

  // MARK: Actions

  private mutating func perform(_ actions: ArraySlice<Action>) -> Ending? {
    for action in actions {
      note(.performed(action))
      switch action {
      case .finish(let outcome), .leave(let outcome): return .finished(outcome)
      default: perform(action)
      }
    }
    return nil
  }

  private mutating func perform(_ action: Action) {
    switch action {
    case .start(let node, let number, _):
      agenda.add(.event(.started(node, attempt: number, process: nil)), at: now)
      begin(node, number)
    case .recover(let node, let number): recover(node, number)
    case .terminate(let node): terminate(node)
    case .kill(let node): end(node, .signalled(9), at: now)
    case .ask(let node, let condition):
      agenda.add(.event(.answered(node, world.answer(node, condition))), at: now)
    case .arm(let timer, let at): timers[timer] = agenda.add(.timer(timer), at: max(at, now))
    case .disarm(let timer): timers[timer] = nil
    case .announce, .finish, .leave: break
    }
  }
}
