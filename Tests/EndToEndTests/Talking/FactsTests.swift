import TestSupport
import Testing

/// `lockstep facts`: what it says about a VM.
@Suite(.waits) struct FactsTests {
  private func vm() throws -> (Sandbox, TestVM) {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("web", ["pre-start": "true", "drain": "echo 0"])
    try vm.releaseJob("store", monit: "check process store with pidfile /x group vcap\n")
    try vm.releaseJob("left-over", ["pre-start": "true"])
    try sandbox.write("vm/bosh/etc/stemcell_version", "1.404")
    try sandbox.write(
      "vm/bosh/spec.json",
      """
      {"name": "web", "index": 2, "job": {"templates": [{"name": "web"}, {"name": "store"}]},
       "rendered_templates_archive": {"sha1": "x"}}
      """
    )
    return (sandbox, vm)
  }

  @Test func textListsTheFacts() throws {
    let (sandbox, vm) = try vm()
    let finished = try sandbox.lockstep("facts", "--vm", "vm", "--fact", "vm.host=me").expect(0)
    #expect(
      finished.out == """
        VM folder \(vm.path)
        instance  web/2

        facts:
          deployment-job.name   web
          instance.index        2
          stemcell.version      1.404
          vm.host               me (given)
          director.version      not known: give it with --fact director.version=VALUE
          stemcell.os           not known: give it with --fact stemcell.os=VALUE

        release jobs, as bosh/spec.json names them:
          web                   pre-start, drain
          store                 processes

        in jobs, and not run, as bosh/spec.json does not name them:
          left-over

        """
    )
  }

  @Test func jsonListsTheFacts() throws {
    let (sandbox, vm) = try vm()
    let finished = try sandbox.start(
      ["facts", "--vm", "vm", "--fact", "vm.host=me", "--format", "json"]
    ).finish().expect(0)
    #expect(
      finished.out
        == "{\"version\":1,\"folder\":\"\(vm.path)\",\"plain\":false,"
        + "\"deployment_job\":\"web\",\"instance\":\"2\","
        + "\"facts\":[{\"name\":\"deployment-job.name\",\"value\":\"web\",\"given\":false},"
        + "{\"name\":\"instance.index\",\"value\":\"2\",\"given\":false},"
        + "{\"name\":\"stemcell.version\",\"value\":\"1.404\",\"given\":false},"
        + "{\"name\":\"vm.host\",\"value\":\"me\",\"given\":true}],"
        + "\"unknown\":[\"director.version\",\"stemcell.os\"],\"has_spec\":true,"
        + "\"release_jobs\":[{\"name\":\"web\",\"scripts\":[\"pre-start\",\"drain\"],"
        + "\"processes\":false},{\"name\":\"store\",\"scripts\":[],\"processes\":true}],"
        + "\"leftovers\":[\"left-over\"]}\n"
    )
  }

  @Test("BOSH 2.1: only what the spec names runs, and steps are named by it")
  func releaseJobsOutsideTheSpecDoNotRun() throws {
    let (sandbox, _) = try vm()
    let finished = try sandbox.lockstep("dry-run", "bosh-start", "--vm", "vm")
    finished.prints("web/2/web")
    #expect(!finished.out.contains("left-over"))
  }

  @Test func brokenSpecIsRefused() throws {
    let (sandbox, vm) = try vm()
    try sandbox.write("vm/bosh/spec.json", "{\n  \"job\": oops\n}")
    for command in [["facts"], ["run", "bosh-start"]] {
      let finished = try sandbox.start(command + ["--vm", "vm"]).finish().expect(3)
      finished.complains("bosh/spec.json", "line 2, column 10 has 'o' where a value should be")
    }
    #expect(vm.order.isEmpty)
  }
}
