import Glibc

/// What the parts of a live run share: the loop and the means to start and end processes.
package final class Machinery {
  package let loop: EventLoop
  package let spawner: Spawner
  package let sessions: Sessions
  package let groups: ControlGroups
  /// How many processes have been started and not yet ended.
  package var runningCount = 0
  /// How many programs have ended.
  package var endedCount = 0

  /// Makes a loop and everything around it.
  ///
  /// - Parameters:
  ///   - loop: one that exists; nil for a new one.
  ///   - usesGroups: whether attempts get cgroups, if the machine has them.
  /// - Throws: an error if no descriptor is left.
  package init(on loop: EventLoop? = nil, usesGroups: Bool = true) throws(SystemError) {
    try Spawner.ensureStandardDescriptors()
    if let loop { self.loop = loop } else { self.loop = try EventLoop() }
    spawner = try Spawner()
    sessions = Sessions(loop: self.loop)
    groups = ControlGroups(isWanted: usesGroups)
  }
}
