import Clock
import Execution
import Glibc
import System
import VM
import Words

/// Starts one process under `ctl` and waits until it runs and stays.
///
/// 1. If the pid file names a live process, there is nothing to start. 2. Otherwise it runs the
///   start program until the pid file names a live process, at most as long as the program's own
///   timeout says. 3. That process must neither end nor be replaced for the time that `settle`
///   says.
final class CtlStart {
  let placed: PlacedProcess
  private let programs: ControlPrograms
  private let loop: EventLoop
  private let settle: Duration
  private let warn: (String) -> Void
  private let isRunning: () -> Void
  private let completion: Completion<String?>

  private var program: ProcessAttempt?
  /// A program that an earlier run has left, as long as it is waited for.
  private var earlier: EarlierProgramWait?
  private var programResult: AttemptResult?
  /// Why it failed, while the start program is still being ended for that.
  private var failure: String?
  private var begun = Instant.now
  private var timer: TimerToken?
  private var watch: ProcessWatch?
  private var pause = CtlStart.shortest
  /// The process that ran and has ended, while another may still appear.
  private var lost: (identity: ProcessIdentity, lived: Duration)?

  private static let shortest = Duration.milliseconds(10)
  private static let longest = Duration.milliseconds(200)

  /// Makes it; `begin` starts.
  ///
  /// - Parameters:
  ///   - placed: the process.
  ///   - programs: starts its start program.
  ///   - loop: the loop.
  ///   - settle: how long it must run.
  ///   - warn: receives what people should know, as the end of a sentence that begins with its
  ///     name.
  ///   - isRunning: called each time it is found running, before it has settled.
  ///   - done: called once: with nil when it runs, otherwise with the reason why not.
  init(
    _ placed: PlacedProcess,
    _ programs: ControlPrograms,
    on loop: EventLoop,
    settle: Duration,
    warn: @escaping (String) -> Void,
    isRunning: @escaping () -> Void,
    done: @escaping (String?) -> Void
  ) {
    self.placed = placed
    self.programs = programs
    self.loop = loop
    self.settle = settle
    self.warn = warn
    self.isRunning = isRunning
    completion = Completion(done)
  }

  /// Checks whether it runs, and starts it if not.
  func begin() {
    begun = .now
    awaitPrerequisites()
  }

  /// Another order may be starting what it depends on at the same time.
  private func awaitPrerequisites() {
    timer = nil
    for other in placed.prerequisites {
      if case .running = other.check() { continue }
      if Instant.now - begun >= timeout {
        return finish(
          "was not started: it depends on \(quoted(other.processName)), which did not run within "
            + timeout.forPeople
        )
      }
      timer = loop.arm(after: Self.longest) { [self] in awaitPrerequisites() }
      return
    }
    begun = .now
    start()
  }

  private func start() {
    if isWaiting(forEarlier: .stop) { return }
    switch placed.pidFile.check() {
    case .running(let identity): up(identity)
    case .unusable(let reason): finish(reason)
    case .notRunning:
      if !isWaiting(forEarlier: .start) { startProgram() }
    case .another(let reason):
      if isWaiting(forEarlier: .start) { return }
      warn("is started although \(reason)")
      startProgram()
    }
  }

  /// Waits for a program that an earlier run has left, and then begins again.
  ///
  /// - Returns: whether there is one.
  private func isWaiting(forEarlier verb: SupervisorOrder.Verb) -> Bool {
    let wait = programs.wait(forEarlier: verb, of: placed) { [self] failure in
      earlier = nil
      if let failure { return finish(failure) }
      begun = .now
      start()
    }
    guard let wait else { return false }
    earlier = wait
    warn(wait.words)
    programs.begin(wait)
    return true
  }

  private func startProgram() {
    guard let start = placed.process.start else {
      return finish("has no start program in its control file")
    }
    let attempt = programs.attempt(start, for: .start, of: placed, nil) { [self] result in
      program = nil
      programResult = result
      if let failure { finish(failure) } else { poll() }
    }
    program = attempt
    timer = loop.arm(after: pause) { [self] in poll() }
    attempt.begin()
  }

  /// Gives up: ends a running start program, and leaves a running process alone.
  func cancel(_ end: (any Attempt) -> Void) {
    if !completion.isPending { return }
    if let earlier { return earlier.cancel(end) }
    if watch != nil {
      return finish("was left running, but not watched for the time that settle says")
    }
    failure = failure ?? unstarted
    if let program { end(program) } else { finish(failure) }
  }

