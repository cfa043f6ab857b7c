import CLinux
import Glibc

/// A process that was started, and leads a session of its own, until its end has been reported.
///
/// It ends when the main process ends: processes left behind are left alone, whatever descriptors
/// they hold. Only after TERM or KILL does it also wait until its whole session is empty, and its
/// cgroup if it has one.
package final class ChildProcess {
  /// What it came to.
  package enum End {
    /// Its program ended.
    case ended(ProcessEnd)
    /// It never executed its program.
    case notExecuted(SpawnFailure)
  }

  /// The signal that asks a holder to kill its command and everything that belongs to it.
  package static let holderKillSignal = SIGUSR1

  /// The process, its group and its session.
  let identifier: pid_t
  private let ticket: UInt64?
  private let isHolder: Bool
  private var group: ControlGroup?
  private let machinery: Machinery
  private let completion: Completion<End>
  private var handle: Descriptor?
  private var watch: WatchToken?
  private var endWasAsked = false

  /// Watches a child of this process that no one else waits for.
  ///
  /// - Parameters:
  ///   - spawned: what `Spawner.spawn` gave.
  ///   - isHolder: whether it is a holder. A holder passes TERM on to its command, kills it when
  ///     asked, and ends when nothing of it is left.
  ///   - machinery: the loop that reports its end.
  ///   - ended: called once, from the loop.
  package init(
    _ spawned: consuming SpawnedProcess,
    isHolder: Bool = false,
    _ machinery: Machinery,
    ended: @escaping (End) -> Void
  ) {
    identifier = spawned.process
    ticket = spawned.ticket
    self.isHolder = isHolder
    group = spawned.group
    self.machinery = machinery
    completion = Completion(ended)
    machinery.runningCount += 1
    observe(spawned.handle)
  }

  /// Asks it to end: TERM to everything in its session and cgroup.
  package func terminate() { signal(SIGTERM) }

  /// Kills it: KILL to everything in its session and cgroup, even if only processes that it left
  /// behind remain.
  package func kill() {
    if isHolder { killHeld() } else { signal(SIGKILL) }
  }

  /// KILL to everything in its session and cgroup, with no report to follow.
  package func abandon() {
    if isHolder {
      killHeld()
    } else if !machinery.sessions.abandon(identifier, group) {
      _ = Glibc.kill(identifier, SIGKILL)
    }
    completion.cancel()
  }

  private func killHeld() {
    if !completion.isPending { return }
    endWasAsked = true
    _ = Glibc.kill(identifier, Self.holderKillSignal)
  }

  private func signal(_ number: Int32) {
    if !completion.isPending { return }
    endWasAsked = true
    // In its first moments it has no session. It also blocks signals until it executes its program.
    if !machinery.sessions.signal(identifier, number, group) {
      _ = Glibc.kill(identifier, number)
    }
  }

  private func observe(_ given: consuming Descriptor?) {
    if let descriptor = given,
      let token = try? machinery.loop.watch(descriptor.number, for: .reading, { [self] in reap() })
    {
      handle = consume descriptor
      watch = token
      return
    }
    // The logs' descriptors have just become free, so the whole machine is short of them. The child
    // runs; its zombie will wait for us.
    _ = machinery.loop.arm(after: .milliseconds(20)) { [self] in
      reap()
      if !completion.isPending || watch != nil { return }
      let number = lockstep_pidfd_open(identifier)
      observe(number >= 0 ? Descriptor(owning: number) : nil)
    }
  }

  private func reap() {
    if !completion.isPending { return }
    // The zombie of a leader stays until its session is empty, and keeps its number.
    let end = lockstep_wait(identifier, endWasAsked ? 1 : 0)
    if end.process == 0 { return }
    if let watch { machinery.loop.cancel(watch, isClosing: true) }
    watch = nil
    handle = nil
    machinery.runningCount -= 1
    let result = result(end)
    // A child that never executed its program makes no room for another.
    if case .ended = result { machinery.endedCount += 1 }
    if !endWasAsked || end.process < 0 { return finish(result) }
    machinery.sessions.whenEmpty(identifier, group) { [self] in
      _ = lockstep_wait(identifier, 0)
      finish(result)
    }
  }

  private func result(_ end: lockstep_end) -> End {
    if let ticket, let failure = machinery.spawner.failure(of: ticket) {
      return .notExecuted(failure)
    }
    if end.process < 0 {
      return .ended(
        .unknown("how process \(identifier) ended is not known: another process waited for it")
      )
    }
    return .ended(end.code == lockstep_CLD_EXITED ? .exited(end.status) : .signalled(end.status))
  }

  private func finish(_ end: End) {
    if let group { machinery.groups.give(group, endedProcess: identifier) }
    group = nil
    completion.report(end)
  }
}
