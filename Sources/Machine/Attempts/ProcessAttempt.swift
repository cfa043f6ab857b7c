import Clock
import Execution
import Glibc
import System
import VM

/// An attempt that is one process: a script's or a command's.
///
/// If there is no room for another process, it tries again after a pause, without delaying anything
/// else. The number of tries is bounded as long as none of our processes ends in between. If
/// descriptors ran out, which is our limit and not the machine's, it tries as long as one of our
/// processes runs.
final class ProcessAttempt: Attempt {
  private let machinery: Machinery
  private let isHolder: Bool
  private let launch: () throws(LaunchFailure) -> LaunchedProcess
  private let started: (Int32?) -> Void
  private let completion: Completion<AttemptResult>
  private var child: ChildProcess?
  private var timer: TimerToken?
  private var tries = 0
  private var endedBefore = 0
  private var endWasAsked = false

  private static let firstPause = Duration.milliseconds(20)
  /// The pauses double, so this is about 5 seconds in all.
  private static let maximumTries = 9

  /// Makes an attempt; `begin` starts it.
  ///
  /// - Parameters:
  ///   - machinery: the loop and what belongs to it.
  ///   - isHolder: whether the process is a holder, which itself waits for the end of its command.
  ///   - launch: starts the process; may be called several times.
  ///   - started: called with each process that is started, and with nil if it turns out that it
  ///     could not execute its program.
  ///   - ended: called once, whether or not it ran.
  init(
    _ machinery: Machinery,
    isHolder: Bool = false,
    launch: @escaping () throws(LaunchFailure) -> LaunchedProcess,
    started: @escaping (Int32?) -> Void,
    ended: @escaping (AttemptResult) -> Void
  ) {
    self.machinery = machinery
    self.isHolder = isHolder
    self.launch = launch
    self.started = started
    completion = Completion(ended)
  }

  /// Starts the process, now or after a pause.
  func begin() {
    timer = nil
    tries += 1
    do {
      let launched = try launch()
      let process = launched.spawned.process
      let path = launched.path
      let folder = launched.folder
      child = ChildProcess(launched.spawned, isHolder: isHolder, machinery) { [self] end in
        switch end {
        case .ended(let end): finish(AttemptResult(end))
        case .notExecuted(let failure):
          child = nil
          started(nil)
          failed(failure.launchFailure(path, in: folder))
        }
      }
      started(process)
    } catch {
      failed(error)
    }
  }

  private func failed(_ failure: LaunchFailure) {
    switch failure {
    case .refused(let reason): finish(.failed(reason))
    case .mayPass where endWasAsked, .noDescriptor where endWasAsked: giveUp()
    case .mayPass(let reason): tryAgain(reason)
    case .noDescriptor(let reason):
      if machinery.runningCount > 0 { tries = min(tries, 5) }
      tryAgain(reason)
    }
  }

  private func tryAgain(_ reason: String) {
    if machinery.endedCount != endedBefore {
      endedBefore = machinery.endedCount
      tries = 1
    }
    if tries >= Self.maximumTries {
      return finish(.failed("\(reason) (tried \(tries) times over five seconds)"))
    }
    let pause = Self.firstPause * (1 << (tries - 1))
    timer = machinery.loop.arm(after: pause) { [self] in begin() }
  }

  func terminate() {
    endWasAsked = true
    if let child { child.terminate() } else { giveUp() }
  }

  func kill() {
    endWasAsked = true
    if let child { child.kill() } else { giveUp() }
  }

  func abandon() {
    completion.cancel()
    if let timer { machinery.loop.disarm(timer) }
    child?.abandon()
  }

  /// Lets the process continue.
  ///
  /// Its end is still awaited, but no longer reported.
  func forget() {
    completion.cancel()
    child = nil
  }

  private func giveUp() {
    if let timer { machinery.loop.disarm(timer) }
    timer = nil
    finish(.failed("was not started: there was no room for another process yet"))
  }

  private func finish(_ result: AttemptResult) {
    child = nil
    completion.report(result)
  }
}
