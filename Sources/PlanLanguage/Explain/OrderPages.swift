extension Explain {
  /// The pages about order, and about every code that has no page elsewhere: most warnings.
  static func orderPage(for code: DiagnosticCode) -> ExplainPage {
    switch code {
    case .afterCycle:
      ExplainPage(
        code,
        "deployment jobs that come after each other in a cycle",
        """
        'after' orders a deployment job after another one, and so after everything that
        the other one comes after. In a cycle, each deployment job would wait for
        itself.
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
        A phase is repeated for each of its subjects. There is a limit on the instances
        and release jobs in total, and on plans that are included in plans. The limit is
        far above what a BOSH director manages, so a number probably has one digit too
        many.
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
        'in' keeps the subjects in these deployment jobs. 'for' keeps the subjects that
        are, hold or lie inside these release jobs. No subject is both, so the phase
        does nothing.

        On a VM, you also get this warning for a release job after 'for' that has
        neither the scripts nor the processes that the phase needs. The phase does
        nothing for this release job.
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
        After a barrier, nothing on its subject starts until everything before the
        barrier has passed there. At the beginning, or after another barrier that is as
        wide, it changes nothing and you can remove it. A barrier at the end is for a
        plan that includes this one: it holds back what comes next there.
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
        "a join of the whole deployment divides what 'after' orders",
        """
        'after' orders deployment jobs within each stretch of the plan between two joins
        of the whole deployment. A barrier across the deployment, or a phase per
        deployment, ends a stretch. What comes before it is done to all deployment jobs,
        in order. Only then is what comes after it done, again in order. If one
        deployment job must finish everything before the next begins, move the join to
        the end or make it narrower.
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
        "a step without a time limit",
        """
        Neither the step nor anything around it has a timeout. If the step hangs, the
        run hangs. Write 'default { timeout … }' in the plan to limit every step.
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
        'only' names the failures after which Lockstep tries again. This step cannot
        fail in any of these ways: without a timeout it cannot time out, and a 'wait' or
        'start' has no exit status of its own.
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
        "a timeout that has no effect",
        """
        A timeout of a plan, phase or group covers all attempts of everything inside. An
        inner timeout that is as long or longer is never reached. If you need it, make
        the outer one longer. Otherwise, remove it. No timeout around a handler covers
        it. A timeout in a 'default' may be longer than necessary.
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
        "a name that does not exist on this machine",
        """
        The plan declares no deployment jobs, so it uses those that the machine has. The
        machine has nothing with this name: either the name is misspelt, or the plan is
        for another machine. In a plan that declares its deployment jobs, this is an
        error.
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
