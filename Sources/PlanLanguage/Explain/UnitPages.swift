// Pages about systemd units, and about machines without BOSH.
extension Explain {
  static func unitPage(for code: DiagnosticCode) -> ExplainPage? {
    switch code {
    case .noReleaseJobs:
      ExplainPage(
        code,
        "a phase for release jobs on a machine that has none",
        """
        A phase happens once for each release job, unless it says 'per instance'.
        Release jobs are what BOSH puts on a VM. A machine without BOSH has none, so the
        phase would do nothing at all.

        Write 'per instance', and the phase happens once on the machine. Phases that run
        scripts of release jobs, and the bundled plans, are for BOSH VMs: give the
        folder of the VM with --vm.
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
        'start', 'stop' and 'unmonitor' without names apply to the processes of release
        jobs, which BOSH puts on a VM. A machine without BOSH has none. It has systemd
        units: name the ones that you mean.
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
        The name of a unit consists of letters, digits and : - _ . \\ @, and ends with
        its kind, such as .service, .timer or .socket. A name without a kind means a
        service. Write the name without a folder, and write the name of each unit:
        patterns are not allowed. Templates are not allowed either, because only an
        instance of a template can be started. Put quotes around a name that contains an
        @ or params.
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
        "a unit that appears twice in one step",
        """
        All units of a step are started or stopped together, and systemd orders them
        among themselves. Name each unit once. A name without a kind means a service:
        'nginx' and 'nginx.service' are the same unit.
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
        "a phase for release jobs in a plan for systemd units",
        """
        A phase runs for each release job of the machine, unless it says otherwise.
        This plan starts or stops systemd units, which belong to the machine, and needs
        release jobs for nothing else. On a machine without BOSH, the phase would do
        nothing. Write 'per instance', and it happens once.

        If the plan is for a BOSH VM, and you mean each release job, say which ones:
        'for NAME'.
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
