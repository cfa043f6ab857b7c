import Glibc
import TestSupport
import Testing

/// One run at a time on a VM.
@Suite(.waits) struct LockTests {
  /// A run whose only step waits to be released, once for each start.
  private func running() throws -> (Sandbox, TestVM, RunningCommand, Gate) {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    let (arrived, go) = (try sandbox.fifo("arrived"), try sandbox.fifo("go"))
    try vm.releaseJob("a", ["pre-start": "\(vm.note("pre-start")); \(vm.waiting(arrived, go))"])
    try sandbox.write(
      "p.plan",
      "plan p { param x = \"\" phase pre-start { script pre-start } }"
    )
    let run = try sandbox.start(["run", "p.plan", "--vm", "vm", "--set", "x=hush"])
    #expect(try arrived.line() == "here")
    return (sandbox, vm, run, Gate(arrived: arrived, go: go))
  }

  private struct Gate {
    let arrived: Fifo
    let go: Fifo

    func release(_ count: Int = 1) throws { try go.release(count) }
  }

  @Test("BOSH 7.6: one run at a time, and the second is told which process runs")
  func secondRunIsRefusedWhileOneIsActive() throws {
    let (sandbox, vm, run, go) = try running()
    try sandbox.write("other.plan", "plan other { phase work per instance { run \"true\" } }")
    try sandbox.link("alias", to: "vm")
    let others = [
      ["run", "p.plan", "--vm", "vm"],
      ["run", "other.plan", "--vm", "alias"],
      ["run", "p.plan", "--vm", "vm", "--state", "elsewhere"],
      ["run", "p.plan", "--vm", "vm", "--only", "pre-start"],
      ["resume", "--vm", "vm"],
      ["resume", "--vm", "vm", "--accept-changes"],
    ]
    for arguments in others {
      let refused = try sandbox.start(arguments).finish().expect(3)
      refused.checkManners()
      refused.complains(
        "process \(run.identifier) ('\(Lockstep.path)".prefix(40).description,
        "is working on it",
        "only one run at a time may work on a VM; wait for it to end",
        "refused, nothing was started"
      )
      // Values of the other run's params must not be shown.
      #expect(!refused.err.contains("hush"), refused.shown)
    }
    #expect(vm.order == ["pre-start"])
    #expect(vm.runs.count == 1)
    #expect(!sandbox.exists("elsewhere/runs") || FileTree.names(sandbox["elsewhere/runs"]).isEmpty)
    try go.release()
    try run.finish().expect(0)
    try go.release()
    try sandbox.start(others[0]).finish().expect(0)
  }

  @Test func readOnlyCommandsNeedNoLock() throws {
    let (sandbox, vm, run, go) = try running()
    try sandbox.lockstep("dry-run", "p.plan", "--vm", "vm").expect(0)
    try sandbox.lockstep("check", "p.plan").expect(0)
    try sandbox.lockstep("resume", "--vm", "vm", "--explain").expect(0)
      .prints(
        "of the plan p: it is running\n",
        "is still running, as process",
        "\nprocess \(run.identifier) (",
        "nothing can be resumed"
      )
    try go.release()
    try run.finish().expect(0)
    // Another process's lock does not mean that this run is active.
    let other = try sandbox.start(["run", "p.plan", "--vm", "vm"])
    // Its script is running, so it has the lock.
    #expect(try go.arrived.line() == "here")
    let explained = try sandbox.lockstep("resume", "--vm", "vm", "--explain", vm.runs[0]).expect(0)
    explained.prints("it has succeeded", "\nprocess \(other.identifier) (")
    try go.release()
    try other.finish().expect(0)
  }

  @Test func lockIsReleasedHoweverItsHolderEnds() throws {
    let (sandbox, _, run, go) = try running()
    try run.crash()
    // The orphan does not hold the lock.
    let other = try sandbox.start(["resume", "--vm", "vm", "--set", "x=hush"])
    try other.waitFor("await")
    try go.release(2)
    try other.finish().expect(0)
  }

  /// Two VMs, two runs; a run of both needs both.
  @Test func eachVMHasItsOwnLock() throws {
    let (sandbox, _, run, go) = try running()
    let other = try sandbox.vm("other")
    try other.releaseJob("a", ["pre-start": other.note("other")])
    try sandbox.lockstep("run", "p.plan", "--vm", "other").expect(0)
    try sandbox.write(
      "both.plan",
      """
      plan both {
        deployment-job web { release-jobs a  instances 2 }
        phase pre-start { script pre-start }
      }
      """
    )
    try sandbox.lockstep("run", "both.plan", "--vm", "web/0=other", "--vm", "web/1=vm").expect(3)
      .complains("error: vm\n", "process \(run.identifier) ")
    // It no longer holds what it held before.
    try sandbox.lockstep("run", "p.plan", "--vm", "other").expect(0)
    try go.release()
    try run.finish().expect(0)
  }
}
