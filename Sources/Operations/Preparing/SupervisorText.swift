package import Machine
import PlanLanguage

extension SupervisorChoice {
  /// Reads a supervisor, as written in `--supervisor` and in the records of runs.
  ///
  /// - Throws: an error that lists what is accepted.
  package init(text: String) throws(CommandFailure) {
    let monit = "monit="
    let systemd = "systemd="
    if text.hasPrefix(monit), text != monit {
      self = .monit(String(text.dropFirst(monit.count)))
      return
    }
    if text.hasPrefix(systemd), text != systemd {
      self = .systemd(String(text.dropFirst(systemd.count)))
      return
    }
    switch text {
    case "auto": self = .auto
    case "ctl": self = .ctl
    case "monit": self = .monit(nil)
    case "systemd": self = .systemd(nil)
    default:
      throw CommandFailure(
        message: "'--supervisor' takes auto, ctl, monit, monit=FILE, systemd, systemd=PROGRAM, "
          + "not '\(text)'",
        help: nearMiss(text, among: ["auto", "ctl", "monit", "systemd"])
          .map { "did you mean '\($0)'?" }
      )
    }
  }
}
