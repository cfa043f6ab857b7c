import Glibc
import TestSupport
import Testing

/// `lockstep prove`, `diff` and `dry-run --times`: what is known about a plan without a run.
@Suite(.waits) struct ProofTests {
  private static let shop = """
    plan shop {
      default { timeout 5m retry 1 backoff 1s..8s }
      deployment-job db { release-jobs postgres instances 2 }
      deployment-job web { release-jobs nginx, app after db }

      phase pre-start { script pre-start }
      barrier across deployment
      rollout {
        max-in-flight 1
        phase post-start { script post-start { optional } }
      }
      phase post-deploy { script post-deploy }
      finally { run "echo bye" as bye }
    }
    """

  private static let vms = [
    "--vm", "db/0=db0", "--vm", "db/1=db1", "--vm", "web=web0",
  ]

  private func sandbox() throws -> Sandbox {
    let sandbox = try Sandbox()
    for name in ["db0", "db1", "web0"] {
      let vm = try sandbox.vm(name)
      for releaseJob in name.hasPrefix("db") ? ["postgres"] : ["nginx", "app"] {
        let scripts: KeyValuePairs = [
          "pre-start": "true", "post-start": "true", "post-deploy": "true",
        ]
        try vm.releaseJob(releaseJob, scripts)
      }
    }
    try sandbox.write("shop.plan", Self.shop)
    return sandbox
  }

  private func lockstep(_ sandbox: Sandbox, _ arguments: String...) throws -> FinishedCommand {
    let finished = try sandbox.start(arguments + Self.vms).finish()
    // A document for programs may have long lines.
    if !arguments.contains("json") { finished.checkManners() }
    return finished
  }

  private func prove(_ sandbox: Sandbox, _ before: String, _ after: String, _ more: String...)
    throws -> FinishedCommand
  {
    let all = ["prove", "shop.plan", "--before", before, "--after", after] + more + Self.vms
    let finished = try sandbox.start(all).finish()
    if !more.contains("json") { finished.checkManners() }
    return finished
  }

  @Test func plansWithDeclaredJobsNeedNoVM() throws {
    // Without any VM: test machines do not have the standard folder.
    try #require(access("/var/vcap", F_OK) != 0)
    let sandbox = try Sandbox()
    try sandbox.write("shop.plan", Self.shop)
    try sandbox.write(
      "new.plan",
      Self.shop.replacing("  barrier across deployment\n", with: "")
        .replacing("echo bye", with: "echo \\(vm.host)")
    )
    try sandbox.lockstep("diff", "shop.plan", "shop.plan").expect(0).prints("no difference")
    try sandbox.lockstep("diff", "shop.plan", "new.plan").expect(1)
    let names = ["--before", "pre-start:db", "--after", "post-deploy:web"]
    try sandbox.start(["prove", "shop.plan"] + names).finish().expect(0).prints("proven")
    // A plan that does not declare them needs a VM.
    try sandbox.write("found.plan", "plan found { phase pre-start { script pre-start } }")
    try sandbox.lockstep("diff", "shop.plan", "found.plan").expect(2)
      .complains("this machine has none", "is it the right --vm?")
  }

  @Test func proofNamesWhatEveryPathContains() throws {
    let sandbox = try sandbox()
    let before = FileTree.listing(sandbox.path)
    let proven = try prove(sandbox, "pre-start", "post-deploy").expect(0)
    try Golden.expect(proven.out, "prove-proven.txt")
    proven.prints("proven: pre-start (4 steps)", "  the post-start barrier of deployment\n")
    let json = try prove(sandbox, "pre-start", "post-deploy", "--format", "json").expect(0)
    json.prints(
      #""version":1"#,
      #""proven":true"#,
      #""pairs":16"#,
      #""unproven":0"#,
      #""kind":"barrier""#
    )
    #expect(FileTree.listing(sandbox.path) == before)
  }

  @Test func unprovenOrderShowsAPairOfSteps() throws {
    let sandbox = try sandbox()
    let unproven = try prove(sandbox, "post-start", "db/0").expect(1)
    try Golden.expect(unproven.out, "prove-unproven.txt")
    unproven.prints(
      "not proven: ",
      "the order is reversed",
      "'passed' also covers steps that failed"
    )
    try prove(sandbox, "post-start", "db/0", "--format", "json").expect(1).prints(
      #""proven":false"#,
      #""reason":"reversed""#,
      #""caveat":"optional""#
    )
    // In parallel steps, and in two instances that a rollout updates one after the other.
    try prove(sandbox, "pre-start:web/0/nginx", "pre-start:web/0/app").expect(1)
      .prints("they may overlap")
    // An optional step passes even if it fails.
    try prove(sandbox, "post-start", "bye").expect(1)
      .prints("'finally' of a block")
  }

