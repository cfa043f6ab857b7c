import Execution
import Glibc
package import System

/// Waits for what interrupted runs have left, or ends it.
package enum LeftoverWait {
  /// How it ended.
  package enum End: Hashable, Sendable {
    /// Nothing is left of what was waited for.
    case over
    /// This signal stopped the waiting; what was left continues.
    case stopped(signal: Int32)
  }

  /// How long a process has to end after it was asked to: the default of a step.
  package static let grace = Duration.seconds(10)

  /// Waits until processes have ended.
  ///
  /// Call it on the main thread before there are others, because of the signals: SIGINT and SIGTERM
  /// end the waiting, and SIGHUP is ignored.
  ///
  /// - Parameters:
  ///   - left: what to wait for.
  ///   - isEnding: whether to end it: by SIGTERM, and by SIGKILL after `grace`. Then it is over
  ///     when its whole session and cgroup are empty.
  ///   - tell: called with what has not ended yet: at once, with true, and then every minute.
  /// - Returns: how the waiting ended.
  /// - Throws: an error if the process lacks descriptors, or the loop fails.
  package static func wait(
    for left: [LeftoverProcess],
    isEnding: Bool,
    tell: @escaping ([LeftoverProcess], _ isFirst: Bool) -> Void
  ) throws(SystemError) -> End {
    let machinery = try Machinery()
    let signals = try SignalWatch()
    defer { signals.restore() }
    let waiting = LeftoverWaiting(machinery)
    var signal: Int32?
    let watch = try machinery.loop.watch(signals.number, for: .reading) {
      while let number = signals.next() {
        if number != SIGHUP, signal == nil { signal = number }
      }
    }
    defer {
      machinery.loop.cancel(watch)
      machinery.loop.clear()
    }
    tell(left, true)
    waiting.begin(left, isEnding: isEnding)
    if !isEnding { waiting.remind { tell($0, false) } }
    while !waiting.isOver, signal == nil {
      try machinery.loop.turn(mayWait: true)
    }
    return signal.map { .stopped(signal: $0) } ?? .over
  }

  /// Moves what is left in the cgroups of earlier coordinators, such as daemons, out of them; it
  /// continues to run.
  ///
  /// - Parameter coordinators: none of them is alive.
  package static func leaveGroups(of coordinators: Set<Int32>) {
    let groups = ControlGroups()
    groups.earlierCoordinators = coordinators
    groups.close()
  }
}
