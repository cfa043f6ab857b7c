import Glibc
import TestSupport
import Testing

/// Records of runs in another folder than the one they were made in.
@Suite(.waits) struct CopiedFolderTests {
  /// A VM whose run has failed, and the effect of its step.
  private func failed() throws -> (Sandbox, TestVM) {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("a", ["pre-start": "\(vm.note("pre-start")); exit 3"])
    try sandbox.write("p.plan", "plan p { phase pre-start { script pre-start } }")
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    return (sandbox, vm)
  }

  @Test func copiedVMDoesNotContinueTheOriginalsRun() throws {
    let (sandbox, vm) = try failed()
    let copying = try RunningCommand(
      "/bin/cp",
      ["-a", vm.path, sandbox["copy"]],
      environment: [:],
      folder: "/"
    )
    try copying.finish().expect(0)
    for more in [[], ["--explain"], ["--state", "vm/data/lockstep"]] {
      let refused = try sandbox.start(["resume", "--vm", "copy"] + more).finish().expect(2)
      refused.checkManners()
      refused.complains("the run was started in another folder", "--vm \(vm.path)")
    }
    #expect(vm.order == ["pre-start"])
    // By any path, and by the folder of records alone, the run belongs to its own VM.
    try sandbox.link("alias", to: "vm")
    try sandbox.lockstep("resume", "--vm", "alias").expect(1)
    try sandbox.lockstep("resume", "--state", "copy/data/lockstep").expect(1)
    #expect(vm.order == ["pre-start", "pre-start", "pre-start"])
  }

  @Test func incompleteRecordsAreRefused() throws {
    let (sandbox, vm) = try failed()
    #expect(rmdir("\(vm.path)/data/lockstep/runs/\(vm.runs[0])/steps") == 0)
    try sandbox.lockstep("resume", "--vm", "vm").expect(3)
      .complains(
        "is missing, and with it the record of how steps",
        "help: restore it from a backup"
      )
  }

  @Test func movedFolderIsReported() throws {
    let (sandbox, vm) = try failed()
    #expect(rename(vm.path, sandbox["moved"]) == 0)
    let refused = try sandbox.lockstep("resume", "--vm", "moved").expect(2)
    refused.complains("the run was started in another folder", "that folder is gone")
  }
}
