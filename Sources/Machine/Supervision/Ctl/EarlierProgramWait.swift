import Clock
import Execution
import System
import Words

/// Waits for a program that an earlier coordinator has started, so that no program of a service
/// runs beside another one of it.
///
/// Like a program of our own, it is killed if it takes longer than its control file allows.
final class EarlierProgramWait {
  private let earlier: EarlierProgram
  private let limit: Duration
  private let loop: EventLoop
  private let completion: Completion<String?>
  private var attempt: OrphanAttempt?
  private var timer: TimerToken?
  private var begun = Instant.now
  /// Why it failed, while the program is being ended for that.
  private var failure: String?

  private static let pause = Duration.milliseconds(100)

  /// Makes it; `begin` starts the waiting.
  ///
  /// - Parameters:
  ///   - earlier: the program.
  ///   - limit: how long it may take, from now on.
  ///   - loop: the loop.
  ///   - done: called once: with nil when it has ended or has done what it was started for,
  ///     otherwise with the reason why not.
  init(
    _ earlier: EarlierProgram,
    limit: Duration,
    on loop: EventLoop,
    done: @escaping (String?) -> Void
  ) {
    self.earlier = earlier
    self.limit = limit
    self.loop = loop
    completion = Completion(done)
  }

  /// For people, as the end of a sentence that begins with the name of its process.
  var words: String {
    "has a \(earlier.verb.rawValue) program that an earlier run has started and that still runs, as "
      + "process \(earlier.stat.process); it is waited for"
  }

  /// Begins to wait.
  func begin(_ machinery: Machinery) {
    begun = .now
    attempt = OrphanAttempt(earlier.identity, machinery) { [self] _ in
      attempt = nil
      finish(failure)
    }
    check()
  }

  /// Gives up, and ends the program.
  func cancel(_ end: (any Attempt) -> Void) {
    failure = failure ?? "was not reached: its \(earlier.verb.rawValue) program had to end first"
    if let attempt { end(attempt) } else { finish(failure) }
  }

  private func check() {
    timer = nil
    if failure != nil { return }
    if !earlier.isAtWork { return finish(nil) }
    if Instant.now - begun >= limit {
      failure =
        "its \(earlier.verb.rawValue) program, which an earlier run has started as process "
        + "\(earlier.stat.process), did not end within \(limit.forPeople) and was killed"
      attempt?.kill()
      return
    }
    timer = loop.arm(after: Self.pause) { [self] in check() }
  }

  private func finish(_ failure: String?) {
    if let timer { loop.disarm(timer) }
    timer = nil
    attempt?.forget()
    attempt = nil
    completion.report(failure)
  }
}
