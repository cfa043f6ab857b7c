import Clock
import Execution
import Glibc
import System
import VM

/// One attempt of a step that is under way.
///
/// It reports its end once, through what it was made with; after `terminate` or `kill` only when
/// nothing is left that it was asked to end.
protocol Attempt: AnyObject {
  /// Asks it to end.
  func terminate()
  /// Ends it.
  func kill()
  /// Ends it without waiting or reporting, because we are about to leave.
  func abandon()
}

/// Why a process was not started.
enum LaunchFailure: Error {
  /// For want of something that may be there a moment later; one line for people.
  case mayPass(String)
  /// For want of a descriptor, of which our own children hold the most; one line for people.
  case noDescriptor(String)
  /// One line for people: what is wrong and what to do.
  case refused(String)
}

/// A process that was started for an attempt.
struct LaunchedProcess: ~Copyable {
  var spawned: SpawnedProcess
  /// Its program, for the words where it cannot be executed.
  var path: String
  /// The open folder that a relative path begins in.
  var folder: Int32
}

extension Machinery {
  /// What an error number of opening something means for a start; where it is for want of descriptors
  /// and there can be more, there are more afterwards.
  func shortage(_ number: Int32, _ what: String) -> LaunchFailure {
    let words = "\(what): \(SystemError.words(number))"
    switch number {
    case EMFILE:
      _ = spawner.raiseDescriptorLimit()
      return .noDescriptor(words)
    case ENFILE, ENOMEM, EAGAIN, EINTR: return .mayPass(words)
    default: return .refused(words)
    }
  }
}

/// An attempt that is one process: a script's or a command's.
///
/// Where there was no room for another process it tries again after a pause, without holding up
/// anything else: a bounded number of times as long as none of ours ends meanwhile, and for want of
/// descriptors, which is a limit on us and not on the machine, as long as any of ours runs.
final class ProcessAttempt: Attempt {
  private let machinery: Machinery
  private let isHolder: Bool
  private let launch: () throws(LaunchFailure) -> LaunchedProcess
  private let started: (Int32?) -> Void
  private var ended: ((AttemptResult) -> Void)?
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
  ///   - isHolder: whether the process is a holder, which sees itself to the end of its command.
  ///   - launch: starts the process; may be called several times.
  ///   - started: called with the process each time that there is one, and with nil where it turned
  ///     out that it could not execute its program.
  ///   - ended: called once, whether it ran or not.
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
    self.ended = ended
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
        case .ended(let end): report(AttemptResult(end))
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
    case .refused(let reason): report(.failed(reason))
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
      return report(.failed("\(reason) (tried \(tries) times over five seconds)"))
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
    ended = nil
    if let timer { machinery.loop.disarm(timer) }
    child?.abandon()
  }

  /// Lets the process go on: nobody wants to hear of its end any more, which is awaited all the same.
  func forget() {
    ended = nil
    child = nil
  }

  private func giveUp() {
    if let timer { machinery.loop.disarm(timer) }
    timer = nil
    report(.failed("was not started: there was no room for another process yet"))
  }

  private func report(_ result: AttemptResult) {
    let report = ended
    ended = nil
    child = nil
    report?(result)
  }
}

extension SpawnFailure {
  /// What it means for the start of a program, which is at `path` in `folder`.
  func launchFailure(_ path: String, in folder: Int32) -> LaunchFailure {
    let words = words(path, in: folder)
    return mayPass ? .mayPass(words) : .refused(words)
  }
}

extension AttemptResult {
  /// What the end of an attempt's process means for the attempt.
  init(_ end: ProcessEnd) {
    switch end {
    case .exited(let status): self = .exited(status)
    case .signalled(let number): self = .signalled(number)
    case .unknown(let reason): self = .failed(reason)
    }
  }
}
