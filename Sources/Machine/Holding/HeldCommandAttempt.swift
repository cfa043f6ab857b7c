import Execution
import Glibc
import System
import VM

/// An attempt whose command runs under our holder.
///
/// It ends as the holder's record says.
///
/// If the holder was killed, the attempt waits for the command, and how it ended is lost. If
/// another holder already has the record, started by an earlier coordinator, the attempt waits for
/// that one.
final class HeldCommandAttempt: Attempt {
  private var step: HeldCommand
  private var group: ControlGroup?
  private let opened: (LogSizes) -> Void
  private let started: (Int32?) -> Void
  private let completion: Completion<AttemptResult>
  private var holder: pid_t?
  private var current: (any Attempt)?
  private var request = OrphanHolderAttempt.Request.nothing

  /// Makes an attempt; `begin` starts it.
  ///
  /// - Parameters:
  ///   - step: what to hold.
  ///   - opened: called with what is in the logs before the command can write to them.
  ///   - started: called with the holder's process each time that there is one, and with nil if
  ///     it turned out that it could not be executed.
  ///   - ended: called once, whether or not it ran.
  init(
    _ step: HeldCommand,
    opened: @escaping (LogSizes) -> Void,
    started: @escaping (Int32?) -> Void,
    ended: @escaping (AttemptResult) -> Void
  ) {
    self.step = step
    self.opened = opened
    self.started = started
    completion = Completion(ended)
  }

  /// Starts the holder, now or after a pause.
  func begin() {
    group = step.launcher.machinery.groups.take()
    step.hold.group = group?.path
    let process = ProcessAttempt(
      step.launcher.machinery,
      isHolder: true,
      launch: { [step, opened] () throws(LaunchFailure) -> LaunchedProcess in
        try step.launch(opened: opened)
      },
      started: { [self] in
        holder = $0
        started($0)
      },
      ended: { [self] in holderEnded($0) }
    )
    current = process
    process.begin()
  }

  private func holderEnded(_ result: AttemptResult) {
    guard let holder else {
      // There was no holder, so there was no command.
      if case .failed(let why) = result { return finish(.refused(why)) }
      return finish(result)
    }
    let (state, text) = step.hold.record.inspect()
    if let text, text.holder == holder {
      if case .ended(let end, let byTimeout) = state {
        finish(step.result(end, byTimeout: byTimeout))
      } else {
        followRecord()
      }
      return
    }
    switch (state, result) {
    case (.absent, .exited(0)), (.absent, .failed), (.absent, .lost), (.absent, .notStarted),
      (.absent, .refused):
      finish(.lost)
    // The record comes before the command.
    case (.absent, .exited(let status)): finish(.refused(refusal(status)))
    case (.absent, .signalled(let number)):
      finish(.refused("nothing was run: signal \(number) ended its holder first"))
    case (_, .exited(EEXIST)): followRecord()
    default: finish(.lost)
    }
  }

  /// Why the holder ended without having begun.
  private func refusal(_ status: Int32) -> String {
    // The status of a shell or loader that cannot start a program is not an error number.
    let reason = status < 126 ? SystemError.words(status) : "its holder ended with \(status)"
    return "nothing was run: \(step.hold.record.path) cannot be written: \(reason)"
  }

  private func followRecord() {
    let orphan = step.orphan { [self] in finish($0) }
    current = orphan
    switch request {
    case .nothing: break
    case .terminate: orphan.terminate()
    case .kill: orphan.kill()
    }
    orphan.begin()
  }

  func terminate() {
    if request == .nothing { request = .terminate }
    current?.terminate()
  }

  func kill() {
    request = .kill
    current?.kill()
  }

  func abandon() {
    completion.cancel()
    current?.abandon()
    current = nil
  }

  private func finish(_ result: AttemptResult) {
    if let group {
      // The holder may have killed what is in it.
      if case .exited = result, request == .nothing {} else { group.noteKill() }
      step.launcher.machinery.groups.give(group, endedProcess: nil)
    }
    group = nil
    current = nil
    completion.report(result)
  }
}
