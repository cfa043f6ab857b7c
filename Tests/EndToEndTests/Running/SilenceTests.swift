import TestSupport
import Testing

/// What a person wrote has an effect, or Lockstep says that it has none.
@Suite(.waits) struct SilenceTests {
  private static let restart = """
    plan restart {
      default { timeout 20s }
      deployment-job web { instances 2 }
      phase up per instance { stop run "touch ../../ran" as work { idempotent } start }
    }
    """

  /// Two VMs with a release job that has a daemon, and one without a process.
  private func vms(in sandbox: Sandbox) throws -> [TestVM] {
    try ["web-0", "web-1"].map { name in
      let vm = try sandbox.vm(name)
      try vm.releaseJobWithDaemon("web")
      try vm.releaseJob("aux", ["pre-start": "true"])
      return vm
    }
  }

  private let onBoth = ["--vm", "web/0=web-0", "--vm", "web/1=web-1"]

  @Test func deploymentJobUsesTheReleaseJobsOfItsVMs() throws {
    let sandbox = try Sandbox()
    let vms = try vms(in: sandbox)
    try sandbox.write("restart.plan", Self.restart)
    try sandbox.write("halt.plan", Self.restart.replacing(/phase.*/, with: "phase halt { stop }"))
    try sandbox.lockstep("check", "restart.plan").expect(0).prints("no mistakes")
    let run = { (plan: String) in
      try sandbox.lockstep(all: ["run", plan, "--supervisor", "ctl"] + onBoth)
    }
    try run("restart.plan").expect(0).prints("6 succeeded")
    #expect(vms.allSatisfy { $0.isUp("web") })
    let first = vms.map { $0.pid("web") }
    try run("restart.plan").expect(0)
    #expect(vms.allSatisfy { $0.isUp("web") })
    #expect(zip(first, vms).allSatisfy { $0 != $1.pid("web") })
    try run("halt.plan").expect(0).prints("2 succeeded")
    #expect(!vms.contains { $0.isUp("web") })
    sandbox.expectNoSurvivors()
  }

  @Test func dryRunNamesReleaseJobsWithoutSteps() throws {
    let sandbox = try Sandbox()
    _ = try vms(in: sandbox)
    try sandbox.write("restart.plan", Self.restart)
    let words = "no step touches aux of web/0, web/1"
    let dryRun = { (form: String) in
      // An HTML page may have long lines.
      let arguments = ["dry-run", "restart.plan", "--format", form] + onBoth
      return try sandbox.start(arguments).finish().expect(0)
    }
    try dryRun("tree").prints(words)
    try dryRun("html").prints(words)
    let json = try dryRun("json")
    json.prints(#""instances":["web/0"],"release_jobs":["aux"]"#)
    // A plan without release jobs does not warn about unused ones.
    try sandbox.write("b.plan", #"plan b { phase b per instance { run "true" { timeout 1m } } }"#)
    let backup = try sandbox.lockstep("dry-run", "b.plan", "--vm", "web-0").expect(0)
    #expect(!backup.out.contains("touches"))
  }

  @Test func phaseWithoutStepsIsReportedEverywhere() throws {
    let sandbox = try Sandbox()
    _ = try vms(in: sandbox)
    try sandbox.write(
      "p.plan",
      """
      plan p {
        default { timeout 20s }
        phase a { script pre-strat }
        phase b for aux { script pre-start stop }
      }
      """
    )
    for command in ["dry-run", "run"] {
      let finished = try sandbox.lockstep(command, "p.plan", "--vm", "web-0").expect(0)
      finished.complains(
        "has a script 'pre-strat'",
        "there is 'pre-start'",
        "this step applies to nothing: no release job that it is for has a process"
      )
    }
    // Without a machine this is not known.
    try sandbox.lockstep("check", "p.plan").expect(0).prints("no mistakes")
    // A bundled plan fits all machines, so only one that does nothing at all is reported.
    let bundled = try sandbox.lockstep("dry-run", "bosh-deploy", "--vm", "web-0").expect(0)
    #expect(bundled.err.isEmpty, bundled.shown)
    let empty = try sandbox.vm("empty")
    try empty.releaseJob("idle", [:])
    try sandbox.lockstep("run", "bosh-start", "--vm", "empty").expect(0)
      .complains("no step of this plan applies to anything here")
  }

  @Test func unusedFactIsReported() throws {
    let sandbox = try Sandbox()
    _ = try vms(in: sandbox)
    let run = { (fact: String) in
      try sandbox.lockstep("dry-run", "bosh-start", "--vm", "web-0", "--fact", fact).expect(0)
    }
    try run("directer.version=270").complains("'directer.version' is given", "'director.version'")
    #expect(try run("director.version=270").err.isEmpty)
  }
}
