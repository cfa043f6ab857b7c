import Clock
import Execution
import System

/// An attempt that begins in the loop's next turn, so that the caller holds it before it can end.
final class DeferredAttempt: Attempt {
  /// Makes the real attempt and how it begins, or ends at once and gives nil.
  typealias Make = (@escaping (AttemptResult) -> Void) -> (any Attempt, () -> Void)?

  private let loop: EventLoop
  private let completion: Completion<AttemptResult>
  private var timer: TimerToken?
  private var attempt: (any Attempt)?

  init(_ loop: EventLoop, ended: @escaping (AttemptResult) -> Void, make: @escaping Make) {
    self.loop = loop
    completion = Completion(ended)
    timer = loop.arm(at: .now) { [self] in
      timer = nil
      guard let (made, begin) = make({ [self] in finish($0) }) else { return }
      attempt = made
      begin()
    }
  }

  func terminate() {
    if let attempt { attempt.terminate() } else { giveUp() }
  }

  func kill() {
    if let attempt { attempt.kill() } else { giveUp() }
  }

  func abandon() {
    completion.cancel()
    if let timer { loop.disarm(timer) }
    attempt?.abandon()
  }

  private func giveUp() {
    if let timer { loop.disarm(timer) }
    timer = nil
    finish(.failed("was not started"))
  }

  private func finish(_ result: AttemptResult) {
    attempt = nil
    completion.report(result)
  }
}
