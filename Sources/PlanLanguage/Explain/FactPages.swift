extension Explain {
  /// Pages of codes about facts in text and about variables that say where a step is.
  static func factPage(for code: DiagnosticCode) -> ExplainPage? {
    switch code {
    case .reservedVariable:
      ExplainPage(
        code,
        "a variable that Lockstep sets itself",
        """
        Variables whose names begin with LOCKSTEP_ tell a 'run', a 'wait command' and
        the steps of a handler where they are: LOCKSTEP_STEP, LOCKSTEP_ATTEMPT and so
        on. A plan cannot set them, because whoever reads them has to be able to rely
        on what they say. Give your variable another name.
        """,
        wrong: """
          plan shop {
            phase note per instance {
              env LOCKSTEP_STEP = "first"
              run "logger \\"$LOCKSTEP_STEP\\"" { timeout 1m }
            }
          }
          """,
        right: """
          plan shop {
            phase note per instance {
              env NAME = "first"
              run "logger \\"$NAME: $LOCKSTEP_STEP\\"" { timeout 1m }
            }
          }
          """
      )
    case .factOfNarrowerScope:
      ExplainPage(
        code,
        "a fact of something narrower",
        """
        instance.index and instance.name are other ones for each instance, and
        release-job.name for each release job. A phase that is for something wider,
        such as the whole deployment, happens once, so there is no one value to take.
        The plan's own handlers are for the whole deployment, too. Where a step runs
        is told to it by LOCKSTEP_INSTANCE, whatever its phase is for.
        """,
        wrong: """
          plan shop {
            deployment-job web { release-jobs nginx instances 2 }
            phase note per deployment { run "echo \\(instance.index)" { timeout 1m } }
          }
          """,
        right: """
          plan shop {
            deployment-job web { release-jobs nginx instances 2 }
            phase note per instance { run "echo \\(instance.index)" { timeout 1m } }
          }
          """
      )
    case .factOutsideText:
      ExplainPage(
        code,
        "a fact where none can be put in",
        """
        A name with a dot is a fact, something that is known of a VM or a subject. It
        can be put into the text of 'run', 'wait', 'drain', 'env' and 'exists', and
        compared in conditions. Numbers, durations, defaults of params and the names
        behind 'for' are the same for the whole plan: they take params.
        """,
        wrong: """
          plan shop {
            phase note per instance { run "true" { timeout \\(vm.patience) } }
          }
          """,
        right: """
          plan shop {
            param patience = 1m
            phase note per instance { run "true" { timeout \\(patience) } }
          }
          """
      )
    default: nil
    }
  }
}
