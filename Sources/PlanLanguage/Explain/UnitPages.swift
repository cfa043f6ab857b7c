// Pages about systemd units, and about machines that have nothing to do with BOSH.
extension Explain {
  static func unitPage(for code: DiagnosticCode) -> ExplainPage? {
    switch code {
    case .noReleaseJobs:
      ExplainPage(
        code,
        "a phase for release jobs on a machine that has none",
        """
        A phase happens once for each of its subjects: every release job, unless it
        says 'per instance'. Release jobs are what BOSH puts on a VM. A machine that has
        nothing to do with BOSH has none, so the phase would do nothing at all.

        Write 'per instance' to have the phase happen once on the machine. A phase that
        runs scripts of release jobs, and the bundled plans, are for BOSH VMs: give
        their folder with --vm.
        """,
        wrong: """
          plan shop {
            phase migrate { run "/opt/app/migrate" }
          }
          """,
        right: """
          plan shop {
            phase migrate per instance { run "/opt/app/migrate" }
          }
          """,
        isForPlainMachine: true
      )
    case .noProcesses:
      ExplainPage(
        code,
        "processes of release jobs on a machine that has none",
        """
        'start', 'stop' and 'unmonitor' alone are about the processes of release jobs,
        which BOSH puts on a VM. A machine that has nothing to do with BOSH has none.
        What it has is systemd units: name those that are meant.
        """,
        wrong: """
          plan shop {
            phase halt per instance { stop }
          }
          """,
        right: """
          plan shop {
            phase halt per instance { stop unit nginx.service }
          }
          """,
        isForPlainMachine: true
      )
    case .unusableUnit:
      ExplainPage(
        code,
        "a name that no systemd unit can have",
        """
        A unit's name has letters, digits and : - _ . \\ @, and ends with its kind, such
        as .service, .timer or .socket; one without a kind is that of a service. It is
        named without its folder, and each unit by itself: no pattern, and no template,
        of which only instances can be started. A name that is written with an @ or
        with params stands in quotes.
        """,
        wrong: """
          plan shop {
            phase up per instance { start unit "worker@.service" }
          }
          """,
        right: """
          plan shop {
            phase up per instance { start unit "worker@1", "worker@2" }
          }
          """
      )
    case .duplicateUnit:
      ExplainPage(
        code,
        "a unit twice in one step",
        """
        All units of a step are started or stopped together, in the order that they
        have among themselves by systemd. Each is named once. One without a kind is a
        service: 'nginx' and 'nginx.service' are the same unit.
        """,
        wrong: """
          plan shop {
            phase up per instance { start unit nginx, nginx.service }
          }
          """,
        right: """
          plan shop {
            phase up per instance { start unit nginx.service, app.service }
          }
          """
      )
    case .perReleaseJobBesideUnits:
      ExplainPage(
        code,
        "a phase for release jobs beside units",
        """
        A phase happens to each release job of the machine, unless it says otherwise.
        This plan starts or stops systemd units, which belong to the machine, and asks
        nothing else of release jobs. On a machine that has nothing to do with BOSH the
        phase would do nothing; write 'per instance' to have it happen once.

        Where the plan is for a BOSH VM, and the phase is meant for each release job,
        say which: 'for NAME'.
        """,
        wrong: """
          plan shop {
            phase halt per instance { stop unit app.service }
            phase migrate { run "/opt/app/migrate" }
          }
          """,
        right: """
          plan shop {
            phase halt per instance { stop unit app.service }
            phase migrate per instance { run "/opt/app/migrate" }
          }
          """
      )
    default: nil
    }
  }
}
