package import Machine
import PlanLanguage

extension SupervisorChoice {
  /// Reads a supervisor, as written in `--supervisor` and in the records of runs.
  ///
  /// - Throws: an error that lists what is accepted.
  package init(text: String) throws(CommandFailure) {
    guard let choice = SupervisorChoice(words: text) else {
      throw CommandFailure(
        message: "'--supervisor' takes auto, ctl, monit, monit=FILE, systemd, systemd=PROGRAM, "
          + "not '\(text)'",
        help: nearMiss(text, among: ["auto", "ctl", "monit", "systemd"])
          .map { "did you mean '\($0)'?" }
      )
    }
    self = choice
  }
}
