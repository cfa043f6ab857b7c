import Clock
import Execution
import Glibc
import System

/// An attempt of a `wait`: checks until the answer is yes, with a pause between two checks.
///
/// It never gives up; the step's timeout ends it.
final class WaitAttempt: Attempt {
  /// Begins a check, or answers at once.
  ///
  /// The answer is given once.
  typealias Begin = (@escaping (ProbeAnswer) -> Void) -> ActiveProbe?

  private let loop: EventLoop
  private let pause: Duration
  private let beginProbe: Begin
  private let completion: Completion<AttemptResult>
  private var probe: ActiveProbe?
  private var timer: TimerToken?
  /// What the last finished check found; nil before the first.
  private var lastAnswer: String?
  private var endWasAsked = false

  /// Makes an attempt; `begin` starts it.
  ///
  /// - Parameters:
  ///   - loop: the loop.
  ///   - pause: from the end of one check to the beginning of the next.
  ///   - check: begins a check.
  ///   - ended: called once.
  init(
    _ loop: EventLoop,
    every pause: Duration,
    check: @escaping Begin,
    ended: @escaping (AttemptResult) -> Void
  ) {
    self.loop = loop
    self.pause = pause
    beginProbe = check
    completion = Completion(ended)
  }

  /// Begins the first check.
  func begin() {
    timer = nil
    probe = beginProbe { [self] in take($0) }
    // Only now that it is stored here, because it may answer at once.
    if case .process(let process) = probe { process.begin() }
  }

  private func take(_ answer: ProbeAnswer) {
    probe = nil
    if endWasAsked { return giveUp() }
    switch answer {
    case .yes: completion.report(.exited(0))
    case .never(let reason): completion.report(.failed(reason))
    case .no(let reason):
      lastAnswer = reason
      // Without a pause it would use the whole processor.
      timer = loop.arm(after: max(pause, .milliseconds(1))) { [self] in begin() }
    }
  }

  func terminate() {
    endWasAsked = true
    if case .process(let process) = probe { process.terminate() } else { giveUp() }
  }

  func kill() {
    endWasAsked = true
    if case .process(let process) = probe { process.kill() } else { giveUp() }
  }

  func abandon() {
    completion.cancel()
    switch probe {
    case .process(let process): process.abandon()
    case .connection(let connection): connection.cancel()
    case nil: break
    }
    probe = nil
    if let timer { loop.disarm(timer) }
  }

  private func giveUp() {
    if let timer { loop.disarm(timer) }
    timer = nil
    if case .connection(let connection) = probe { connection.cancel() }
    probe = nil
    completion.report(
      .failed(lastAnswer.map { "the last check found: \($0)" } ?? "no check has finished yet")
    )
  }
}
