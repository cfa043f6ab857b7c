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
