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

extension SupervisorChoice {
  /// Reads it as `--supervisor` and the records of runs have it; nil for anything else.
  package init?(words: String) {
    let monit = "monit="
    let systemd = "systemd="
    if words.hasPrefix(monit), words != monit {
      self = .monit(String(words.dropFirst(monit.count)))
    } else if words.hasPrefix(systemd), words != systemd {
      self = .systemd(String(words.dropFirst(systemd.count)))
    } else {
      switch words {
      case "auto": self = .auto
      case "ctl": self = .ctl
      case "monit": self = .monit(nil)
      case "systemd": self = .systemd(nil)
      default: return nil
      }
    }
  }
}
