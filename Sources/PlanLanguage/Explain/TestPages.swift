// Pages about tests of plans: PLAN0308, PLAN0309 and 08xx.
extension Explain {
  static func testPage(for code: DiagnosticCode) -> ExplainPage? {
    switch code {
    case .testExpectsNothing:
      ExplainPage(
        code,
        "a test that expects nothing",
        """
        In a test, 'when' says what happens, and 'expect' says what must come of it. A
        test without 'expect' could never fail.
        """,
        wrong: """
          plan shop {
            phase warm { script warm { timeout 5m } }

            test "a failed warm-up" { when "warm" fails }
          }
          """,
        right: """
          plan shop {
            phase warm { script warm { timeout 5m } }

            test "a failed warm-up" {
              when "warm" fails
              expect exit 1
            }
          }
          """
      )
    case .duplicateTest:
      ExplainPage(
        code,
        "two tests with one name",
        """
        The name of a test shows which test has failed. So each test of a plan needs a
        name of its own.
        """,
        wrong: """
          plan shop {
            phase warm { script warm { timeout 5m } }

            test "all goes well" { expect exit 0 }
            test "all goes well" { expect succeeded "warm" }
          }
          """,
        right: """
          plan shop {
            phase warm { script warm { timeout 5m } }

            test "all goes well" {
              expect exit 0
              expect succeeded "warm"
            }
          }
          """
      )
    case .unknownStepInTest:
      ExplainPage(
        code,
        "a test names a step that the plan does not have",
        """
        A test names steps as the command line does: with a whole name as
        'lockstep dry-run' shows it, a part of it such as "pre-start" or "db/0", or
        a pattern with * and ?. If the plan declares no deployment job, write
        'release-jobs' in the test to say which release jobs there are.
        """,
        wrong: """
          plan shop {
            phase warm { script warm { timeout 5m } }

            test "a failed warm-up" {
              release-jobs nginx
              when "wram" fails
              expect exit 1
            }
          }
          """,
        right: """
          plan shop {
            phase warm { script warm { timeout 5m } }

            test "a failed warm-up" {
              release-jobs nginx
              when "warm" fails
              expect exit 1
            }
          }
          """
      )
    case .nothingAskedInTest:
      ExplainPage(
        code,
        "a test skips a step that always runs",
        """
        'when STEP skipped' says that a condition does not hold when the VM is asked.
        This is the condition of the step, or of the innermost block around it that has
        one. Only 'exists' is asked during a run. Params and facts decide before the
        run: set them with 'with'.
        """,
        wrong: """
          plan shop {
            param warm-up = "yes"

            phase warm { script warm { timeout 5m when warm-up == "yes" } }

            test "nothing to warm" {
              release-jobs nginx
              when "warm" skipped
              expect exit 0
            }
          }
          """,
        right: """
          plan shop {
            param warm-up = "yes"

            phase warm {
              script warm { timeout 5m when warm-up == "yes" and exists "data/warm" }
            }

            test "nothing to warm" {
              release-jobs nginx
              when "warm" skipped
              expect exit 0
            }
          }
          """
      )
    case .expectationFailed:
      ExplainPage(
        code,
        "what a test expects does not happen",
        """
        Lockstep rehearsed the run on a virtual clock, with what the test says, and it
        went another way. Either the plan does not do what it should, or the test
        expects too much. The timeline shows what happened.
        """,
        wrong: """
          plan shop {
            phase warm { script warm { timeout 5m optional } }
            phase open { script open { timeout 5m } }

            test "nobody comes in before it is warm" {
              release-jobs nginx
              when "warm" fails
              expect blocked "open"
            }
          }
          """,
        right: """
          plan shop {
            phase warm { script warm { timeout 5m } }
            phase open { script open { timeout 5m } }

            test "nobody comes in before it is warm" {
              release-jobs nginx
              when "warm" fails
              expect blocked "open"
            }
          }
          """
      )
    default: nil
    }
  }
}
