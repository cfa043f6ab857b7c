extension Explain {
  /// The pages about names and subjects.
  static func namePage(for code: DiagnosticCode) -> ExplainPage? {
    switch code {
    case .unknownReleaseJob:
      ExplainPage(
        code,
        "no such release job",
        """
        'for' keeps the subjects that are, hold or lie inside these release jobs. The
        plan declares its deployment jobs, so all release jobs are known. None has this
        name.
        """,
        wrong: """
          plan shop {
            deployment-job web { release-jobs nginx, app }
            phase warm for nginz { script warm }
          }
          """,
        right: """
          plan shop {
            deployment-job web { release-jobs nginx, app }
            phase warm for nginx { script warm }
          }
          """
      )
    case .unknownDeploymentJob:
      ExplainPage(
        code,
        "no such deployment job",
        """
        'in' and 'after' name deployment jobs (BOSH's instance groups). The plan
        declares some, but none has this name.
        """,
        wrong: """
          plan shop {
            deployment-job db { release-jobs postgres }
            deployment-job web { release-jobs nginx after database }
            phase warm { script warm }
          }
          """,
        right: """
          plan shop {
            deployment-job db { release-jobs postgres }
            deployment-job web { release-jobs nginx after db }
            phase warm { script warm }
          }
          """
      )
    case .narrowsNothing:
      ExplainPage(
        code,
        "a phase per deployment cannot be narrowed",
        """
        A phase per deployment has one subject, the deployment. 'in' and 'for' would
        change nothing. Remove them, or give the phase a narrower scope.
        """,
        wrong: """
          plan shop {
            deployment-job db { release-jobs postgres }
            deployment-job web { release-jobs nginx }
            phase migrate per deployment in db { run "bin/migrate" }
          }
          """,
        right: """
          plan shop {
            deployment-job db { release-jobs postgres }
            deployment-job web { release-jobs nginx }
            phase migrate per deployment-job in db { run "bin/migrate" }
          }
          """
      )
    case .duplicatePhase:
      ExplainPage(
        code,
        "two phases with one name",
        """
        A step is named after its phase in reports, in logs and in the journal that a
        resume reads. So each phase needs a name of its own, different also from the
        phases of included plans.
        """,
        wrong: """
          plan shop {
            phase check { script check }
            phase check { run "bin/check" }
          }
          """,
        right: """
          plan shop {
            phase check { script check }
            phase check-again { run "bin/check" }
          }
          """
      )
    case .duplicateDeploymentJob:
      ExplainPage(
        code,
        "two deployment jobs with one name",
        """
        Declare each deployment job once, with all its release jobs.
        """,
        wrong: """
          plan shop {
            deployment-job web { release-jobs nginx }
            deployment-job web { release-jobs app }
            phase warm { script warm }
          }
          """,
        right: """
          plan shop {
            deployment-job web { release-jobs nginx, app }
            phase warm { script warm }
          }
          """
      )
    case .duplicateReleaseJob:
      ExplainPage(
        code,
        "a release job that appears twice in one deployment job",
        """
        A VM has each release job once. Several deployment jobs can have the same
        release job, once each.
        """,
        wrong: """
          plan shop {
            deployment-job web { release-jobs nginx, app, nginx }
            phase warm { script warm }
          }
          """,
        right: """
          plan shop {
            deployment-job web { release-jobs nginx, app }
            phase warm { script warm }
          }
          """
      )
    default: secondNamePage(for: code)
    }
  }

  private static func secondNamePage(for code: DiagnosticCode) -> ExplainPage? {
    switch code {
    case .duplicateLabel:
      ExplainPage(
        code,
        "a label that appears twice in one phase",
        """
        A label ('as') names a step or group within its phase, for reports and for a
        resume. Use each label once in a phase, inner blocks and handlers included.
        """,
        wrong: """
          plan shop {
            phase backup {
              run "pg_dump shop" as dump
              run "pg_dump users" as dump
            }
          }
          """,
        right: """
          plan shop {
            phase backup {
              run "pg_dump shop" as dump-shop
              run "pg_dump users" as dump-users
            }
          }
          """
      )
    case .unusableName:
      ExplainPage(
        code,
        "a name that cannot be used",
        """
        The names of deployment jobs, release jobs and scripts become names of files and
        folders. They can contain letters, digits and . _ - +, but no /, and they cannot
        begin with a -. The name of a variable can contain only letters, digits and _,
        because a shell cannot read any other. No process can be given a text with a
        zero byte.
        """,
        wrong: """
          plan shop {
            env JAVA-OPTS = "-Xmx1g"
            phase warm { script warm }
          }
          """,
        right: """
          plan shop {
            env JAVA_OPTS = "-Xmx1g"
            phase warm { script warm }
          }
          """
      )
    case .wrongSubject:
      ExplainPage(
        code,
        "an action that cannot be done for this subject",
        """
        A phase happens once for each of its subjects: every release job, unless it says
        'per instance', 'per deployment-job' or 'per deployment'. 'script', 'drain',
        'start', 'stop' and 'unmonitor' belong to release jobs. Use them in a phase per
        release job, or in a phase per instance, where they apply to all its release
        jobs. 'start unit' and 'stop unit' belong to a machine, so they are not allowed
        in a phase per release job: write 'per instance'. 'run' and 'wait' are allowed
        everywhere.

        A plan's own handlers run once, for the deployment.
        """,
        wrong: """
          plan shop {
            phase warm per deployment-job { script warm }
          }
          """,
        right: """
          plan shop {
            phase warm per instance { script warm }
          }
          """
      )
    default: nil
    }
  }
}