  @Test func unknownNamesAreMistakes() throws {
    let sandbox = try sandbox()
    try prove(sandbox, "pre-strat", "post-deploy").expect(2).complains("pre-strat")
    try lockstep(sandbox, "prove", "shop.plan", "--before", "pre-start").expect(2)
      .complains("'--after' is missing")
    try lockstep(sandbox, "prove", "none.plan", "--before", "a", "--after", "b").expect(2)
    try lockstep(sandbox, "prove", "shop.plan", "--before", "a", "--after", "b", "--format", "xml")
      .expect(2)
  }

  @Test func textChangesAloneAreNoDifference() throws {
    let sandbox = try sandbox()
    try sandbox.write("new.plan", "# A word.\n" + Self.shop.replacing("\n\n", with: "\n"))
    try lockstep(sandbox, "diff", "shop.plan", "new.plan").expect(0)
    try lockstep(sandbox, "diff", "shop.plan", "new.plan", "--format", "json").expect(0)
      .prints(#""version":1"#)
  }

  @Test func removedBarrierIsALostGuarantee() throws {
    let sandbox = try sandbox()
    try sandbox.write(
      "new.plan",
      Self.shop.replacing("  barrier across deployment\n", with: "")
        .replacing("retry 1 backoff 1s..8s", with: "retry 2")
    )
    let lost = try lockstep(sandbox, "diff", "shop.plan", "new.plan").expect(1)
    try Golden.expect(lost.out, "diff-lost.txt")
    lost.prints(
      "orderings lost",
      "  attempts: 3, was 2\n",
      "worst case\n",
      "guarantees are lost: "
    )
    try lockstep(sandbox, "diff", "shop.plan", "new.plan", "--format", "json").expect(1)
      .prints(#""version":1"#)
    // In the other direction, as many are gained as were lost before, and the reverse.
    try lockstep(sandbox, "diff", "new.plan", "shop.plan").expect(1)
  }

  @Test func strongerPlanLosesNoGuarantee() throws {
    let sandbox = try sandbox()
    let weaker = Self.shop.replacing(
      "phase post-deploy { script post-deploy }",
      with: "phase post-deploy { script post-deploy { timeout 10m } }"
    )
    try sandbox.write("new.plan", weaker)
    // A longer timeout is still a timeout.
    try lockstep(sandbox, "diff", "shop.plan", "new.plan").expect(0)
      .prints("timeout: 10m, was 5m", "worst case\n")
    try sandbox.write("new.plan", "plan shop {")
    try lockstep(sandbox, "diff", "shop.plan", "new.plan").expect(2)
    try lockstep(sandbox, "diff", "-", "-").expect(2).complains("only one of the plans")
    try lockstep(sandbox, "diff", "shop.plan").expect(2)
  }

  @Test func timesAreWorstCaseBeforeTheFirstRun() throws {
    let sandbox = try sandbox()
    let times = try lockstep(sandbox, "dry-run", "shop.plan", "--times").expect(0)
    try Golden.expect(times.out, "times-unknown.txt")
    times.prints("worst case: ", "if every step takes its worst case", "no earlier run to measure")
    try lockstep(sandbox, "dry-run", "shop.plan", "--times", "--format", "json").expect(0).prints(
      #""version":1"#,
      #""measured":false"#,
      #""unbounded":[]"#
    )
    try sandbox.write("durations", "pre-start 20s\npost-start 3s\npost-deploy:web 1m\n")
    let given = try lockstep(
      sandbox,
      "dry-run",
      "shop.plan",
      "--times",
      "--durations",
      "durations"
    ).expect(0)
    try Golden.expect(given.out, "times-given.txt")
    given.prints("if every step succeeds at once", "post-deploy:web/0/")
  }

  @Test func timesComeFromEarlierRuns() throws {
    let sandbox = try sandbox()
    try lockstep(sandbox, "run", "shop.plan").expect(0)
    try lockstep(sandbox, "dry-run", "shop.plan", "--times").expect(0)
      .prints("if every step succeeds at once", "measured in 1 earlier run")
    try lockstep(sandbox, "dry-run", "shop.plan", "--times", "--format", "json").expect(0)
      .prints(#""measured":true"#)
  }
}
