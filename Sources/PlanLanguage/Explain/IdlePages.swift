extension Explain {
  /// Pages about what a person wrote and what comes to nothing.
  static func idlePage(for code: DiagnosticCode) -> ExplainPage? {
    switch code {
    case .stepAppliesToNothing:
      ExplainPage(
        code,
        "a step that applies to nothing",
        """
        Nothing that the step is for has what it needs: no release job has the script,
        or a process to start or stop, or none of those that are named is there. A run
        leaves the step out and succeeds. Often a name is misspelt, or the plan is for
        another machine. The bundled plans are for all machines, and nothing is said of
        a single step of theirs.
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
        "a block with nothing in it",
        """
        The plan, phase, group, handler or rollout holds nothing to be done, and a
        handler of an empty block never runs. A phase without a step still joins what
        it is wider than, as a barrier does, and a barrier says so.
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
        "something said that nothing takes",
        """
        A 'default' is for the steps inside that can take it, and 'env' for processes
        that are started there: here no step does. An included plan has clauses of its
        own and takes none of ours. 'start', 'stop' and 'unmonitor' speak with the
        supervisor, which gives processes their environment. A 'limit' on 'parallel'
        is for no more than it has children, 'canaries' and 'max-in-flight' are for a
        rollout, and 'after' is for deployment jobs that one stretch of the plan works
        on.
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
        "a param or fact that nothing asks for",
        """
        A param is used with \\(name) or in a condition, in this plan or in one that it
        includes and that has a param of the same name. A fact that is given with
        --fact is asked for in a condition. This one is not: whoever sets it changes
        nothing.
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
        "a handler that cannot be resumed",
        """
        A block of which a handler has begun is done again from its start by a resume,
        handlers included. A 'run' that is not said to be idempotent is never started a
        second time, so that such a run is resumed only with somebody's word on it (exit
        status 3). Commands of handlers mostly clean up or tell somebody, and may run
        twice: say 'idempotent'. Handlers of the plan itself run each time that a run
        ends, and are not meant.
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
        "release jobs named by a step that is for one",
        """
        In a phase per instance 'script', 'drain', 'start', 'stop' and 'unmonitor' are
        done for all release jobs of the instance, or with 'for NAMES' for some. A
        phase that says nothing is for one release job at a time: a step of it has no
        other to be for.
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
        "side by side where there is no order",
        """
        'side-by-side' says that 'after' does not order a phase. A phase per deployment
        happens once, and a rollout is one deployment job's: 'after' orders nothing
        there.
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
