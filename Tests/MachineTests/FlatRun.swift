@testable import Clock
import Execution
import Journal
@testable import Machine
import PlanGraph
@testable import System

/// The simplest possible run: every step once, at most so many in parallel, done when all are.
final class FlatRun: DrivenRun {
  /// The result of each step.
  private(set) var results: [NodeID: AttemptResult] = [:]
  /// Processes by step.
  private(set) var processes: [NodeID: Int32] = [:]
  /// Answers by step.
  private(set) var answers: [NodeID: Bool] = [:]
  /// The signals that were reported.
  private(set) var signals: [Int32] = []
  /// What steps had to say.
  private(set) var remarks: [Remark] = []
  /// What to do when a step's process has started, in addition to waiting for it.
  var whenStarted: (NodeID) -> [Action] = { _ in [] }
  /// What to do when a timer fires.
  var whenFired: (TimerID) -> [Action] = { _ in [] }
  /// What to do when a signal comes.
  var whenCancelled: () -> [Action] = { [] }

  private let steps: [NodeID]
  private let width: Int
  private var next = 0
  private var running = 0

  init(_ steps: [NodeID], width: Int = 64) {
    self.steps = steps
    self.width = width
  }

  /// Releases the closures, which often hold this run.
  func forget() {
    whenStarted = { _ in [] }
    whenFired = { _ in [] }
    whenCancelled = { [] }
  }

  func handle(_ event: Event, at now: Instant) -> [Action] {
    var actions: [Action] = []
    switch event {
    case .began: break
    case .started(let node, _, let process):
      processes[node] = process
      actions += whenStarted(node)
    case .ended(let node, _, let result):
      results[node] = result
      running -= 1
    case .answered(let node, let answer): answers[node] = answer
    case .fired(let timer): actions += whenFired(timer)
    case .cancelled(let signal):
      signals.append(signal)
      actions += whenCancelled()
    case .assumed, .resumed, .halted: break
    }
    while next < steps.count, running < width {
      actions.append(.start(steps[next], attempt: 1))
      next += 1
      running += 1
    }
    if running == 0, next == steps.count { actions.append(.finish(.succeeded)) }
    return actions
  }

  func released(at moment: Instant) -> [Action] { [] }
  func announce(_ remark: Remark, at moment: Instant) { remarks.append(remark) }
  func nextAnnouncement() -> DueAnnouncement? { nil }
  func willWait() {}
}

/// A run that is only a closure.
private final class ClosureRun: DrivenRun {
  private let answer: (Event) -> [Action]

  init(_ answer: @escaping (Event) -> [Action]) { self.answer = answer }

  func handle(_ event: Event, at moment: Instant) -> [Action] { answer(event) }
  func released(at moment: Instant) -> [Action] { [] }
  func announce(_ remark: Remark, at moment: Instant) {}
  func nextAnnouncement() -> DueAnnouncement? { nil }
  func willWait() {}
}

extension LiveMachine {
  /// Drives a flat run to its end.
  @discardableResult
  func drive(_ run: FlatRun) throws(SystemError) -> RunOutcome {
    defer { run.forget() }
    return try RunDriver(self).drive(run)
  }

  /// Drives anything that returns actions for events to its end.
  @discardableResult
  func drive(_ answer: @escaping (Event) -> [Action]) throws(SystemError) -> RunOutcome {
    try RunDriver(self).drive(ClosureRun(answer))
  }
}
