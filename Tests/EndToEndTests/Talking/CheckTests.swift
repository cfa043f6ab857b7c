import TestSupport
import Testing

/// `lockstep check`: what it finds without a machine.
@Suite(.waits) struct CheckTests {
  @Test(arguments: ["bosh-start", "bosh-deploy", "bosh-stop"])
  func bundledPlanCanBeRun(plan: String) throws {
    let sandbox = try Sandbox()
    let finished = try sandbox.lockstep("check", plan).expect(0)
    try Golden.expect(finished.out + finished.err, "check-\(plan).txt")
  }

  @Test func allMistakesOfSeveralPlansAreFound() throws {
    let sandbox = try Sandbox()
    try sandbox.write("good.plan", "plan good { timeout 1m phase a { script pre-start } }")
    try sandbox.write(
      "bad.plan",
      """
      plan bad {
        deployment-job web { release-jobs nginx, app  after bd }
        deployment-job db { release-jobs postgres }
        phase warm for nginz { script warm }
        phase warm in wep { script warm }
        phase slow per instance { run "sleep 60" timeout 30m }
        include bosh-strat
      }
      """
    )
    let finished = try sandbox.lockstep("check", "good.plan", "bad.plan").expect(2)
    #expect(finished.out == "good.plan: no mistakes\nbad.plan: cannot be run; 6 errors\n")
    try Golden.expect(finished.err, "check-bad.txt")
  }

  @Test func findingsAreAvailableAsJSON() throws {
    let sandbox = try Sandbox()
    try sandbox.write("bad.plan", "plan bad { phase a { script pre-start } phase a { script x } }")
    try sandbox.write("good.plan", "plan good { timeout 1m phase a { script pre-start } }")
    let arguments = ["check", "good.plan", "bad.plan", "missing.plan", "--format", "json"]
    let finished = try sandbox.start(arguments).finish().expect(2)
    finished.complains("missing.plan", "no such file")
    try Golden.expect(finished.out, "check-bad.json")
    let good = try sandbox.lockstep("check", "good.plan", "--format", "json").expect(0)
    #expect(good.out == "{\"version\":1,\"diagnostics\":[]}\n")
  }

  @Test func paramCanBeGiven() throws {
    let sandbox = try Sandbox()
    try sandbox.write(
      "p.plan",
      #"plan p { timeout 1m param who phase a per instance { run ["echo", "\(who)"] } }"#
    )
    let ungiven = try sandbox.lockstep("check", "p.plan").expect(0)
    ungiven.complains("warning PLAN0402: param 'who' needs a value", "--set who=VALUE")
    // A secret must not be on a command line, which everyone can read.
    try sandbox.write(
      "s.plan",
      #"plan s { timeout 1m env A = "\(pw)" param pw secret phase a per instance { run "true" } }"#
    )
    try sandbox.lockstep("check", "s.plan").expect(0)
      .complains("param 'pw' needs a value", "= note: give it with --set-file pw=FILE\n")
    ungiven.prints("can be run; 1 warning")
    let json = try sandbox.lockstep("check", "p.plan", "--format", "json").expect(0)
    json.prints("\"severity\":\"warning\"", "PLAN0402")
    try sandbox.lockstep("dry-run", "p.plan", "--vm", ".").expect(2).complains("error PLAN0402")
    try sandbox.lockstep("check", "p.plan", "--set", "who=me").expect(0)
    let wrong = try sandbox.lockstep("check", "p.plan", "--set", "how=me")
    wrong.expect(2).complains("no param 'how'", "there is 'who'")
  }

  /// A missing value does not keep the rest from being checked.
  @Test func missingParamHidesNoMistake() throws {
    let sandbox = try Sandbox()
    try sandbox.write(
      "p.plan",
      "plan p { timeout 1m param who phase a for \\(who) { script run } phase b after c { script x } }"
    )
    try sandbox.lockstep("check", "p.plan").expect(2)
      .complains("warning PLAN0402", "error PLAN0").prints("cannot be run; 1 error, 1 warning")
    try sandbox.lockstep("check", "bosh-errand").expect(0).prints("can be run; 1 warning")
  }
}
