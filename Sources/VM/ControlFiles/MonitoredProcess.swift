/// A `check process` of a monit control file: a process to start, stop and watch.
package struct MonitoredProcess: Hashable, Sendable {
  /// How the process is found.
  package enum Identity: Hashable, Sendable {
    /// By the number in this file.
    case pidFile(String)
    /// By its command line; only monit itself can do that.
    case matching(String)
  }

  package var name: String
  package var identity: Identity
  package var start: ControlProgram?
  package var stop: ControlProgram?
  var groups: [String] = []
  /// Names of processes that must run before this one, and are stopped after it.
  package var dependencies: [String] = []
  /// Counted from 1.
  package var line: Int

  /// The group of the processes that BOSH starts, watches and stops; all others are left alone.
  package static let boshGroup = "vcap"

  /// Whether it is one of those.
  var isInBoshGroup: Bool { groups.contains(Self.boshGroup) }

  /// The same process on a VM whose folder is not BOSH's own.
  ///
  /// Release jobs are rendered for `/var/vcap`; in a folder laid out like it they mean what is
  /// there.
  package func relocated(to vm: VMFolder) -> MonitoredProcess {
    if vm.path == VMFolder.standard { return self }
    func moved(_ path: String) -> String {
      let standard = VMFolder.standard + "/"
      return path.hasPrefix(standard) ? "\(vm.path)/\(path.dropFirst(standard.count))" : path
    }
    func moved(_ program: ControlProgram?) -> ControlProgram? {
      guard var program else { return nil }
      program.arguments = program.arguments.map { moved($0) }
      return program
    }
    var process = self
    if case .pidFile(let path) = identity { process.identity = .pidFile(moved(path)) }
    process.start = moved(start)
    process.stop = moved(stop)
    return process
  }
}
