import Execution
import Glibc
import System

/// An attempt whose process was started by an earlier coordinator, so it is not our child: we see
/// when it ends, but not how.
///
/// As with a child, it ends when the main process ends, and processes that this leaves behind are
/// left alone. Only after TERM or KILL does it also wait until the whole session is empty, and the
/// cgroup if it was started in one.
final class OrphanAttempt: Attempt {
  private let process: pid_t
  private let machinery: Machinery
  private let group: ControlGroup?
  private var watch: ProcessWatch?
  private let completion: Completion<AttemptResult>
  private var endWasAsked = false

  /// Begins to watch a process.
  ///
  /// - Parameters:
  ///   - identity: the process, which leads a session.
  ///   - machinery: the loop and what belongs to it.
  ///   - ended: called once, from the loop, with `lost`.
  init(
    _ identity: ProcessIdentity,
    _ machinery: Machinery,
    ended: @escaping (AttemptResult) -> Void
  ) {
    process = identity.process
    self.machinery = machinery
    group = ControlGroups.ofAttempt(identity.process)
    completion = Completion(ended)
    watch = ProcessWatch(identity, on: machinery.loop) { [self] in leaderEnded() }
  }

  func terminate() { signal(SIGTERM) }

  func kill() { signal(SIGKILL) }

  func abandon() {
    if !completion.isPending { return }
    completion.cancel()
    watch?.cancel()
    machinery.sessions.abandon(process, group)
  }

  /// Lets the process continue, and does not report its end.
  func forget() {
    completion.cancel()
    watch?.cancel()
    watch = nil
  }

  // The kernel gives the number to no other process as long as anything is left of the session.
  private func signal(_ number: Int32) {
    if !completion.isPending { return }
    endWasAsked = true
    machinery.sessions.signal(process, number, group)
  }

  private func leaderEnded() {
    watch = nil
    if !endWasAsked { return finish() }
    machinery.sessions.whenEmpty(process, group) { [self] in finish() }
  }

  private func finish() {
    if let group { machinery.groups.give(group, endedProcess: process) }
    completion.report(.lost)
  }
}
