extension Explain {
  /// The pages about text that has no effect.
  static func idlePage(for code: DiagnosticCode) -> ExplainPage? {
    switch code {
    case .stepAppliesToNothing:
      ExplainPage(
        code,
        "a step that applies to nothing",
        """
        No subject has what the step needs. No release job has the script, or a process
        to start or stop, or none of the named release jobs exists. A run leaves the
        step out and succeeds. Often a name is misspelt, or the plan is for another
        machine. The bundled plans are for all machines, so you get no warning about a
        single step of theirs.
        """,
        wrong: """
          plan shop {
            deployment-job db { release-jobs postgres }
            deployment-job web { release-jobs nginx }
            phase warm per instance in db { script warm for nginx }
          }
          """,
        right: """
          plan shop {
            deployment-job db { release-jobs postgres }
            deployment-job web { release-jobs nginx }
            phase warm per instance in web { script warm for nginx }
          }
          """
      )
    case .emptyBlock:
      ExplainPage(
        code,
        "an empty block",
        """
        The plan, phase, group, handler or rollout contains nothing to do. A handler of
        an empty block never runs. A phase without a step still joins everything
        narrower than it, as a barrier does. If you want that, write a barrier: it says
        so.
        """,
        wrong: """
          plan shop {
            phase warm { script warm }
            phase ready per instance {}
          }
          """,
        right: """
          plan shop {
            phase warm { script warm }
            barrier across instance
            phase ready { script ready }
          }
          """
      )
    case .takenByNothing:
      ExplainPage(
        code,
        "a setting without effect",
        """
        Nothing here uses this setting:

            default         applies to the steps inside that can take the setting
            env             applies to the processes that are started inside
            limit           on 'parallel', is useful only if there are more children
            canaries        applies to a rollout, and so does max-in-flight
            after           orders deployment jobs that one stretch of the plan works on

        An included plan has clauses of its own, and takes none of the plan that
        includes it. 'start', 'stop' and 'unmonitor' give orders to the supervisor,
        which gives processes their environment.
        """,
        wrong: """
          plan shop {
            default { settle 10s }
            phase warm { script warm }
          }
          """,
        right: """
          plan shop {
            default { settle 10s }
            phase start { start }
          }
          """
      )
    case .neverAsked:
      ExplainPage(
        code,
        "a param or fact that nothing uses",
        """
        You can use a param with \\(name) or in a condition, in this plan or in an
        included plan that has a param of the same name. A fact that you give with
        --fact must be used in a condition or a text. Nothing uses this one, so setting
        it changes nothing.
        """,
        wrong: """
          plan shop {
            param page = "index.html"
            phase warm { script warm }
          }
          """,
        right: """
          plan shop {
            param page = "index.html"
            phase warm per instance {
              wait file "data/\\(page)" { timeout 1m }
            }
          }
          """
      )
    case .handlerBlocksResume:
      ExplainPage(
        code,
        "a command in a handler that prevents a resume",
        """
        If a handler of a block has begun, a resume runs the whole block again from its
        start, handlers included. Lockstep never starts a 'run' a second time that is
        not idempotent. So someone has to decide about it before such a run can be
        resumed (exit status 3). Commands in handlers usually clean up or notify
        someone, and may run twice: write 'idempotent'. You get no warning for handlers
        of the plan itself, because they run each time that a run ends.
        """,
        wrong: """
          plan shop {
            phase warm {
              script warm
              finally { run "rm -f data/partial" as tidy }
            }
          }
          """,
        right: """
          plan shop {
            phase warm {
              script warm
              finally { run "rm -f data/partial" as tidy { idempotent } }
            }
          }
          """
      )
    case .narrowedStep:
      ExplainPage(
        code,
        "a step that names release jobs in a phase per release job",
        """
        In a phase per instance, 'script', 'drain', 'start', 'stop' and 'unmonitor'
        apply to all release jobs of the instance, or with 'for NAMES' to some of them.
        A phase without 'per' applies to one release job at a time, so its steps cannot
        name others.
        """,
        wrong: """
          plan shop {
            phase warm { script warm for nginx }
          }
          """,
        right: """
          plan shop {
            phase warm for nginx { script warm }
            phase ready per instance { script ready for nginx }
          }
          """
      )
    case .sideBySideOfNothing:
      ExplainPage(
        code,
        "'side-by-side' where there is no order",
        """
        'side-by-side' says that 'after' does not order a phase. A phase per deployment
        happens only once, and a rollout belongs to one deployment job. So 'after'
        orders nothing there.
        """,
        wrong: """
          plan shop {
            phase report per deployment side-by-side { run "bin/report" }
          }
          """,
        right: """
          plan shop {
            phase report side-by-side { script report }
          }
          """
      )
    default: nil
    }
  }
}
