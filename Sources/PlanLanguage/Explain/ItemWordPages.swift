extension Explain {
  /// Pages of the words that begin items of a plan.
  static let itemWordPages = [
    WordPage(
      "phase",
      "what is done to each subject",
      """
      It is written once and happens to every release job, or with 'per instance',
      'per deployment-job' or 'per deployment' to each of these. 'in' and 'for'
      narrow it. It begins on a subject when everything earlier has passed there.
      """,
      """
      plan shop {
        phase warm { script pre-start { timeout 5m } }
        phase note per instance { run "note" { timeout 1m } }
      }
      """,
      codes: [.phaseSelectsNothing, .duplicatePhase]
    ),
    WordPage(
      "barrier",
      "a join",
      """
      Nothing on a subject of its scope goes on until everything before it there
      has passed.
      """,
      """
      plan shop {
        phase warm { script pre-start { timeout 5m } }
        barrier across instance
        phase up { start { timeout 5m } }
      }
      """,
      codes: [.barrierJoinsNothing, .joinSplitsAfter]
    ),
    WordPage(
      "rollout",
      "one instance after the other",
      """
      Instances of a deployment job go through what stands inside, the 'canaries'
      first, then at most 'max-in-flight' at a time. After a failure nobody new
      enters.
      """,
      """
      plan shop {
        deployment-job web { release-jobs nginx instances 10 }
        rollout {
          canaries 1
          max-in-flight 25%
          phase down { stop { timeout 5m } }
          phase up { start { timeout 5m } }
        }
      }
      """,
      codes: [.wideJoinInRollout]
    ),
    WordPage(
      "canaries",
      "how many instances go first",
      """
      A number or a percentage, in a 'rollout' or a deployment job. The others
      enter when these have passed; 0 if nothing is said.
      """,
      """
      plan shop {
        deployment-job web { release-jobs nginx instances 10 canaries 1 }
        rollout { phase up { start { timeout 5m } } }
      }
      """
    ),
    WordPage(
      "max-in-flight",
      "how many instances at a time",
      """
      A number or a percentage, in a 'rollout' or a deployment job; canaries
      included; 1 if nothing is said.
      """,
      """
      plan shop {
        deployment-job web { release-jobs nginx instances 10 }
        rollout { max-in-flight 2 phase up { start { timeout 5m } } }
      }
      """
    ),
    WordPage(
      "deployment-job",
      "which VMs there are",
      """
      It names the release jobs of a group of like VMs, how many 'instances' there
      are, and 'after' which other deployment jobs they come. A plan without any
      takes the VM as it finds it.
      """,
      """
      plan shop {
        deployment-job db { release-jobs postgres }
        deployment-job web { release-jobs nginx, app instances 2 after db }
        phase warm { script pre-start { timeout 5m } }
      }
      """,
      codes: [.unknownDeploymentJob, .afterCycle]
    ),
    WordPage(
      "after",
      "an order between deployment jobs",
      """
      What the plan does to a deployment job waits for what it does to those that
      it comes after, up to the next join of the whole deployment. Steps and
      phases need no such word: what stands first is done first.
      """,
      """
      plan shop {
        deployment-job db { release-jobs postgres }
        deployment-job web { release-jobs nginx after db }
        phase warm { script pre-start { timeout 5m } }
      }
      """,
      codes: [.afterCycle, .joinSplitsAfter]
    ),
    WordPage(
      "param",
      "what differs from run to run",
      """
      'param NAME' is given with --set NAME=VALUE; with '= VALUE' it has a
      default. It is put in as \\(NAME). A 'secret' one can be used in 'env' only.
      """,
      """
      plan shop {
        param folder = "data"
        phase look per instance { wait file "\\(folder)/ready" { timeout 1m } }
      }
      """,
      codes: [.unknownParam, .missingParam, .wrongKindOfValue]
    ),
    WordPage(
      "include",
      "another plan's phases",
      """
      'include bosh-stop' takes a bundled plan, 'include "PATH"' a file. Its
      phases come in the place of the include.
      """,
      """
      plan shop {
        include bosh-start
        phase greet { script post-deploy { timeout 5m } }
      }
      """,
      codes: [.unknownInclude, .includeCycle]
    ),
    WordPage(
      "test",
      "a rehearsal that stands in the plan",
      """
      'lockstep test' carries it out on a virtual clock, without a machine: 'when'
      says what goes wrong, 'expect' what comes of it.
      """,
      """
      plan shop {
        phase warm { script pre-start { timeout 5m } }

        test "a failure ends the run" {
          release-jobs nginx
          when "warm" fails
          expect exit 1
        }
      }
      """,
      codes: [.expectationFailed, .unknownStepInTest]
    ),
  ]
}
