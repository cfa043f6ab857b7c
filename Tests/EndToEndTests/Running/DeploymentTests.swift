import TestSupport
import Testing

/// Plans about several deployment jobs and VMs, and plans made of plans.
@Suite(.waits) struct DeploymentTests {
  private static let shop = """
    plan shop {
      deployment-job db { release-jobs postgres  instances 2 }
      deployment-job web { release-jobs nginx, app  after db }
      phase pre-start { script pre-start }
      barrier across instance
      phase post-start { script post-start }
      barrier across deployment
      phase post-deploy in web { script post-deploy }
      phase check for postgres, app { run "pwd" as where }
    }
    """

  private func vms(in sandbox: Sandbox) throws -> [TestVM] {
    try ["db0", "db1", "web0"].map { name in
      let vm = try sandbox.vm(name)
      for releaseJob in name.hasPrefix("db") ? ["postgres"] : ["nginx", "app"] {
        try vm.releaseJob(
          releaseJob,
          [
            "pre-start": vm.note("pre-start \(name)"),
            "post-start": vm.note("post-start \(name)"),
            "post-deploy": vm.note("post-deploy \(name)"),
          ]
        )
      }
      return vm
    }
  }

  @Test func deploymentJobsAreOrderedInEachStretch() throws {
    let sandbox = try Sandbox()
    let vms = try vms(in: sandbox)
    try sandbox.write("shop.plan", Self.shop)
    let finished = try sandbox.lockstep(
      "run",
      "shop.plan",
      "--vm",
      "db/0=db0",
      "--vm",
      "db/1=db1",
      "--vm",
      "web=web0"
    )
    finished.expect(0).prints("db/0/postgres", "db/1/postgres", "web/0/nginx", "web/0/app")
    let order = vms[0].order
    let isWebs = order.map { $0.hasSuffix("web0") }
    // All of db, then all of web, with post-deploy last.
    #expect(order.count == 10, finished.shown)
    #expect(isWebs == Array(repeating: false, count: 4) + Array(repeating: true, count: 6))
    #expect(order.suffix(2) == ["post-deploy web0", "post-deploy web0"])
    #expect(!order.contains("post-deploy db0"))
    // Each step ran and logged on its own VM.
    #expect(vms[1].log("postgres", "where.stdout") == "\(vms[1].path)\n")
    #expect(vms[2].log("app", "where.stdout") == "\(vms[2].path)\n")
    #expect(vms[2].log("nginx", "where.stdout") == nil)
  }

  @Test("BOSH 1.4: post-deploy runs on all deployment jobs at once, whatever 'after' says")
  func postDeployRunsInParallel() throws {
    let sandbox = try Sandbox()
    for (name, other) in [("db", "web"), ("web", "db")] {
      let vm = try sandbox.vm(name)
      // Each waits for the other to begin, so one after the other would never end.
      let meet = "touch \(sandbox[name]).here; until [ -e \(sandbox[other]).here ]; do :; done"
      try vm.releaseJob(name, ["post-start": vm.note(name), "post-deploy": meet])
    }
    try sandbox.write(
      "deploy.plan",
      """
      plan deploy {
        timeout 1m
        deployment-job db {}
        deployment-job web { after db }
        include bosh-deploy
      }
      """
    )
    try sandbox.lockstep("run", "deploy.plan", "--vm", "db=db", "--vm", "web=web").expect(0)
    // What comes before it is ordered.
    let dryRun = try sandbox.lockstep("dry-run", "deploy.plan", "--vm", "db=db", "--vm", "web=web")
    dryRun.expect(0).prints("waits for post-start:db/0/db")
  }

  @Test func instanceWithoutAVMIsNamed() throws {
    let sandbox = try Sandbox()
    let vms = try vms(in: sandbox)
    try sandbox.write("shop.plan", Self.shop)
    let finished = try sandbox.lockstep("run", "shop.plan", "--vm", "db/0=db0", "--vm", "web=web0")
    finished.expect(2).complains("db/1", "--vm db/1=ROOT")
    #expect(vms[0].order.isEmpty)
  }

  @Test func twoInstancesCannotShareOneVM() throws {
    let sandbox = try Sandbox()
    let vms = try vms(in: sandbox)
    try sandbox.write("shop.plan", Self.shop)
    let finished = try sandbox.lockstep("run", "shop.plan", "--vm", "db=db0", "--vm", "web=web0")
    finished.expect(2).complains("db/0", "db/1", "cannot be the same VM")
    #expect(vms[0].order.isEmpty)
  }

  @Test func unusedVMIsAMistake() throws {
    let sandbox = try Sandbox()
    let vms = try vms(in: sandbox)
    try sandbox.write("shop.plan", Self.shop)
    let finished = try sandbox.lockstep(
      "run",
      "shop.plan",
      "--vm",
      "db/0=db0",
      "--vm",
      "db/1=db1",
      "--vm",
      "wbe=web0",
      "--vm",
      "web0"
    )
    finished.expect(2).complains("wbe", "did you mean 'web'?")
    #expect(vms[0].order.isEmpty)
  }

  @Test func planIncludesBundledAndRelativePlans() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob(
      "app",
      ["pre-start": vm.note("pre-start"), "post-start": vm.note("post-start")]
    )
    try sandbox.write(
      "plans/site.plan",
      """
      plan site {
        param words = "ours"
        include "parts/before.plan"
        barrier across deployment
        include bosh-start
      }
      """
    )
    try sandbox.write(
      "plans/parts/before.plan",
      #"""
      plan before {
        param words = "theirs"
        param other = "kept"
        phase before per instance {
          run ["/bin/sh", "-c", "echo \(words) \(other) >> '\#(sandbox["order"])'"]
        }
      }
      """#
    )
    try sandbox.lockstep("run", "plans/site.plan", "--vm", "vm").expect(0)
    #expect(vm.order == ["ours kept", "pre-start", "post-start"])
    let set = try sandbox.lockstep(
      "run",
      "plans/site.plan",
      "--vm",
      "vm",
      "--set",
      "words=mine",
      "--set",
      "other=too"
    )
    set.expect(0)
    #expect(vm.order.suffix(3) == ["mine too", "pre-start", "post-start"])
  }

  @Test func factsDecideWhatIsSkipped() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("app", ["pre-start": vm.note("pre-start")])
    try sandbox.write(
      "p.plan",
      """
      plan p {
        phase pre-start {
          when director.version >= 270.0 and stemcell.os == "ubuntu-jammy"
          script pre-start
        }
      }
      """
    )
    let facts = ["--fact", "director.version=280.0.24", "--fact", "stemcell.os=ubuntu-jammy"]
    try sandbox.start(["run", "p.plan", "--vm", "vm"] + facts).finish().expect(0)
    #expect(vm.order == ["pre-start"])
    let old = ["--fact", "director.version=269.9", "--fact", "stemcell.os=ubuntu-jammy"]
    try sandbox.start(["run", "p.plan", "--vm", "vm"] + old).finish().expect(0)
    #expect(vm.order == ["pre-start"])
    let none = try sandbox.lockstep("run", "p.plan", "--vm", "vm", "--fact", facts[1])
    none.expect(2).complains("stemcell.os", "--fact")
  }

  @Test func folderOfThePlanIsTheDefault() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm("plans/site")
    try vm.releaseJob("app", ["pre-start": vm.note("pre-start")])
    try sandbox.write("plans/site.plan", "plan site { phase pre-start { script pre-start } }")
    try sandbox.lockstep("run", "plans/site.plan").expect(0)
    #expect(vm.order == ["pre-start"])
  }
}
