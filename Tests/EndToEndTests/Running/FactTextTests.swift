import TestSupport
import Testing

/// Facts in the text of steps, expanded on each VM.
@Suite(.waits) struct FactTextTests {
  private func sandbox(_ plan: String) throws -> (Sandbox, [String]) {
    let sandbox = try Sandbox()
    for (name, version) in [("one", "1.2"), ("two", "1.3")] {
      let vm = try sandbox.vm(name)
      try vm.releaseJob("app")
      try vm.releaseJob("db")
      try sandbox.write("\(name)/bosh/etc/stemcell_version", version)
    }
    try sandbox.write("p.plan", plan)
    return (sandbox, ["p.plan", "--vm", "web/0=one", "--vm", "web/1=two"])
  }

  @Test func eachSubjectHasItsOwnText() throws {
    let (sandbox, arguments) = try sandbox(
      #"""
      plan p {
        default { timeout 1m }
        env NODE = "\(deployment-job.name)-\(instance.index)"
        deployment-job web { release-jobs app, db instances 2 }
        phase note {
          run "echo \(release-job.name) of \(instance.name) on \(stemcell.version), $NODE" as note
        }
        phase look per instance {
          wait file "seen-\(instance.index)" as seen { when instance.index == 1 }
          wait command ["/bin/echo", "\(instance.index)"] as say
          run "exit \(instance.index)" as leave
          finally { run "echo \(instance.name)" as last { idempotent } }
        }
      }
      """#
    )
    try sandbox.write("two/bosh/seen-1", "")
    let shown = try sandbox.start(["dry-run"] + arguments).finish().expect(0)
    shown.prints(
      "runs /bin/sh -ec 'echo db of web/1 on 1.3, $NODE'",
      "env NODE=web-1",
      "a check for seen-1, until it exists",
      "when instance.index == 1: instance.index is 0",
      "/bin/echo 1, until it succeeds",
      "sys/log/lockstep/leave.{stdout,stderr}.log"
    )
    let finished = try sandbox.start(["run"] + arguments).finish().expect(1)
    finished.prints("1 of 2 leave commands failed", "note web/1/db")
    for (vm, index, version) in [("one", 0, "1.2"), ("two", 1, "1.3")] {
      for job in ["app", "db"] {
        #expect(
          sandbox.text("\(vm)/sys/log/\(job)/note.stdout.log")
            == "\(job) of web/\(index) on \(version), web-\(index)\n"
        )
      }
      #expect(sandbox.text("\(vm)/sys/log/lockstep/say.stdout.log") == "\(index)\n")
      #expect(sandbox.text("\(vm)/sys/log/lockstep/last.stdout.log") == "web/\(index)\n")
    }
    // The resume recognises the plan, and only the failed step is left.
    try sandbox.start(["resume", "--vm", "one", "--assume", "leave=done"]).finish().expect(0)
  }

  @Test func unsafeOrUnknownFactsAreRefusedBeforeAnythingStarts() throws {
    let (sandbox, arguments) = try sandbox(
      #"""
      plan p {
        default { timeout 1m }
        deployment-job web { release-jobs app, db instances 2 }
        phase note per instance { run "echo \(instance.az)" as note }
      }
      """#
    )
    try sandbox.write("one/bosh/spec.json", #"{"name":"web","index":0,"az":"z1"}"#)
    try sandbox.start(["run"] + arguments).finish().expect(2).complains(
      "PLAN0405",
      "the fact 'instance.az' is not known on web/1"
    )
    try sandbox.write("two/bosh/spec.json", #"{"name":"web","index":1,"az":"z 2"}"#)
    try sandbox.start(["run"] + arguments).finish().expect(2).complains(
      "PLAN0404",
      "the value of 'instance.az' contains a space"
    )
    #expect(sandbox.text("one/sys/log/lockstep/note.stdout.log") == nil)
  }

  @Test func checkAssumesThatVMsHaveTheFacts() throws {
    let (sandbox, _) = try sandbox(
      #"""
      plan p {
        default { timeout 1m }
        deployment-job web { release-jobs app instances 2 }
        phase note per instance {
          run "echo \(vm.host) \(instance.index)" as note
          wait tcp "127.0.0.1:\(vm.port)"
        }
      }
      """#
    )
    try sandbox.start(["check", "p.plan"]).finish().expect(0).prints("no mistakes")
  }
}
