import Glibc
import TestSupport
import Testing

/// A run that is killed again and again, and resumed until it is done.
///
/// The verdict relies on what the steps recorded about themselves and on what the command said
/// before it was killed, not on the command's own records.
@Suite(.waits) struct KillTests {
  /// What is killed.
  enum Extent: CaseIterable {
    /// Only the command: what it started keeps running.
    case coordinator
    /// Everything, as when the machine is reset.
    case everything
  }

  @Test(arguments: Extent.allCases)
  func killedRunIsCompletedByResumes(extent: Extent) throws {
    let span = try durationOfRun()
    for _ in 0..<Rounds.count(10) {
      let world = try RecordingVM.large()
      var recovery = Recovery(world, mustKnow: extent == .coordinator)
      var next = Recovery.Next.command(RecordingVM.run)
      for _ in 0..<Int.random(in: 1...4) {
        guard case .command(let arguments) = next else { break }
        let running = try world.sandbox.start(arguments)
        usleep(.random(in: 0...span))
        try running.signal(SIGKILL)
        if extent == .everything { try world.killEverything() }
        next = try recovery.next(after: running.finish(), wasDisturbed: true)
      }
      try recovery.finish(from: next)
      if !recovery.judge() { return }
    }
  }

  /// Everything in the plan has ended except its `finally`.
  @Test func runKilledInItsLastHandlerResumesThere() throws {
    let sandbox = try Sandbox()
    let (arrived, go) = (try sandbox.fifo("arrived"), try sandbox.fifo("go"))
    let vm = try sandbox.vm()
    try sandbox.write(
      "p.plan",
      """
      plan p {
        default { timeout 1m }
        phase work per instance { run "\(vm.note("work"))" as work { idempotent } }
        finally {
          run "echo here > '\(arrived.path)'; read line < '\(go.path)'; \(vm.note("bye"))" as bye {
            idempotent
          }
        }
      }
      """
    )
    let run = try sandbox.start(["run", "p.plan", "--vm", "vm"])
    _ = try arrived.line()
    try run.signal(SIGKILL)
    _ = try run.finish()
    let resumed = try sandbox.start(["resume", "--vm", "vm"])
    try resumed.waitForLines(1)
    #expect(vm.order == ["work"])
    try go.release(2)
    try resumed.finish().expect(0).prints("waits for it to end")
    // It is idempotent, and how the first attempt ended is unknown.
    #expect(vm.order == ["work", "bye", "bye"])
  }

  /// How long an undisturbed run takes, in microseconds.
  private func durationOfRun() throws -> UInt32 {
    let world = try RecordingVM.large()
    var begin = timespec()
    clock_gettime(CLOCK_MONOTONIC, &begin)
    let finished = try world.sandbox.start(RecordingVM.run).finish().expect(0)
    var end = timespec()
    clock_gettime(CLOCK_MONOTONIC, &end)
    try world.acknowledge(finished)
    #expect(world.faults() == [], finished.shown)
    let microseconds =
      (end.tv_sec - begin.tv_sec) * 1_000_000 + (end.tv_nsec - begin.tv_nsec) / 1000
    return UInt32(microseconds)
  }
}
