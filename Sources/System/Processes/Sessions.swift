import CLinux
import Clock
import Glibc

/// Ends sessions of processes and tells when nothing of one is left.
///
/// Every process of ours leads a session of its own, and what it starts stays in that unless it
/// makes itself a daemon on purpose; where it has a cgroup, that is in there still. A zombie is nothing: where the init of a container reaps slowly
/// it may stay for seconds. The caller keeps the leader's own zombie until the session is empty, so
/// that its number, and with it the group's, cannot become another process's meanwhile.
package final class Sessions {
  private let loop: EventLoop
  private struct Waiting {
    var group: ControlGroup?
    var then: () -> Void
  }

  private var waiting: [Int32: Waiting] = [:]
  /// Signals for the groups of a session that its leader is not in, sent with the next look.
  private var unsent: [Int32: Int32] = [:]
  /// Sessions of which whatever turns up is killed.
  private var killed: Set<Int32> = []
  private var timer: TimerToken?
  private var pause = Sessions.shortest

  private static let shortest = Duration.milliseconds(1)
  private static let longest = Duration.milliseconds(50)

  init(loop: EventLoop) { self.loop = loop }

  /// Signals everything in a session: the leader's group at once, all in one; a shell with job
  /// control gives each of its jobs a group of its own, and those follow within this turn.
  ///
  /// - Parameters:
  ///   - session: the number of its leader.
  ///   - number: of the signal.
  ///   - group: its cgroup, all of which is signalled too.
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

  /// Calls `then` once when no process but zombies is left in a session and its cgroup.
  package func whenEmpty(_ session: Int32, _ group: ControlGroup?, _ then: @escaping () -> Void) {
    waiting[session] = Waiting(group: group, then: then)
    hasten()
  }

  private func hasten() {
    pause = Self.shortest
    if let timer { loop.disarm(timer) }
    timer = loop.arm(at: .now) { [self] in look() }
  }

  /// One look at all processes serves all sessions.
  private func look() {
    timer = nil
    var living = lookAndSignal()
    let empty = waiting.keys.filter { !living.contains($0) && isEmpty($0) }
    if !empty.isEmpty {
      // A process that forked and ended between two entries of the first look may have been missed.
      living = lookAndSignal()
      for session in empty where !living.contains(session) {
        killed.remove(session)
        waiting.removeValue(forKey: session)?.then()
      }
    }
    if waiting.isEmpty || timer != nil { return }
    timer = loop.arm(after: pause) { [self] in look() }
    pause = min(pause * 2, Self.longest)
  }

  /// Whether nothing is left in the cgroup of a session; what is there is killed where it is to be.
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

  /// Kills what is left of the abandoned sessions, and tells nobody when they are empty.
  package func finishAbandoning() {
    _ = lookAndSignal()
    // Whoever waits for that holds on to us.
    waiting = [:]
  }
}
