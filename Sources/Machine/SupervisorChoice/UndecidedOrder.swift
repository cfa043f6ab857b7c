import Execution
import Glibc
import System
import VM

/// An order that waits until its supervisor is chosen.
final class UndecidedOrder: Attempt {
  private let completion: Completion<AttemptResult>
  private var attempt: (any Attempt)?

  init(_ ended: @escaping (AttemptResult) -> Void) { completion = Completion(ended) }

  func begin(_ begin: (@escaping (AttemptResult) -> Void) -> any Attempt) {
    if !completion.isPending { return }
    attempt = begin { [self] in end($0) }
  }

  func end(_ result: AttemptResult) {
    attempt = nil
    completion.report(result)
  }

  func terminate() {
    if let attempt { attempt.terminate() } else { end(.failed("was not started")) }
  }

  func kill() {
    if let attempt { attempt.kill() } else { end(.failed("was not started")) }
  }

  func abandon() {
    completion.cancel()
    attempt?.abandon()
  }
}
