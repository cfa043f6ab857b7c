import Glibc
import TestSupport
import Testing

/// A disk that accepts writes but never finishes a sync.
@Suite(.waits, .enabled(if: FaultyCalls.work || Tool.isAllRequired, "needs strace(1)"))
struct StuckDiskTests {
  /// The script runs when the disk gets stuck.
  ///
  /// Each signal is answered, and the second one kills.
  @Test func secondSignalKillsEvenIfTheDiskIsStuck() throws {
    try #require(FaultyCalls.work, "strace does not work here")
    let sandbox = try Sandbox()
    let (arrived, vm) = (try sandbox.fifo("arrived"), try sandbox.vm())
    let script = "trap '' TERM; echo $PPID $$ > '\(arrived.path)'; while :; do sleep 300; done"
    try vm.releaseJob("a", ["pre-start": script])
    try sandbox.write("p.plan", "plan p { phase pre-start { script pre-start } }")
    // The header and the first event reach the disk; nothing starts without them.
    let strace = try RunningCommand(
      Tool.strace.path,
      [
        "-qq", "-f", "-b", "execve", "-o", sandbox["calls"], "-e", "trace=fdatasync", "-e",
        "inject=fdatasync:delay_enter=300s:when=3+", Lockstep.path, "run", "p.plan", "--vm", "vm",
      ],
      environment: Lockstep.tracedEnvironment,
      folder: sandbox.path
    )
    let processes = try arrived.line().split(separator: " ").compactMap { pid_t($0) }
    try #require(processes.count == 2)
    #expect(kill(processes[0], SIGTERM) == 0)
    try strace.waitFor("SIGTERM: what runs is asked to end")
    #expect(kill(processes[0], SIGINT) == 0)
    try strace.waitFor("SIGINT: what runs is killed")
    sandbox.expectEnd { $0.identifier == processes[1] }
    kill(processes[0], SIGKILL)
    // It would wait for the whole delay of the call.
    try strace.signal(SIGKILL)
    // Nothing was announced that is not on disk; only a signal is answered at once.
    let finished = try strace.finish()
    #expect(!finished.out.contains("cancelled"), finished.shown)
    // What was written but not synced is there for a resume.
    let journal = vm.journal()
    #expect(journal.contains(" cancelled 15\n") && journal.contains(" cancelled 2\n"), "\(journal)")
    sandbox.expectNoSurvivors()
  }
}
