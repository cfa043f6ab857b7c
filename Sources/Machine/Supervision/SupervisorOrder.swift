import Execution
import VM

/// What a step asks of a supervisor.
struct SupervisorOrder {
  /// The verb of the plan.
  enum Verb: String {
    case start, stop, unmonitor
  }

  var verb: Verb
  /// The release jobs whose processes it is about; checked names.
  var releaseJobs: [String]
  /// The systemd units that the plan names, with full names; if there are any, the order is about
  /// nothing else.
  var units: [String] = []
  /// Whether it is about all processes of group vcap, of any release job.
  var isWholeInstance: Bool
  /// For `start`: how long the processes must run without a restart.
  var settle: Duration
  /// Receives what the order waits for, if people may want to know.
  var remark: (Remark.Kind, String) -> Void = { _, _ in }
}

extension SupervisorOrder {
  /// Where an unknown unit was named, as the end of a sentence.
  var unitSource: String { units.isEmpty ? "; see 'jobs/…/systemd'" : "" }

  /// Whether it is about everything on a VM.
  func isAll(of vm: VMFolder) -> Bool {
    isWholeInstance && Set(vm.releaseJobs.map(\.text)).isSubset(of: releaseJobs)
  }
}
