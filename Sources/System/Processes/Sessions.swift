import CLinux
import Clock
import Glibc

/// Ends sessions of processes and reports when one is empty.
///
/// Each of our processes leads its own session. What it starts stays in that session unless it
/// makes itself a daemon on purpose; then it is still in the cgroup, if there is one. Zombies do
/// not count: in a container whose init reaps slowly they may stay for seconds. The caller keeps
/// the leader's own zombie until the session is empty, so that no other process can get its number,
/// which is also the group's.
package final class Sessions {
  private let loop: EventLoop
  private struct Waiting {
    var group: ControlGroup?
    var then: () -> Void
  }

  private var waiting: [Int32: Waiting] = [:]
  /// Signals for the groups of a session that its leader is not in, sent with the next check.
  private var unsent: [Int32: Int32] = [:]
  /// Sessions whose processes are killed as soon as they are seen.
  private var killed: Set<Int32> = []
  private var timer: TimerToken?
  private var pause = Sessions.shortest

  private static let shortest = Duration.milliseconds(1)
  private static let longest = Duration.milliseconds(50)

  init(loop: EventLoop) { self.loop = loop }

  /// Signals everything in a session: the leader's group at once, in one call.
  ///
  /// A shell with job control gives each of its jobs its own group; those follow within this turn.
  ///
  /// - Parameters:
  ///   - session: the number of its leader.
  ///   - number: of the signal.
  ///   - group: its cgroup; everything in it is signalled as well.
  /// - Returns: whether there is a leader's group.
  @discardableResult
  package func signal(_ session: Int32, _ number: Int32, _ group: ControlGroup?) -> Bool {
    let isThere = Glibc.kill(-session, number) == 0
    if number == SIGKILL { group?.kill() } else { group?.signal(number, butFor: session) }
    if number == SIGKILL { killed.insert(session) }
    unsent[session] = number
    hasten()
    return isThere
  }

  /// Calls `then` once when only zombies are left in a session and its cgroup.
  package func whenEmpty(_ session: Int32, _ group: ControlGroup?, _ then: @escaping () -> Void) {
    waiting[session] = Waiting(group: group, then: then)
    hasten()
  }

  private func hasten() {
    pause = Self.shortest
    if let timer { loop.disarm(timer) }
    timer = loop.arm(at: .now) { [self] in scan() }
  }

  /// One scan of all processes serves all sessions.
  private func scan() {
    timer = nil
    var living = lookAndSignal()
    let empty = waiting.keys.filter { !living.contains($0) && isEmpty($0) }
    if !empty.isEmpty {
      // The first scan may have missed a process that forked and ended between two of its entries.
      living = lookAndSignal()
      for session in empty where !living.contains(session) {
        killed.remove(session)
        waiting.removeValue(forKey: session)?.then()
      }
    }
    if waiting.isEmpty || timer != nil { return }
    timer = loop.arm(after: pause) { [self] in scan() }
    pause = min(pause * 2, Self.longest)
  }

  /// Whether nothing is left in the cgroup of a session; kills what is there if requested.
  private func isEmpty(_ session: Int32) -> Bool {
    guard let group = waiting[session]?.group else { return true }
    if group.isEmpty(butFor: session) { return true }
    if killed.contains(session) { group.kill() }
    return false
  }

  private func lookAndSignal() -> Set<Int32> {
    var living: Set<Int32> = []
    var done: Set<Int32> = []
    for process in ProcessStat.all() where !process.isDead {
      living.insert(process.session)
      let isLeaders = process.group == process.session
      if killed.contains(process.session) {
        if done.insert(process.group).inserted { _ = Glibc.kill(-process.group, SIGKILL) }
      } else if let number = unsent[process.session], !isLeaders {
        if done.insert(process.group).inserted { _ = Glibc.kill(-process.group, number) }
      }
    }
    unsent.removeAll()
    return living
  }

  /// Ends everything now, without waiting for it.
  ///
  /// - Returns: whether there is a leader's group.
  @discardableResult
  package func abandon(_ session: Int32, _ group: ControlGroup?) -> Bool {
    let isThere = Glibc.kill(-session, SIGKILL) == 0
    group?.kill()
    killed.insert(session)
    return isThere
  }

  /// Kills what is left of the abandoned sessions, and does not report when they are empty.
  package func finishAbandoning() {
    _ = lookAndSignal()
    // The waiting closures refer to us.
    waiting = [:]
  }
}
