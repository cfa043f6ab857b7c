import Clock
package import Execution
import Glibc
package import Journal
package import System

/// Drives a run: passes events to it, lets its machine do what it asks for, keeps its timers, and
/// makes announcements.
///
/// It is one thread with one wait. The run makes all decisions, in `handle`. The driver is the same
/// for every machine; a machine behind a connection uses the same loop.
package final class RunDriver {
  private let machine: any RunMachine
  private let loop: EventLoop
  /// Whether nothing else works on the loop, so that nothing on it is left after a run.
  private let ownsLoop: Bool
  private let listeners: [any AnnouncementListener]
  private var timers: [TimerID: TimerToken] = [:]
  private var events: [Event] = []
  /// The events that the run is handling; empty otherwise.
  private var batch: [Event] = []

  /// Makes a driver.
  ///
  /// Nothing happens before `drive`.
  ///
  /// - Parameters:
  ///   - machine: does what the run asks for.
  ///   - loop: the event loop.
  ///   - ownsLoop: whether nothing else works on the loop.
  ///   - listeners: receive what the run announces.
  package init(
    _ machine: any RunMachine,
    on loop: EventLoop,
    ownsLoop: Bool = false,
    listeners: [any AnnouncementListener] = []
  ) {
    self.machine = machine
    self.loop = loop
    self.ownsLoop = ownsLoop
    self.listeners = listeners
  }

  /// Makes a driver of runs on this machine.
  package convenience init(
    _ machine: LiveMachine,
    listeners: [any AnnouncementListener] = []
  ) {
    self.init(machine, on: machine.machinery.loop, ownsLoop: true, listeners: listeners)
  }

  /// Drives a recorded run to its end.
  ///
  /// - Parameters:
  ///   - run: the run and its journal, which stays open.
  ///   - event: the first event, `began` or `resumed`.
  /// - Returns: as `drive(_:from:)` of any run.
  /// - Throws: as `drive(_:from:)` of any run.
  package func drive(
    _ run: RecordedRun,
    from event: Event
  ) throws(SystemError) -> RunOutcome {
    // What the watch wakes the loop for is checked in each iteration.
    try run.file.watch(on: loop) {}
    return try drive(run as any DrivenRun, from: event)
  }

  /// Drives a run to its end.
  ///
  /// Call it on the main thread before there are others, because of the signals. Each SIGINT and
  /// SIGTERM is passed to the run, which decides what it means. SIGHUP is ignored. The former
  /// handling is restored at the end.
  ///
  /// - Parameters:
  ///   - run: the run.
  ///   - event: the first event.
  /// - Returns: the outcome from the run's `finish` or `leave`.
  /// - Throws: an error if the loop itself fails. What runs is killed then.
  func drive(
    _ run: any DrivenRun,
    from event: Event = .began
  ) throws(SystemError) -> RunOutcome {
    let signals = try SignalWatch()
    defer { signals.restore() }
    machine.begin { [unowned self] in take($0, run) }
    defer { machine.end() }
    let watch = try loop.watch(signals.number, for: .reading) { [unowned self] in
      while let number = signals.next() {
        if number != SIGHUP { events.append(.cancelled(signal: number)) }
      }
    }
    defer {
      loop.cancel(watch)
      for timer in timers.values { loop.disarm(timer) }
      // A daemon that keeps its start program running is still watched, and stays.
      if ownsLoop { loop.clear() }
      timers = [:]
      events = []
    }
    events = [event]
    do {
      while true {
        if let outcome = handleEvents(run) { return outcome }
        for action in run.released(at: .now) {
          if let outcome = perform(action) { return outcome }
        }
        if !events.isEmpty { continue }
        run.willWait()
        run.tell(listeners)
        for listener in listeners { listener.pause() }
        try loop.turn(mayWait: true)
      }
    } catch {
      machine.abandon()
      throw error
    }
  }

  private func take(_ report: MachineReport, _ run: any DrivenRun) {
    switch report {
    case .started(let node, let attempt, let process):
      events.append(.started(node, attempt: attempt, process: process))
    case .ended(let node, let attempt, let result):
      events.append(.ended(node, attempt: attempt, result))
    case .answered(let node, let holds): events.append(.answered(node, holds))
    case .remark(let remark): run.announce(remark, at: .now)
    }
  }

  /// Passes everything that has happened to the run.
  ///
  /// Its requests may cause more events.
  private func handleEvents(_ run: any DrivenRun) -> RunOutcome? {
    while !events.isEmpty {
      swap(&batch, &events)
      defer { batch.removeAll(keepingCapacity: true) }
      for event in batch {
        let actions = run.handle(event, at: .now)
        run.tell(listeners)
        for action in actions {
          if let outcome = perform(action) { return outcome }
        }
      }
    }
    return nil
  }

  private func perform(_ action: Action) -> RunOutcome? {
    switch action {
    case .start(let node, let attempt, let cause):
      machine.start(node, attempt: attempt, cause: cause)
    case .recover(let node, let attempt): machine.recover(node, attempt: attempt)
    case .terminate(let node): machine.terminate(node)
    case .kill(let node): machine.kill(node)
    case .ask(let node, let condition): machine.ask(node, condition)
    case .arm(let timer, let moment):
      if let armed = timers[timer] { loop.disarm(armed) }
      timers[timer] = loop.arm(at: moment) { [unowned self] in
        timers[timer] = nil
        events.append(.fired(timer))
      }
    case .disarm(let timer):
      if let armed = timers.removeValue(forKey: timer) { loop.disarm(armed) }
    // The run keeps it until it may be announced.
    case .announce: break
    case .finish(let outcome): return outcome
    case .leave(let outcome):
      machine.abandon()
      return outcome
    }
    return nil
  }
}
