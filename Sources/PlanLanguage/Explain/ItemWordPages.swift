extension Explain {
  /// The pages about the words that begin items of a plan.
  static let itemWordPages = [
    WordPage(
      "phase",
      "what is done to each subject",
      """
      You write a phase once. It happens to every release job, or with 'per instance',
      'per deployment-job' or 'per deployment' to each of these. 'in' and 'for' narrow
      it. It begins on a subject when everything earlier has passed there.
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
      After a barrier, nothing on a subject of its scope starts until everything
      before the barrier has passed there.
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
      "instances in turn, a few at a time",
      """
      The instances of a deployment job go through the phases inside: first the
      'canaries', then at most 'max-in-flight' at a time. After a failure, no further
      instance enters.
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
      A number or a percentage, in a 'rollout' or a deployment job. The other
      instances enter when the canaries have passed. The default is 0.
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
      A number or a percentage, in a 'rollout' or a deployment job. Canaries count,
      too. The default is 1.
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
      "a group of similar VMs",
      """
      A deployment job names the release jobs on each VM of the group. 'instances'
      says how many VMs there are. 'after' names the deployment jobs that come before
      this one. A plan without any deployment job uses the VM as it finds it.
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
      The work on a deployment job waits for the work on those that it comes after, up
      to the next join of the whole deployment. Steps and phases do not need 'after':
      what you write first is done first.
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
      "a value that differs from run to run",
      """
      'param NAME' needs a value: --set NAME=VALUE. 'param NAME = VALUE' has a
      default. Write \\(NAME) to use the value. You can use a 'secret' param only in
      'env'.
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
      "the phases of another plan",
      """
      'include bosh-stop' includes a bundled plan, 'include "PATH"' a file. The phases
      of that plan replace the 'include'.
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
      "a rehearsal that is part of the plan",
      """
      'lockstep test' runs it on a virtual clock, without a machine. 'when' says what
      goes wrong, 'expect' says what must happen then.
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
