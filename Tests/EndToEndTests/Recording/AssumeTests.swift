import TestSupport
import Testing

/// A person's decisions about steps that must not run twice.
@Suite(.waits) struct AssumeTests {
  /// A run in which two of three non-idempotent commands have failed.
  private func failed() throws -> (Sandbox, TestVM) {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try sandbox.write(
      "p.plan",
      """
      plan p {
        phase backup per instance {
          parallel {
            run "\(vm.note("dump")); [ -e mended ]" as dump
            run "\(vm.note("upload")); [ -e mended ]" as upload
            run "\(vm.note("notify"))" as notify
          }
        }
        phase last per instance { run "\(vm.note("last"))" as last }
      }
      """
    )
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    try sandbox.folder("vm/bosh")
    return (sandbox, vm)
  }

  /// A program that could not be executed has certainly done nothing.
  @Test func stepThatNeverStartedNeedsNoDecision() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    let tool = "#!/bin/sh\n\(vm.note("tool"))\n"
    let path = try sandbox.write("tool", tool, mode: 0o755)
    try sandbox.write(
      "p.plan",
      """
      plan p {
        phase a per instance {
          run ["/bin/rm", "\(path)"] as first
          run ["\(path)"] as second
        }
      }
      """
    )
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1).prints("does not exist")
    try sandbox.write("tool", tool, mode: 0o755)
    try sandbox.lockstep("resume", "--vm", "vm", "--explain").expect(0)
      .prints("1 to run, 1 to keep as they are")
    try sandbox.lockstep("resume", "--vm", "vm").expect(0)
    #expect(vm.order == ["tool"])
  }

  @Test(arguments: [
    (["dmp=done"], "no step is named 'dmp'", "did you mean 'dump'?"),
    (["backup=done"], "'backup' names 2 steps: 'backup:vm/0#dump', 'backup:vm/0#upload'", "more"),
    (["notify=again"], "nothing has to be assumed about 'backup:vm/0#notify'", "--explain"),
    (["last=done"], "nothing has to be assumed about 'last:vm/0#last'", "--explain"),
    (["dump"], "'--assume' takes STEP=done or STEP=again, not 'dump'", ""),
    (["dump=agian"], "'--assume' takes STEP=done or STEP=again, not 'dump=agian'", "'again'?"),
    (["=done"], "'--assume' takes STEP=done or STEP=again, not '=done'", ""),
    (["dump=done", "dump=again"], "is assumed both to be done and to need another run", ""),
    (["nothing*=done"], "no step is named 'nothing*'", ""),
  ])
  func assumptionsThatDoNotApplyAreRefused(said: [String], message: String, help: String) throws {
    let (sandbox, vm) = try failed()
    let journal = vm.journal()
    let assumed = said.flatMap { ["--assume", $0] }
    for more in [[], ["--explain"]] {
      let finished = try sandbox.start(["resume", "--vm", "vm"] + assumed + more).finish()
      finished.expect(2).complains(message, help)
      finished.checkManners()
    }
    #expect(vm.journal() == journal)
    #expect(vm.order.count == 3)
  }

  @Test func everyStepInDoubtNeedsADecision() throws {
    let (sandbox, vm) = try failed()
    let refused = try sandbox.lockstep("resume", "--vm", "vm", "--assume", "dump=done").expect(3)
    #expect(!refused.err.contains("#dump"), refused.shown)
    refused.complains("error: backup:vm/0#upload\n  is not idempotent and has not succeeded (exit")
    #expect(vm.order.count == 3)
    try sandbox.lockstep("resume", "--vm", "vm", "--assume", "dump=done", "--assume", "upload=done")
      .expect(0).prints(": 4 succeeded")
    #expect(vm.order.count == 4)
  }

  @Test func patternDecidesForAllMatchingSteps() throws {
    let (sandbox, vm) = try failed()
    try sandbox.write("vm/bosh/mended", "")
    let resumed = try sandbox.lockstep("resume", "--vm", "vm", "--assume", "backup*=again").expect(
      0
    )
    resumed.prints("attempt 2", ": 4 succeeded")
    #expect(vm.order.count { $0 == "dump" } == 2)
    #expect(vm.order.count { $0 == "upload" } == 2)
    #expect(vm.order.count { $0 == "notify" } == 1)
  }

  /// A decision applies to one resume.
  ///
  /// What fails again needs another decision.
  @Test func decisionAppliesToOneResume() throws {
    let (sandbox, vm) = try failed()
    let said = ["--assume", "*dump=again", "--assume", "upload=done"]
    try sandbox.start(["resume", "--vm", "vm"] + said).finish().expect(1)
      .prints("exit status 1 after 2 attempts")
    let refused = try sandbox.lockstep("resume", "--vm", "vm").expect(3)
    refused.complains("error: backup:vm/0#dump\n")
    #expect(!refused.err.contains("#upload"), refused.shown)
    #expect(vm.order.count { $0 == "dump" } == 2)
  }
}
