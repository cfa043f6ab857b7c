import Glibc
import System

/// Where runs on hosts are recorded, if no folder is given: on the machine that coordinates them.
enum CoordinatorFolder {
  /// For root `/var/lib/lockstep`, for others `lockstep` in their folder of states (XDG).
  static var path: String {
    if geteuid() == 0 { return "/var/lib/lockstep" }
    if let states = ProcessEnvironment.value("XDG_STATE_HOME"), states.hasPrefix("/") {
      return "\(states)/lockstep"
    }
    return "\(ProcessEnvironment.value("HOME") ?? "")/.local/state/lockstep"
  }

  /// What this machine calls itself.
  static var hostName: String {
    ThisMachine.name.isEmpty ? "this machine" : ThisMachine.name
  }
}
