extension Explain {
  /// Pages about names and subjects.
  static func namePage(for code: DiagnosticCode) -> ExplainPage? {
    switch code {
    case .unknownReleaseJob:
      ExplainPage(
        code,
        "no such release job",
        """
        'for' keeps what is, holds or lies inside these release jobs. The plan declares
        its deployment jobs, so all release jobs are known, and this is none of them.
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
        declares some, and none has this name.
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
        "a narrowing that narrows nothing",
        """
        A phase per deployment has one subject, the deployment. 'in' and 'for' would
        leave it as it is, so one of the two is not meant: the narrowing, or the scope.
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
        "two phases of one name",
        """
        A step is named after its phase, in reports, logs and the journal that a resume
        goes by. So no two phases have one name, also not one of the plan and one of a
        plan that it includes.
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
        "two deployment jobs of one name",
        """
        A deployment job is declared once, with all its release jobs.
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
        "a release job twice in one deployment job",
        """
        A VM has each release job once. The same release job can be part of several
        deployment jobs, and stands once in each.
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
        "a label twice in one phase",
        """
        A label ('as') names a step or group within its phase, for reports and for a
        resume. It is given once in a phase, its inner blocks and handlers included.
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
        Names of deployment jobs, release jobs and scripts become names of files and
        folders. They have letters, digits, and . _ - + between, and do not begin with
        a - or hold a /. A variable's name has letters, digits and _ only, since a
        shell could not read another one. A text with a zero byte can be given to no
        process.
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
        A phase happens once for each of its subjects: every release job, unless it
        says 'per instance', 'per deployment-job' or 'per deployment'. 'script',
        'drain', 'start', 'stop' and 'unmonitor' belong to release jobs: they stand in
        a phase per release job, or in one per instance for all of its release jobs.
        'start unit' and 'stop unit' are for a machine, and so for anything but a
        release job: write 'per instance'. 'run' and 'wait' stand anywhere.

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
