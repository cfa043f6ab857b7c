extension Explain {
  /// Pages about clauses and where they may stand.
  static func clausePage(for code: DiagnosticCode) -> ExplainPage? {
    switch code {
    case .duplicateClause:
      ExplainPage(
        code,
        "a clause twice",
        """
        Each clause stands once in a block or step; which of two would hold is not left
        to guess. 'env' stands once for each variable.
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
        "a clause where it cannot stand",
        """
        Where clauses may stand:

            env, timeout            plan, phase, parallel, sequence, handler, step
            retry, when, optional   phase, parallel, sequence, handler, step
            default                 plan, phase, parallel, sequence, handler
            limit                   plan, phase, parallel
            grace                   step
            settle, every, strict   a step of start; of wait; of drain
            idempotent              a step of run

        What holds for every step inside stands in default { … }, which takes retry,
        timeout, grace, settle, every and strict, and gives each step what it can
        take.
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
        "a retry of a command that may be harmful twice",
        """
        Scripts, start, stop, drain and wait can be repeated by BOSH's contract. Of a
        'run' nobody knows but you: it is never started a second time in a run unless
        it says 'idempotent', that is, unless twice is as good as once. So a 'retry'
        on it, or on a block that holds it, asks for that word.
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
        'wait' polls until it gets what it waits for; without a timeout a mistake in
        its address would never end. The timeout of one attempt stands in its braces
        or in a 'default' around it. A timeout of the block around is not meant: it
        would end the block and not say what was waited for.
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
        "a value that makes no sense",
        """
        A timeout and the pause of 'every' are longer than nothing, a limit and a
        max-in-flight at least 1, a percentage at most 100%, an exit status 1 to 255
        (0 is success), and the pauses of a backoff grow from its first bound to its
        second.
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
        In a rollout instances enter a few at a time, and the next only when one has
        left. What waits for all instances would wait for those that have not been let
        in, and they for it, for ever. Inside stand phases per release job or per
        instance and barriers across instance; what joins more stands behind.
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
        The command is empty. In the form with brackets the first argument is the
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
        "a timeout that can never be met",
        """
        A 'start' succeeds when processes have run for 'settle', and its attempt takes
        longer than that. So does all that stands around it. A timeout that is not
        longer than the settle times on the longest way through what it covers would
        end every attempt. What is optional or has a condition does not count, nor what
        a script may take.
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
