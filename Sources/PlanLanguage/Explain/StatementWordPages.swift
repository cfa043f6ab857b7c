extension Explain {
  /// Pages of the words that begin statements and handlers.
  static let statementWordPages = [
    WordPage(
      "script",
      "a release job's own script",
      """
      'script NAME' runs jobs/RELEASE-JOB/bin/NAME as BOSH would. A release job
      without the script takes no part.
      """,
      """
      plan shop {
        phase warm { script pre-start { timeout 5m } }
      }
      """
    ),
    WordPage(
      "run",
      "a command of the plan",
      """
      'run "LINE"' runs /bin/sh -ec LINE; 'run ["PROGRAM", "ARGUMENT"]' starts a
      program without a shell. LOCKSTEP_STEP, LOCKSTEP_ATTEMPT, LOCKSTEP_INSTANCE
      and others tell the command where it is. 'as NAME' names the step.
      """,
      """
      plan shop {
        phase pack per instance {
          run "tar -cf data.tar data" as pack { timeout 5m }
        }
      }
      """,
      codes: [.emptyRun, .unsafeInCommand, .retryNeedsIdempotent]
    ),
    WordPage(
      "wait",
      "wait until something is there",
      """
      'wait tcp "HOST:PORT"', 'wait file "PATH"' and 'wait command "LINE"' look
      again and again until a connection is accepted, something is there, the
      command exits with 0. There is no probe for HTTP: a command such as curl
      -fsS URL asks.
      """,
      """
      plan shop {
        phase ready per instance {
          wait command "curl -fsS http://127.0.0.1/health" { every 5s timeout 2m }
        }
      }
      """,
      codes: [.waitNeedsTimeout]
    ),
    WordPage(
      "start",
      "start processes",
      """
      It starts the processes that the release jobs' monit files declare, and has
      succeeded when they have run for 'settle'. There is no 'restart': that is
      'stop', then 'start'.
      """,
      """
      plan shop {
        phase up { start { settle 5s timeout 2m } }
      }
      """,
      codes: [.wrongSubject]
    ),
    WordPage(
      "stop",
      "stop processes",
      """
      It stops the processes that the release jobs' monit files declare, and has
      succeeded when they are gone. The bundled plan bosh-stop drains before.
      """,
      """
      plan shop {
        phase down { stop { timeout 5m } }
      }
      """,
      codes: [.wrongSubject]
    ),
    WordPage(
      "unmonitor",
      "have the supervisor leave processes alone",
      """
      So that nothing starts again what a drain script ends.
      """,
      """
      plan shop {
        phase quiet { unmonitor { timeout 1m } }
      }
      """,
      codes: [.wrongSubject]
    ),
    WordPage(
      "drain",
      "let a release job finish what it is doing",
      """
      It runs jobs/RELEASE-JOB/bin/drain as BOSH's agent does, and waits for as
      long as the script asks for.
      """,
      """
      plan shop {
        phase drain { drain { timeout 10m } }
      }
      """,
      codes: [.wrongSubject]
    ),
    WordPage(
      "parallel",
      "statements side by side",
      """
      What stands directly inside begins together; 'limit' bounds how many run at
      once. 'sequence' groups what follows one another inside it.
      """,
      """
      plan shop {
        phase look per instance {
          timeout 5m
          parallel {
            run "one" as one
            sequence {
              run "two" as two
              run "three" as three
            }
          }
        }
      }
      """
    ),
    WordPage(
      "finally",
      "a handler that runs in any case",
      """
      'on failure { … }' runs when something in its block failed, 'finally { … }'
      always, at the end of the plan, a phase or a group. LOCKSTEP_FAILED_STEPS
      and LOCKSTEP_REASON tell its commands what happened.
      """,
      """
      plan shop {
        phase work per instance {
          run "work" { timeout 5m }
          on failure { run "logger \\"$LOCKSTEP_FAILED_STEPS\\"" { timeout 1m } }
          finally { run "tidy" { timeout 1m } }
        }
      }
      """,
      codes: [.afterHandler]
    ),
  ]
}
