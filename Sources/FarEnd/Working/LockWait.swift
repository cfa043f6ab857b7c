import Clock
import System
import VM

/// The lock of the VM, waited for on the loop.
final class LockWait {
  private let vm: VMFolder
  private let loop: EventLoop
  private let patience: Duration
  private let began = Instant.now
  private var timer: TimerToken?
  private var isTold = false
  /// Called once with who has the lock, if it is worth telling.
  private let waits: (Problem) -> Void
  private let ended: (Result<VMLock, Problem>) -> Void

  /// How long somebody may take to end who is about to.
  private static let grace = Duration.seconds(2)
  /// Between two tries.
  private static let pause = Duration.milliseconds(20)

  /// Prepares it; `begin` tries for the first time.
  ///
  /// - Parameters:
  ///   - vm: the VM.
  ///   - loop: on which it waits.
  ///   - patience: how long.
  ///   - waits: called once with who has the lock, if it is waited for.
  ///   - ended: called once with the lock, or with who still has it.
  init(
    _ vm: VMFolder,
    _ loop: EventLoop,
    patience: Duration,
    waits: @escaping (Problem) -> Void,
    ended: @escaping (Result<VMLock, Problem>) -> Void
  ) {
    self.vm = vm
    self.loop = loop
    self.patience = patience
    self.waits = waits
    self.ended = ended
  }

  /// Tries to take it, now and later.
  func begin() {
    timer = nil
    do throws(Problem) {
      switch try VMLock.trial(of: vm) {
      case .locked(let lock): return ended(.success(lock))
      case .busy(let problem, let isPassing):
        let past = Instant.now - began
        if past >= patience, !isPassing || past >= Self.grace { return ended(.failure(problem)) }
        if patience > .zero, !isTold, !isPassing || past >= Self.grace {
          isTold = true
          waits(problem)
        }
      }
    } catch {
      return ended(.failure(error))
    }
    timer = loop.arm(after: Self.pause) { [unowned self] in begin() }
  }

  /// Gives up waiting.
  func cancel() {
    if let timer { loop.disarm(timer) }
    timer = nil
  }
}
