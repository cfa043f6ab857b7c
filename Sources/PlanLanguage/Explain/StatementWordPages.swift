extension Explain {
  /// The pages about the words that begin statements and handlers.
  static let statementWordPages = [
    WordPage(
      "script",
      "a release job's own script",
      """
      'script NAME' runs jobs/RELEASE-JOB/bin/NAME as BOSH does. It does nothing for a
      release job without the script.
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
      'run "LINE"' runs /bin/sh -ec LINE. 'run ["PROGRAM", "ARGUMENT"]' starts a
      program without a shell. LOCKSTEP_STEP, LOCKSTEP_ATTEMPT, LOCKSTEP_INSTANCE and
      other variables tell the command where it is. 'as NAME' names the step.
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
      'wait tcp "HOST:PORT"' waits until a connection is accepted, 'wait file "PATH"'
      until something exists there, and 'wait command "LINE"' until the command exits
      with 0. They check again and again. There is no check for HTTP: use a command
      such as curl -fsS URL.
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
      It starts the processes that the monit files of the release jobs declare. It has
      succeeded when they have run for 'settle'. 'start unit NAMES' starts systemd
      units instead. There is no 'restart': write 'stop', then 'start'.
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
      It stops the processes that the monit files of the release jobs declare. It has
      succeeded when they are gone. 'stop unit NAMES' stops systemd units instead. The
      bundled plan bosh-stop drains first.
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
      "tell the supervisor to leave processes alone",
      """
      Then nothing restarts the processes that a drain script ends.
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
      It runs jobs/RELEASE-JOB/bin/drain as BOSH's agent does, and waits as long as
      the script asks. As in BOSH, a number that the script prints counts even if it
      then exits with another status than 0; with 'strict' that is a failure.
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
      The statements directly inside begin together. 'limit' says how many run at
      once. Use 'sequence' inside it for statements that follow one another.
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
      'on failure { … }' runs if something in its block has failed. 'finally { … }'
      always runs. They come at the end of the plan, a rollout, a phase or a group.
      LOCKSTEP_FAILED_STEPS and LOCKSTEP_REASON tell their commands what happened.
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