  /// Why it does not run yet, as far as is known.
  private var unstarted: String {
    guard program != nil || programResult != nil,
      let reason = placed.pidFile.check().reason
    else { return "was not started" }
    let state = programResult == nil ? "is still running" : "has ended"
    return "does not run yet: its start program \(state), and \(reason)"
  }

  private var timeout: Duration {
    placed.process.start?.timeout ?? ControlProgram.standardTimeout
  }

  private func poll() {
    guard completion.isPending, watch == nil, failure == nil else { return }
    if let timer { loop.disarm(timer) }
    timer = nil
    let state = placed.pidFile.check()
    switch state {
    case .running(let identity): return up(identity)
    case .unusable(let reason): return fail(reason)
    case .notRunning(let reason), .another(let reason):
      if let lost { return awaitAnother(lost, reason) }
      switch programResult {
      case .failed(let reason), .refused(let reason): return finish("cannot be started: \(reason)")
      case .exited(let status) where status != 0:
        return finish(
          "its start program ended with exit status \(status); see \(programs.log(of: placed))"
        )
      case .signalled(let number):
        return finish(
          "its start program was ended by signal \(number); see \(programs.log(of: placed))"
        )
      case .exited, .lost, .notStarted, nil:
        if Instant.now - begun >= timeout {
          return fail("did not run \(timeout.forPeople) after its start: \(reason)")
        }
      }
    }
    timer = loop.arm(after: pause) { [self] in poll() }
    pause = min(pause * 3 / 2, Self.longest)
  }

  private func up(_ identity: ProcessIdentity) {
    if let timer { loop.disarm(timer) }
    timer = nil
    watch?.cancel()
    lost = nil
    isRunning()
    if !completion.isPending { return }
    if settle <= .zero { return finish(nil) }
    let since = Instant.now
    watch = ProcessWatch(identity, on: loop) { [self] in ended(identity, since) }
    timer = loop.arm(after: settle) { [self] in settled(identity, since) }
  }

  private func settled(_ identity: ProcessIdentity, _ since: Instant) {
    timer = nil
    switch placed.pidFile.check() {
    case .running(identity): finish(nil)
    case .running(let other): replaced(identity, other, since)
    case .notRunning(let reason), .another(let reason), .unusable(let reason):
      finish("is not running properly: \(reason)")
    }
  }

  private func ended(_ identity: ProcessIdentity, _ since: Instant) {
    let state = placed.pidFile.check()
    if case .running(let other) = state, other != identity {
      return replaced(identity, other, since)
    }
    if let timer { loop.disarm(timer) }
    timer = nil
    watch?.cancel()
    watch = nil
    pause = Self.shortest
    let lost = (identity: identity, lived: Instant.now - since)
    self.lost = lost
    awaitAnother(lost, state.reason ?? "")
  }

  /// A daemon may first have named its short-lived parent.
  ///
  /// So this waits for another process as long as the start program may take and a process is left
  /// that may still name one.
  private func awaitAnother(_ lost: (identity: ProcessIdentity, lived: Duration), _ reason: String)
  {
    let isOver = Instant.now - begun >= timeout
    if !isOver,
      program != nil
        || ServiceSigns.isSomebodyLeft(
          of: placed.process.name,
          behind: lost.identity,
          since: begun,
          vmPath: placed.pidFile.vmPath
        )
    {
      timer = loop.arm(after: pause) { [self] in poll() }
      pause = min(pause * 3 / 2, Self.longest)
      return
    }
    fail(
      "process \(lost.identity.process) ended \(lost.lived.forPeople) after it was seen running"
        + (isOver ? ", and no other came within \(timeout.forPeople) of its start" : "")
        + "; see its logs and \(programs.log(of: placed))"
    )
  }

  /// A daemon may pass its pid file on while it starts; later that is a restart.
  private func replaced(
    _ identity: ProcessIdentity,
    _ other: ProcessIdentity,
    _ since: Instant
  ) {
    if Instant.now - begun < timeout { return up(other) }
    finish(
      "process \(identity.process) was replaced by \(other.process) "
        + "\((Instant.now - since).forPeople) after it was seen running"
    )
  }

  /// Fails, and ends a start program that still runs; a daemon in the foreground is one.
  private func fail(_ reason: String) {
    guard let program else { return finish(reason) }
    failure = failure ?? reason
    program.kill()
  }

  private func finish(_ failure: String?) {
    if let timer { loop.disarm(timer) }
    timer = nil
    watch?.cancel()
    watch = nil
    // A daemon in the foreground, or a program that has not ended yet.
    program?.forget()
    program = nil
    completion.report(failure)
  }
}
