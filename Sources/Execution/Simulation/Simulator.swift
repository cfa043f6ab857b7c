package import PlanGraph

/// How a made-up attempt goes.
package struct SimulatedAttempt: Hashable, Sendable {
  /// How long it takes by itself; nil for ever.
  package var duration: Duration?
  package var result: AttemptResult
  /// How long it goes on after it was asked to end; nil if it takes no notice.
  package var lingers: Duration?

  /// Makes an attempt.
  package init(duration: Duration?, result: AttemptResult, lingers: Duration? = .zero) {
    self.duration = duration
    self.result = result
    self.lingers = lingers
  }

  /// One that succeeds at once.
  package static let success = SimulatedAttempt(duration: .zero, result: .exited(0))
}

/// Drives a run by a virtual clock and made-up outcomes: what the machine does for a real one.
package struct Simulator {
  /// One event of a simulated run with what the run asked for in answer.
  package struct Entry: Hashable, Sendable {
    package var moment: Instant
    package var event: Event
    package var actions: [Action]
  }

  /// What happens in a simulated run that the run does not decide.
  package struct World {
    /// How an attempt (counted from 1) goes.
    package var attempt: (NodeID, Int) -> SimulatedAttempt
    /// Whether a condition holds.
    package var answer: (NodeID, RuntimeCondition) -> Bool
    /// When somebody asks the run to stop, and by which signal.
    package var cancellations: [(Instant, Int32)]
    /// How an attempt goes on that was under way when the run was broken off.
    package var recovery: (NodeID, Int) -> SimulatedAttempt

    /// Makes a world.
    package init(
      attempt: @escaping (NodeID, Int) -> SimulatedAttempt,
      answer: @escaping (NodeID, RuntimeCondition) -> Bool = { _, _ in true },
      cancellations: [(Instant, Int32)] = [],
      recovery: @escaping (NodeID, Int) -> SimulatedAttempt = { _, _ in
        SimulatedAttempt(duration: .zero, result: .lost)
      }
    ) {
      self.attempt = attempt
      self.answer = answer
      self.cancellations = cancellations
      self.recovery = recovery
    }
  }

  private let world: World
  private var agenda = Agenda()
  private var attempts: [NodeID: (number: Int, plan: SimulatedAttempt, isAsked: Bool)] = [:]
  private var timers: [TimerID: Int] = [:]
  /// By node: tells an end that was put on the agenda from one that has been overtaken.
  private var endings: [NodeID: Int] = [:]

  /// Makes a simulator of a world.
  package init(_ world: World) { self.world = world }

  /// Drives a run to its end.
  ///
  /// - Parameters:
  ///   - run: the run, of which nothing has happened yet.
  ///   - most: after so many events it gives up; the trace then has no `finish`.
  /// - Returns: everything that happened, in order.
  package mutating func drive(_ run: inout Run, most: Int = .max) -> [Entry] {
    var trace: [Entry] = []
    for (moment, signal) in world.cancellations {
      agenda.add(.event(.cancelled(signal: signal)), at: moment)
    }
    agenda.add(.event(.began), at: Instant(nanoseconds: 0))
    while trace.count < most, let (moment, token, occurrence) = agenda.next() {
      guard let event = event(occurrence, token) else { continue }
      let actions = run.handle(event, at: moment)
      trace.append(Entry(moment: moment, event: event, actions: actions))
      for action in actions {
        if case .finish = action { return trace }
        perform(action, at: moment)
      }
    }
    return trace
  }

  private mutating func event(_ occurrence: Agenda.Occurrence, _ token: Int) -> Event? {
    switch occurrence {
    case .event(let event): return event
    case .timer(let timer):
      guard timers[timer] == token else { return nil }
      timers[timer] = nil
      return .fired(timer)
    case .ending(let node, let result):
      guard endings[node] == token, let attempt = attempts[node] else { return nil }
      attempts[node] = nil
      endings[node] = nil
      return .ended(node, attempt: attempt.number, result)
    }
  }

  private mutating func perform(_ action: Action, at moment: Instant) {
    switch action {
    case .start(let node, let number):
      agenda.add(.event(.started(node, attempt: number, process: nil)), at: moment)
      begin(node, number, world.attempt(node, number), at: moment)
    case .recover(let node, let number):
      begin(node, number, world.recovery(node, number), at: moment)
    case .terminate(let node):
      guard let attempt = attempts[node], !attempt.isAsked else { return }
      attempts[node]?.isAsked = true
      if let lingers = attempt.plan.lingers {
        end(node, .signalled(15), at: moment + lingers)
      }
    case .kill(let node):
      if attempts[node] != nil { end(node, .signalled(9), at: moment) }
    case .ask(let node, let condition):
      agenda.add(.event(.answered(node, world.answer(node, condition))), at: moment)
    case .arm(let timer, let at):
      timers[timer] = agenda.add(.timer(timer), at: max(at, moment))
    case .disarm(let timer):
      timers[timer] = nil
    case .announce, .finish:
      break
    }
  }

  private mutating func begin(
    _ node: NodeID,
    _ number: Int,
    _ plan: SimulatedAttempt,
    at moment: Instant
  ) {
    attempts[node] = (number, plan, false)
    if let duration = plan.duration { end(node, plan.result, at: moment + duration) }
  }

  private mutating func end(_ node: NodeID, _ result: AttemptResult, at moment: Instant) {
    endings[node] = agenda.add(.ending(node, result), at: moment)
  }
}

/// What is to happen, by moment; what is for the same moment in the order in which it was added.
private struct Agenda {
  enum Occurrence {
    case event(Event)
    case timer(TimerID)
    case ending(NodeID, AttemptResult)
  }

  private var heap: [(moment: Instant, token: Int, occurrence: Occurrence)] = []
  private var nextToken = 0

  private func precedes(_ a: Int, _ b: Int) -> Bool {
    (heap[a].moment, heap[a].token) < (heap[b].moment, heap[b].token)
  }

  @discardableResult
  mutating func add(_ occurrence: Occurrence, at moment: Instant) -> Int {
    nextToken += 1
    heap.append((moment, nextToken, occurrence))
    var child = heap.count - 1
    while child > 0, precedes(child, (child - 1) / 2) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
    return nextToken
  }

  mutating func next() -> (Instant, Int, Occurrence)? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      var parent = 0
      while true {
        var least = parent
        for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
          if precedes(child, least) { least = child }
        }
        if least == parent { break }
        heap.swapAt(parent, least)
        parent = least
      }
    }
    return (first.moment, first.token, first.occurrence)
  }
}
