import Clock
import Execution
import Glibc
import System

/// An attempt of a `wait`: looks until the answer is yes, with a pause between two looks.
///
/// It has no end of its own besides that; the step's timeout ends it.
final class WaitAttempt: Attempt {
  /// Makes a look, or answers at once; the answer is told once.
  typealias Begin = (@escaping (ProbeAnswer) -> Void) -> ActiveProbe?

  private let loop: EventLoop
  private let pause: Duration
  private let beginProbe: Begin
  private let completion: Completion<AttemptResult>
  private var look: ActiveProbe?
  private var timer: TimerToken?
  /// What the last look that ended has found; nil before the first.
  private var lastAnswer: String?
  private var endWasAsked = false

  /// Makes an attempt; `begin` starts it.
  ///
  /// - Parameters:
  ///   - loop: the loop.
  ///   - pause: from the end of one look to the beginning of the next.
  ///   - look: begins a look.
  ///   - ended: called once.
  init(
    _ loop: EventLoop,
    every pause: Duration,
    look: @escaping Begin,
    ended: @escaping (AttemptResult) -> Void
  ) {
    self.loop = loop
    self.pause = pause
    beginProbe = look
    completion = Completion(ended)
  }

  /// Takes the first look.
  func begin() {
    timer = nil
    look = beginProbe { [self] in take($0) }
    // Not before it is known here, because it may answer at once.
    if case .process(let process) = look { process.begin() }
  }

  private func take(_ answer: ProbeAnswer) {
    look = nil
    if endWasAsked { return giveUp() }
    switch answer {
    case .yes: completion.report(.exited(0))
    case .never(let reason): completion.report(.failed(reason))
    case .no(let reason):
      lastAnswer = reason
      // A pause of nothing would take the whole processor.
      timer = loop.arm(after: max(pause, .milliseconds(1))) { [self] in begin() }
    }
  }

  func terminate() {
    endWasAsked = true
    if case .process(let process) = look { process.terminate() } else { giveUp() }
  }

  func kill() {
    endWasAsked = true
    if case .process(let process) = look { process.kill() } else { giveUp() }
  }

  func abandon() {
    completion.cancel()
    switch look {
    case .process(let process): process.abandon()
    case .connection(let connection): connection.cancel()
    case nil: break
    }
    look = nil
    if let timer { loop.disarm(timer) }
  }

  private func giveUp() {
    if let timer { loop.disarm(timer) }
    timer = nil
    if case .connection(let connection) = look { connection.cancel() }
    look = nil
    completion.report(
      .failed(lastAnswer.map { "the last look found: \($0)" } ?? "no look has ended yet")
    )
  }
}
