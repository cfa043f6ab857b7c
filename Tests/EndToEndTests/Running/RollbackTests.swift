import TestSupport
import Testing

/// If an instance fails in a rollout, it is rolled back, and the others are left alone.
@Suite(.waits) struct RollbackTests {
  private static let upgrade = """
    plan upgrade {
      default { timeout 20s }
      deployment-job web { instances 3 canaries 1 }
      rollout {
        include bosh-stop
        phase install per instance { run "echo 2 > version" as install { idempotent } }
        include bosh-start
        phase smoke per instance { run "test ! -e broken" as smoke { idempotent } }
        on failure {
          drain
          stop
          run "echo 1 > version" as put-back { idempotent }
          script pre-start
          start
          script post-start for app
        }
      }
    }
    """

  private func vms(in sandbox: Sandbox) throws -> [TestVM] {
    try (0..<3).map { index in
      let vm = try sandbox.vm("web-\(index)")
      try vm.releaseJobWithDaemon("app", ["post-start": vm.note("post-start app")])
      for name in ["app", "nginx"] where name == "nginx" {
        try vm.releaseJob(
          name,
          ["pre-start": vm.note("pre-start nginx"), "post-start": vm.note("post-start nginx")]
        )
      }
      try sandbox.write("web-\(index)/version", "1\n")
      return vm
    }
  }

  private let arguments =
    ["--supervisor", "ctl"] + (0..<3).flatMap { ["--vm", "web/\($0)=web-\($0)"] }

  @Test func failedInstanceIsRolledBackAndOthersAreLeftAlone() throws {
    let sandbox = try Sandbox()
    let vms = try vms(in: sandbox)
    try sandbox.write("upgrade.plan", Self.upgrade)
    try sandbox.lockstep("check", "upgrade.plan").expect(0).prints("no mistakes")
    try sandbox.write("web-0/broken", "")
    try sandbox.lockstep(all: ["run", "upgrade.plan"] + arguments).expect(1)
      .prints("rollout#put-back", "web/0", "on failure")
    #expect(sandbox.text("web-0/version") == "1\n")
    #expect(vms[0].isUp("app") && !vms[1].isUp("app"))
    #expect(sandbox.text("web-1/version") == "1\n")
    // Forward, then back: every pre-start again, and post-start of the named one.
    #expect(vms[0].order.filter { $0 == "pre-start nginx" }.count == 2)
    #expect(vms[0].order.filter { $0 == "post-start nginx" }.count == 1)
    #expect(vms[0].order.filter { $0 == "post-start app" }.count == 2)

    // All of it is idempotent, so the resume asks no question.
    FileTree.remove(sandbox["web-0/broken"])
    try sandbox.lockstep("resume", "--vm", "web-0").expect(0)
    #expect((0..<3).allSatisfy { sandbox.text("web-\($0)/version") == "2\n" })
    #expect(vms.allSatisfy { $0.isUp("app") })
    for index in 0..<3 {
      try sandbox.lockstep("run", "bosh-stop", "--vm", "web-\(index)", "--supervisor", "ctl")
        .expect(0)
    }
    sandbox.expectNoSurvivors()
  }
}
