import Execution
import VM

/// What a step asks of a supervisor.
struct SupervisorOrder {
  /// The verb of the plan.
  enum Verb: String {
    case start, stop, unmonitor
  }

  var verb: Verb
  /// The release jobs whose processes are meant, checked names.
  var releaseJobs: [String]
  /// The systemd units that the plan names, whole names; where there are any, nothing else is meant.
  var units: [String] = []
  /// Whether all processes of group vcap are meant, whatever release job they belong to.
  var isWholeInstance: Bool
  /// For `start`: how long the processes must run without a restart.
  var settle: Duration
  /// Told what it is waiting for, where people may want to know.
  var remark: (Remark.Kind, String) -> Void = { _, _ in }
}

extension SupervisorOrder {
  /// Where a unit that systemd does not know was named, as the end of a sentence.
  var unitSource: String { units.isEmpty ? "; see 'jobs/…/systemd'" : "" }

  /// Whether it is about everything that a machine has.
  func isAll(of vm: VMFolder) -> Bool {
    isWholeInstance && Set(vm.releaseJobs.map(\.text)).isSubset(of: releaseJobs)
  }
}
