extension Explain {
  /// The pages about facts in text, and about variables that tell a step where it is.
  static func factPage(for code: DiagnosticCode) -> ExplainPage? {
    switch code {
    case .reservedVariable:
      ExplainPage(
        code,
        "a variable that Lockstep sets itself",
        """
        Variables whose names begin with LOCKSTEP_ tell a 'run', a 'wait command' and
        the steps of a handler where they are. Examples are LOCKSTEP_STEP and
        LOCKSTEP_ATTEMPT. A plan cannot set them, because the commands that read them
        must be able to rely on them. Give your variable another name.
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
        "a fact of something narrower than the phase",
        """
        Each instance has its own instance.index and instance.name, and each release job
        has its own release-job.name. A phase for something wider, such as the whole
        deployment, happens once, so there is no single value to use. The plan's own
        handlers also apply to the whole deployment. To find out where a step runs, read
        LOCKSTEP_INSTANCE, which is set in every phase.
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
        "a fact where facts are not allowed",
        """
        A name with a dot is a fact: something that is known about a VM or a subject.
        You can use a fact in the text of 'run', 'wait', 'drain', 'env' and 'exists',
        and compare it in a condition. Numbers, durations, defaults of params and the
        names after 'for' are the same for the whole plan. Use a param there.
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
