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
  /// - Parameter usesGroups: whether attempts get cgroups, if the machine has them.
  /// - Throws: an error if no descriptor is left.
  package init(usesGroups: Bool = true) throws(SystemError) {
    try Spawner.ensureStandardDescriptors()
    loop = try EventLoop()
    spawner = try Spawner()
    sessions = Sessions(loop: loop)
    groups = ControlGroups(isWanted: usesGroups)
  }
}
