import Execution
import Glibc
import System

/// An attempt whose process was started by an earlier coordinator, and so is not our child: its end
/// can be seen, but not how it ended.
///
/// As with a child its end is the main process's, and what that leaves behind is left alone; only
/// where the end was asked for does it wait until the whole session is empty, and the cgroup that it
/// was started in, where that was done.
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
