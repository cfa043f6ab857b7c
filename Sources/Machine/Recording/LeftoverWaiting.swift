import Clock
import Execution
package import System

/// The waiting for what interrupted runs have left, or its ending, on somebody's loop.
package final class LeftoverWaiting {
  private let machinery: Machinery
  private let over: () -> Void
  private var attempts: [Int32: (attempt: any Attempt, left: LeftoverProcess)] = [:]
  private var timers: [TimerToken] = []
  private var isBeginning = false

  /// Prepares it.
  ///
  /// - Parameters:
  ///   - machinery: the loop and what belongs to it.
  ///   - over: called once nothing is left of what is waited for.
  package init(_ machinery: Machinery, over: @escaping () -> Void = {}) {
    self.machinery = machinery
    self.over = over
  }

  /// Whether nothing is left of what is waited for.
  package var isOver: Bool { attempts.isEmpty }

  /// Begins to wait.
  ///
  /// - Parameters:
  ///   - left: what to wait for.
  ///   - isEnding: whether to end it: by SIGTERM, and by SIGKILL after `LeftoverWait.grace`.
  package func begin(_ left: [LeftoverProcess], isEnding: Bool) {
    isBeginning = true
    for process in left { begin(process) }
    isBeginning = false
    if isOver { return finish() }
    if !isEnding { return }
    for (attempt, _) in attempts.values { attempt.terminate() }
    let timer = machinery.loop.arm(after: LeftoverWait.grace) { [self] in
      for (attempt, _) in attempts.values { attempt.kill() }
    }
    timers.append(timer)
  }

  private func begin(_ left: LeftoverProcess) {
    let ended: (AttemptResult) -> Void = { [self] _ in
      attempts[left.process] = nil
      if isOver, !isBeginning { finish() }
    }
    switch left.handle {
    case .process(let identity):
      attempts[left.process] = (OrphanAttempt(identity, machinery, ended: ended), left)
    case .held(let record):
      let orphan = OrphanHolderAttempt(
        record,
        machinery,
        search: nil,
        result: { _, _ in .lost },
        ended: ended
      )
      attempts[left.process] = (orphan, left)
      orphan.begin()
    }
  }

  /// Calls `tell` every minute with what has not ended yet.
  func remind(_ tell: @escaping ([LeftoverProcess]) -> Void) {
    let timer = machinery.loop.arm(after: .seconds(60)) { [self] in
      tell(attempts.values.map(\.left).sorted { $0.process < $1.process })
      remind(tell)
    }
    timers.append(timer)
  }

  private func finish() {
    for timer in timers { machinery.loop.disarm(timer) }
    timers = []
    over()
  }
}
