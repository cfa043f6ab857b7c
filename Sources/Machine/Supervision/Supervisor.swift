import Execution
import VM

/// Who starts, stops and watches the processes of a machine.
package enum SupervisorChoice: Hashable, Sendable {
  /// A monit that answers and knows the machine's processes; where there is none, `ctl`.
  case auto
  /// Ourselves, from each release job's `monit` file.
  case ctl
  /// A monit; the path of its control file, nil for the usual places.
  case monit(String?)
  /// systemd; the path of its systemctl, nil for the machine's own.
  case systemd(String?)
}

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

/// Starts and stops the processes of release jobs and waits until they run or are gone.
///
/// Nothing here waits: all of it happens on the loop. `terminate` and `kill` of the attempt end what
/// was started for the order itself, such as a start program under way, and never a process that
/// already runs.
protocol Supervisor: AnyObject {
  /// Begins to carry out an order.
  ///
  /// - Parameters:
  ///   - order: what to do.
  ///   - ended: called once, from the loop, not before this has returned: `exited(0)` when it came
  ///     about, `failed` with one line for people otherwise.
  /// - Returns: the attempt, which is under way.
  func begin(
    _ order: SupervisorOrder,
    ended: @escaping (AttemptResult) -> Void
  ) -> any Attempt
}
