import TestSupport
import Testing

/// What the bundled plan for stopping tells drain scripts.
@Suite(.waits) struct DrainArgumentsTests {
  @Test(
    "BOSH 6.3: bosh-stop hands on what changes, with the packages sorted",
    arguments: [
      ([], "job_shutdown hash_unchanged"),
      (["drain-job-change=job_changed"], "job_changed hash_unchanged"),
      (
        ["drain-job-change=job_new", "drain-hash-change=hash_new", "drain-packages=ruby b nginx"],
        "job_new hash_new b nginx ruby"
      ),
    ]
  )
  func arguments(set: [String], wanted: String) throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("a", ["drain": "echo \"$# $@\" >&2; echo 0"])
    let given = set.flatMap { ["--set", $0] }
    try sandbox.start(["run", "bosh-stop", "--vm", "vm"] + given).finish().expect(0)
    let count = wanted.split(separator: " ").count
    #expect(vm.log("a", "drain.stderr") == "\(count) \(wanted)\n")
  }

  @Test("BOSH 6.6, strict: a plan can say it, and bosh-stop takes it as a param")
  func strict() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("a", ["drain": "echo 0; exit 7"])
    try sandbox.write(
      "p.plan",
      "plan p { param sure = \"true\" phase d { drain { timeout 1m strict \"\\(sure)\" } } }"
    )
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1).prints("exit status 7")
    try sandbox.lockstep("run", "p.plan", "--vm", "vm", "--set", "sure=false").expect(0)
      .prints("exit status 7, but its number counts")
    let dryRun = ["dry-run", "bosh-stop", "--vm", "vm"]
    let plain = try sandbox.start(dryRun).finish().expect(0)
    #expect(!plain.out.contains("strict"))
    try sandbox.start(dryRun + ["--set", "strict-drain=true"]).finish().expect(0)
      .prints("strict\n")
    try sandbox.start(dryRun + ["--set", "strict-drain=1"]).finish().expect(2)
      .complains("PLAN0403", "'strict' takes")
  }

  @Test("Words that BOSH does not have are refused")
  func others() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("a", ["drain": "\(vm.note("drain")); echo 0"])
    for word in ["drain-job-change=job_gone", "drain-hash-change=changed"] {
      try sandbox.lockstep("run", "bosh-stop", "--vm", "vm", "--set", word).expect(2)
        .complains("PLAN0403", "argument of a drain script is one of")
    }
    #expect(vm.order.isEmpty)
  }
}
