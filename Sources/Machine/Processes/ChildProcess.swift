import CLinux
import Execution
import Glibc

/// What the parts of a live run share: the loop and the means to start and end processes.
final class Machinery {
  let loop: EventLoop
  let spawner: Spawner
  let sessions: Sessions
  /// How many processes have been started and not yet ended.
  var runningCount = 0
  /// How many processes have ended.
  var endedCount = 0

  /// Makes a loop and everything around it.
  init() throws(SystemError) {
    try Spawner.ensureStandardDescriptors()
    loop = try EventLoop()
    spawner = try Spawner()
    sessions = Sessions(loop: loop)
  }
}

/// A process that was started, and leads a session of its own, until its end has been reported.
///
/// Its end is the main process's: what it leaves behind is left alone, whatever descriptors that
/// holds. Only where the end was asked for does it wait until its whole session is empty.
final class ChildProcess {
  /// The process, its group and its session.
  let identifier: pid_t
  private let isHolder: Bool
  private let machinery: Machinery
  private var ended: ((AttemptResult) -> Void)?
  private var handle: Descriptor?
  private var watch: WatchToken?
  private var endWasAsked = false

  /// Watches a child of this process that nobody else waits for.
  ///
  /// - Parameters:
  ///   - identifier: what `Spawner.spawn` gave.
  ///   - isHolder: whether it is a holder: that one passes TERM on to its command, is told to kill
  ///     it, and ends when nothing of it is left.
  ///   - machinery: the loop that tells its end.
  ///   - ended: called once, from the loop.
  init(
    _ identifier: pid_t,
    isHolder: Bool = false,
    _ machinery: Machinery,
    ended: @escaping (AttemptResult) -> Void
  ) {
    self.identifier = identifier
    self.isHolder = isHolder
    self.machinery = machinery
    self.ended = ended
    machinery.runningCount += 1
    observe()
  }

  /// Asks it to end: TERM to everything in its session.
  func terminate() { signal(SIGTERM) }

  /// Ends it: KILL to everything in its session, also where only followers of the process are left.
  func kill() {
    if isHolder { killHeld() } else { signal(SIGKILL) }
  }

  /// KILL to everything in its session, with no report to follow.
  func abandon() {
    if isHolder { killHeld() } else { machinery.sessions.abandon(identifier) }
    ended = nil
  }

  private func killHeld() {
    if ended == nil { return }
    endWasAsked = true
    _ = Glibc.kill(identifier, Hold.killSignal)
  }

  private func signal(_ number: Int32) {
    if ended == nil { return }
    endWasAsked = true
    machinery.sessions.signal(identifier, number)
  }

  private func observe() {
    let number = lockstep_pidfd_open(identifier)
    if number >= 0 {
      let descriptor = Descriptor(owning: number)
      if let token = try? machinery.loop.watch(number, for: .reading, { [self] in look() }) {
        handle = consume descriptor
        watch = token
        return
      }
    }
    // The logs' descriptors have just become free, so this is the whole machine's shortage. The
    // child runs; its zombie would wait for us.
    _ = machinery.loop.arm(after: .milliseconds(20)) { [self] in
      look()
      if ended != nil, watch == nil { observe() }
    }
  }

  private func look() {
    if ended == nil { return }
    // The zombie of a leader whose session is to be emptied stays, and holds its number.
    let end = lockstep_wait(identifier, endWasAsked ? 1 : 0)
    if end.process == 0 { return }
    if let watch { machinery.loop.cancel(watch, isClosing: true) }
    watch = nil
    handle = nil
    machinery.runningCount -= 1
    machinery.endedCount += 1
    let result: AttemptResult =
      if end.process < 0 {
        .failed("how process \(identifier) ended is not known: somebody else waited for it")
      } else if end.code == lockstep_CLD_EXITED {
        .exited(end.status)
      } else {
        .signalled(end.status)
      }
    if !endWasAsked || end.process < 0 { return report(result) }
    machinery.sessions.whenEmpty(identifier) { [self] in
      _ = lockstep_wait(identifier, 0)
      report(result)
    }
  }

  private func report(_ result: AttemptResult) {
    let report = ended
    ended = nil
    report?(result)
  }
}
