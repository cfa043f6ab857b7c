extension Explain {
  /// The pages about clauses and where they are allowed.
  static func clausePage(for code: DiagnosticCode) -> ExplainPage? {
    switch code {
    case .duplicateClause:
      ExplainPage(
        code,
        "a clause that appears twice",
        """
        A block or step can have each clause once. Lockstep does not guess which of two
        you mean. 'env' can appear once for each variable.
        """,
        wrong: """
          plan shop {
            phase warm {
              timeout 5m
              timeout 10m
              script warm
            }
          }
          """,
        right: """
          plan shop {
            phase warm {
              timeout 10m
              script warm
            }
          }
          """
      )
    case .misplacedClause:
      ExplainPage(
        code,
        "a clause that is not allowed here",
        """
        Each clause is allowed in these places:

            env, timeout            plan, phase, parallel, sequence, handler, step
            retry, when, optional   phase, parallel, sequence, handler, step
            default                 plan, phase, parallel, sequence, handler
            limit                   plan, phase, parallel
            grace                   step
            settle, every, strict   a step of start; of wait; of drain
            idempotent              a step of run

        Use default { … } for settings that apply to every step inside. It can hold
        retry, timeout, grace, settle, every and strict, and gives each step what the
        step can take.
        """,
        wrong: """
          plan shop {
            retry 2
            phase warm { script warm }
          }
          """,
        right: """
          plan shop {
            default { retry 2 }
            phase warm { script warm }
          }
          """
      )
    case .retryNeedsIdempotent:
      ExplainPage(
        code,
        "a retry of a 'run' that is not idempotent",
        """
        BOSH's contract says that scripts, start, stop, drain and wait can be repeated.
        Only you know whether a 'run' can be. Lockstep never starts it a second time in
        a run unless it says 'idempotent', which means that twice is as good as once. So
        a 'retry' on it, or on a block that contains it, needs this word.
        """,
        wrong: """
          plan shop {
            phase upload { run "bin/upload" { retry 3 backoff 5s..1m } }
          }
          """,
        right: """
          plan shop {
            phase upload { run "bin/upload" { idempotent retry 3 backoff 5s..1m } }
          }
          """
      )
    case .waitNeedsTimeout:
      ExplainPage(
        code,
        "a wait without a timeout",
        """
        'wait' checks again and again until it finds what it waits for. Without a
        timeout, a mistake in its address would make it wait forever. Write the timeout
        of one attempt in its braces, or in a 'default' around it. A timeout of the
        block around it is not enough: it would end the block without saying what the
        step waited for.
        """,
        wrong: """
          plan shop {
            phase warm { wait tcp "127.0.0.1:8080" }
          }
          """,
        right: """
          plan shop {
            phase warm { wait tcp "127.0.0.1:8080" { every 2s timeout 1m } }
          }
          """
      )
    case .valueOutOfRange:
      ExplainPage(
        code,
        "a value that is out of range",
        """
        These are the limits:

            timeout, every          longer than 0
            limit, max-in-flight    at least 1
            a percentage            at most 100%
            retry … only exit N     1 to 255 (0 is success)
            backoff D..E            D is at most E

        In a test, an exit status is 0 to 255, and attempts are counted from 1.
        """,
        wrong: """
          plan shop {
            limit 0
            phase warm { script warm { retry 3 backoff 1m..5s } }
          }
          """,
        right: """
          plan shop {
            limit 8
            phase warm { script warm { retry 3 backoff 5s..1m } }
          }
          """
      )
    case .wideJoinInRollout:
      ExplainPage(
        code,
        "something wider than an instance in a rollout",
        """
        In a rollout, instances enter a few at a time. The next one enters only when
        another one has left. A step that waits for all instances would wait for those
        that have not entered yet, and they would wait for it, forever. A rollout can
        contain phases per release job or per instance, and barriers across instance.
        Put wider phases and barriers after it.
        """,
        wrong: """
          plan shop {
            rollout {
              phase restart { start }
              barrier across deployment
            }
          }
          """,
        right: """
          plan shop {
            rollout {
              phase restart { start }
            }
            barrier across deployment
          }
          """
      )
    case .emptyRun:
      ExplainPage(
        code,
        "nothing to run",
        """
        The command is empty. In the form with brackets, the first argument is the
        program to run.
        """,
        wrong: """
          plan shop {
            phase warm { run "" }
          }
          """,
        right: """
          plan shop {
            phase warm { run ["/usr/bin/true"] }
          }
          """
      )
    case .timeoutTooShort:
      ExplainPage(
        code,
        "a timeout that is too short for 'settle'",
        """
        A 'start' succeeds when its processes have run for 'settle', so each attempt
        takes longer than that. So does everything around it. A timeout must be longer
        than the settle times on the longest way through what it covers. Otherwise it
        would end every attempt. Optional parts and parts with a condition do not count.
        The time of scripts does not count either.
        """,
        wrong: """
          plan shop {
            phase start {
              timeout 30s
              start { settle 1m }
            }
          }
          """,
        right: """
          plan shop {
            phase start {
              timeout 3m
              start { settle 1m }
            }
          }
          """
      )
    default: nil
    }
  }
}
