import Glibc
import TestSupport
import Testing

/// `run --once-per-boot`, which a boot unit runs, after an interrupted run.
@Suite("--once-per-boot after an interrupted run", .waits)
struct BootResumeTests {
  private static let once = ["run", "p.plan", "--vm", "vm", "--once-per-boot"]

  @Test func interruptedRunIsContinued() throws {
    let rig = try CrashRig.script()
    try rig.killed(Self.once)
    let run = try #require(rig.vm.runs.last)
    let again = try rig.sandbox.start(Self.once)
    try again.waitFor("waits for it to end")
    #expect(rig.vm.order == ["begin"])
    try rig.go.release(2)
    let finished = try again.finish().expect(0).prints("attempt 2", "2 succeeded")
    finished.checkManners()
    finished.complains("run \(run) of the plan p was interrupted in this boot; it is resumed")
    #expect(rig.vm.runs == [run])
    #expect(rig.vm.order == ["begin", "end", "begin", "end", "last"])
    try rig.sandbox.start(Self.once).finish().expect(0).prints("as run \(run): nothing to do")
  }

  /// `resume` says what is needed for a decision.
  @Test func stepInDoubtNeedsADecision() throws {
    let rig = try CrashRig.plain()
    try rig.killed(Self.once)
    rig.sandbox.killEverything()
    let run = try #require(rig.vm.runs.last)
    let refused = try rig.sandbox.start(Self.once).finish().expect(3)
    refused.checkManners()
    refused.complains(
      "    --assume 'work:vm/0#once=done'\n",
      "    lockstep resume --vm \(rig.vm.path) \(run)\n",
      "refused, nothing was started"
    )
    #expect(rig.vm.order == ["begin"])
  }

  /// The boot may have undone what was done before it.
  @Test func runOfAnEarlierBootStartsOver() throws {
    let rig = try CrashRig.script()
    try rig.killed(Self.once)
    rig.sandbox.killEverything()
    let run = try #require(rig.vm.runs.last)
    try rig.vm.rewriteJournal { line in
      guard line.hasPrefix("session ") else { return line }
      let fields = line.split(separator: " ")
      return "session \"00000000-0000-4000-8000-000000000000\" \(fields[2]) \(fields[3])"
    }
    try rig.go.release()
    try rig.sandbox.start(Self.once).finish().expect(0).complains("warning: run \(run)")
    #expect(rig.vm.runs.count == 2)
    #expect(rig.vm.order == ["begin", "begin", "end", "last"])
  }

  @Test(arguments: [["--only", "pre-start"], ["--fact", "x=y"]])
  func runWithOtherOptionsIsNotContinued(options: [String]) throws {
    let rig = try CrashRig.script()
    try rig.killed(Self.once)
    try rig.sandbox.start(Self.once + options).finish().expect(3).complains("still runs")
    try rig.go.release()
  }

  @Test func abandonedRunStartsOver() throws {
    let rig = try CrashRig.script()
    try rig.killed(Self.once)
    let run = try #require(rig.vm.runs.last)
    let anew = try rig.sandbox.start(Self.once + ["--abandon", run])
    try rig.go.release(2)
    try anew.finish().expect(0)
    #expect(rig.vm.runs.count == 2)
  }
}
