import Execution
import VM

/// What starts, stops and watches the processes of a machine.
package enum SupervisorChoice: Hashable, Sendable {
  /// A monit that answers and knows the VM's processes; otherwise systemd or `ctl`, as
  /// `AutoSupervisor` describes.
  case auto
  /// Lockstep itself, with each release job's `monit` file.
  case ctl
  /// A monit; the path of its control file, or nil for the usual places.
  case monit(String?)
  /// systemd; the path of its systemctl, or nil for the machine's own.
  case systemd(String?)
}
