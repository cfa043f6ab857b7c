import Clock
import Execution
import Glibc
import System
import VM
import Words

/// Stops one process under `ctl` and waits until it is gone.
///
/// It runs the stop program, or sends TERM if there is none. Then the process may take as long as
/// the program's timeout says. It is not killed: as under monit, the operator decides what to do
/// with a process that does not end.
final class CtlStop {
  let placed: PlacedProcess
  private let programs: ControlPrograms
  private let loop: EventLoop
  private let warn: (String) -> Void
  private let completion: Completion<String?>

  private var program: ProcessAttempt?
  /// A program that an earlier run has left, as long as it is waited for.
  private var earlier: EarlierProgramWait?
  private var programWords = ""
  /// Why it failed, while the stop program is still being ended for that.
  private var failure: String?
  private var isGone = false
  private var timer: TimerToken?
  private var watch: ProcessWatch?

  /// Makes it; `begin` starts.
  ///
  /// - Parameters:
  ///   - placed: the process.
  ///   - programs: starts its stop program.
  ///   - loop: the loop.
  ///   - warn: receives what people should know, as the end of a sentence that begins with its
  ///     name.
  ///   - done: called once: with nil when it is gone, otherwise with the reason why not.
  init(
    _ placed: PlacedProcess,
    _ programs: ControlPrograms,
    on loop: EventLoop,
    warn: @escaping (String) -> Void,
    done: @escaping (String?) -> Void
  ) {
    self.placed = placed
    self.programs = programs
    self.loop = loop
    self.warn = warn
    completion = Completion(done)
  }

  /// Checks whether it runs, and stops it if so.
  func begin() {
    if isWaiting(forEarlier: .stop) { return }
    switch placed.pidFile.check() {
    case .notRunning:
      if !isWaiting(forEarlier: .start) { finish(nil) }
    case .another(let reason):
      if isWaiting(forEarlier: .start) { return }
      warn("does not run: \(reason); that is left alone")
      finish(nil)
    case .unusable(let reason): finish(reason)
    case .running(let identity): stop(identity)
    }
  }

  /// Waits for a program that an earlier run has left, and then begins again.
  ///
  /// - Returns: whether there is one.
  private func isWaiting(forEarlier verb: SupervisorOrder.Verb) -> Bool {
    let wait = programs.wait(forEarlier: verb, of: placed) { [self] failure in
      earlier = nil
      if let failure { finish(failure) } else { begin() }
    }
    guard let wait else { return false }
    earlier = wait
    warn(wait.words)
    programs.begin(wait)
    return true
  }

  /// Gives up: ends a running stop program.
  func cancel(_ end: (any Attempt) -> Void) {
    if !completion.isPending { return }
    if let earlier { return earlier.cancel(end) }
    failure = failure ?? "was asked to stop, and not waited for"
    if let program { end(program) } else { finish(failure) }
  }

  private func stop(_ identity: ProcessIdentity) {
    let process = identity.process
    let watch = ProcessWatch(identity, on: loop) { [self] in
      isGone = true
      if program == nil { finish(nil) }
    }
    self.watch = watch
    let timeout = placed.process.stop?.timeout ?? ControlProgram.standardTimeout
    timer = loop.arm(after: timeout) { [self] in
      timer = nil
      if !isGone {
        failure =
          "process \(process) did not end within \(timeout.forPeople) of its stop\(programWords)"
      }
      if let program { program.kill() } else { finish(failure) }
    }
    guard let stop = placed.process.stop else {
      if placed.pidFile.isLinked(identity) { return watch.signal(SIGTERM) }
      return finish(
        "has no stop program, and nothing links process \(process), which \(placed.pidFile.path) names, "
          + "to this VM; it gets no signal: end it yourself, or remove that file"
      )
    }
    let attempt = programs.attempt(stop, for: .stop, of: placed, process) { [self] result in
      program = nil
      programEnded(result)
    }
    program = attempt
    attempt.begin()
  }

  private func programEnded(_ result: AttemptResult) {
    if isGone { return finish(nil) }
    if let failure { return finish(failure) }
    switch result {
    case .exited(0): break
    case .exited(let status):
      programWords =
        "; its stop program ended with exit status \(status)"
        + ", see \(programs.log(of: placed))"
    case .signalled(let number):
      programWords = "; its stop program was ended by signal \(number)"
    case .failed(let reason), .refused(let reason): finish("cannot be stopped: \(reason)")
    case .lost, .notStarted: break
    }
  }

  private func finish(_ failure: String?) {
    if let timer { loop.disarm(timer) }
    timer = nil
    watch?.cancel()
    watch = nil
    completion.report(failure)
  }
}
