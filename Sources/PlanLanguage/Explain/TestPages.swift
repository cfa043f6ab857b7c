// Pages about tests of plans: PLAN0308, PLAN0309 and 08xx.
extension Explain {
  static func testPage(for code: DiagnosticCode) -> ExplainPage? {
    switch code {
    case .testExpectsNothing:
      ExplainPage(
        code,
        "a test that expects nothing",
        """
        A test makes something up with 'when', and says with 'expect' what is to come
        of it. Without any 'expect' it could never fail.
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
        "two tests of one name",
        """
        What fails is told by the name of the test, so no two tests of a plan have the
        same.
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
        "a test is about a step that the plan does not have",
        """
        A test names steps as the command line does: with a whole name as 'lockstep
        dry-run' shows it, a part of it such as "pre-start" or "db/0", or a pattern
        with * and ?. Where the plan declares no deployment job, a test says which
        release jobs there are, with 'release-jobs'.
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
        'when STEP skipped' says that the condition of a step, or of the innermost
        block around it that has one, does not hold when the VM is asked. Only 'exists'
        is asked during a run; what params and facts decide is said with 'with'.
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
        "what a test expects does not come about",
        """
        The run was rehearsed on a virtual clock, with what the test makes up, and went
        another way. Either the plan does not do what it should, or the test expects
        too much; the timeline shows what happened.
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
