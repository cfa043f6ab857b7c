extension Explain {
  /// Pages about order, and warnings: those of all codes that have none elsewhere.
  static func orderPage(for code: DiagnosticCode) -> ExplainPage {
    switch code {
    case .afterCycle:
      ExplainPage(
        code,
        "deployment jobs after each other",
        """
        'after' puts one deployment job behind another, and what is behind that. Going
        round in a circle each would wait for itself.
        """,
        wrong: """
          plan shop {
            deployment-job db { release-jobs postgres after web }
            deployment-job web { release-jobs nginx after db }
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
    case .tooLarge:
      ExplainPage(
        code,
        "the plan expands to too much",
        """
        A phase is repeated for each of its subjects. Instances and release jobs in all,
        and plans included in plans, have a bound far above what a director manages; a
        number has probably a digit too many.
        """,
        wrong: """
          plan shop {
            deployment-job web { release-jobs nginx, app instances 60000000 }
            phase warm { script warm }
          }
          """,
        right: """
          plan shop {
            deployment-job web { release-jobs nginx, app instances 9 }
            phase warm { script warm }
          }
          """
      )
    case .phaseSelectsNothing:
      ExplainPage(
        code,
        "a phase that applies to nothing",
        """
        'in' keeps subjects of these deployment jobs, 'for' those that have to do with
        these release jobs. Nothing is both, so the phase does nothing.

        On a VM it is also said of a release job that 'for' names and that has neither
        the scripts nor the processes that the phase is about: it takes no part there.
        """,
        wrong: """
          plan shop {
            deployment-job db { release-jobs postgres }
            deployment-job web { release-jobs nginx }
            phase warm in web for postgres { script warm }
          }
          """,
        right: """
          plan shop {
            deployment-job db { release-jobs postgres }
            deployment-job web { release-jobs nginx }
            phase warm in db for postgres { script warm }
          }
          """
      )
    case .barrierJoinsNothing:
      ExplainPage(
        code,
        "a barrier that joins nothing",
        """
        A barrier lets nothing under its subject go on before all before it has passed.
        At the beginning, or behind another one as wide, it changes nothing and can be
        taken away. At the end it holds what a plan that includes this one does next.
        """,
        wrong: """
          plan shop {
            barrier across instance
            phase pre-start { script pre-start }
            phase start { start }
          }
          """,
        right: """
          plan shop {
            phase pre-start { script pre-start }
            barrier across instance
            phase start { start }
          }
          """
      )
    default: warningPage(for: code)
    }
  }

  private static func warningPage(for code: DiagnosticCode) -> ExplainPage {
    switch code {
    case .joinSplitsAfter:
      ExplainPage(
        code,
        "a join of the whole deployment between two related by 'after'",
        """
        'after' orders deployment jobs within each stretch between two joins of the
        whole deployment. A barrier or phase across the deployment ends a stretch: what
        is before it is done to all deployment jobs, in order, and only then what is
        behind it, in order again. If one deployment job should be through with
        everything before the next begins, the join has to go to the end or be narrower.
        """,
        wrong: """
          plan shop {
            deployment-job db { release-jobs postgres }
            deployment-job web { release-jobs nginx after db }
            phase stop { stop }
            barrier across deployment
            phase start { start }
          }
          """,
        right: """
          plan shop {
            deployment-job db { release-jobs postgres }
            deployment-job web { release-jobs nginx after db }
            phase stop { stop }
            barrier across instance
            phase start { start }
          }
          """
      )
    case .noTimeBound:
      ExplainPage(
        code,
        "a step whose time has no bound",
        """
        Neither the step nor anything around it has a timeout: if it hangs, the run
        hangs. A 'default { timeout … }' in the plan bounds every step.
        """,
        wrong: """
          plan shop {
            phase migrate { run "bin/migrate" }
          }
          """,
        right: """
          plan shop {
            default { timeout 30m }
            phase migrate { run "bin/migrate" }
          }
          """
      )
    case .retryNeverHappens:
      ExplainPage(
        code,
        "a retry that can never happen",
        """
        'only' names the failures that are tried again, and this step can fail in none
        of those ways: without a timeout there is no failure by timeout, and a wait or
        start has no exit status of its own.
        """,
        wrong: """
          plan shop {
            phase warm { script warm { retry 2 only timeout } }
          }
          """,
        right: """
          plan shop {
            phase warm { script warm { retry 2 only timeout timeout 5m } }
          }
          """
      )
    case .timeoutNeverEnds:
      ExplainPage(
        code,
        "a timeout that never ends anything",
        """
        A timeout of a plan, phase or group covers all attempts of what stands inside.
        One inside that is as long or longer is never reached. Where it should be, the
        outer one has to be longer; else the inner one can be left out. Handlers are
        covered by no timeout around them, and a 'default' may be longer than it needs.
        """,
        wrong: """
          plan shop {
            phase warm {
              timeout 1m
              script warm { timeout 5m }
            }
          }
          """,
        right: """
          plan shop {
            phase warm {
              timeout 12m
              script warm { timeout 5m retry 1 }
            }
          }
          """
      )
    default:
      ExplainPage(
        .nameNotFound,
        "a name that is not found on this machine",
        """
        The plan declares no deployment jobs, so it takes those that the machine has.
        This machine has none of this name: a slip of the pen, or a plan for another
        machine. Where deployment jobs are declared it is an error.
        """,
        wrong: """
          plan shop {
            phase warm for nginz { script warm }
          }
          """,
        right: """
          plan shop {
            phase warm for nginx { script warm }
          }
          """
      )
    }
  }
}
