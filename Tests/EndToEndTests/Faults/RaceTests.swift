import Glibc
import TestSupport
import Testing

/// Two runs that want the same VM.
@Suite(.waits) struct RaceTests {
  /// The run that has the VM keeps it until the other has given up, so exactly one has it.
  @Test func onlyOneRunGetsTheVM() throws {
    let sandbox = try Sandbox()
    let arrived = try sandbox.fifo("arrived")
    let go = try sandbox.fifo("go")
    _ = try sandbox.vm()
    try sandbox.write(
      "p.plan",
      """
      plan p {
        phase work per instance {
          run "echo $PPID > '\(arrived.path)'; read line < '\(go.path)'" as work {
            idempotent timeout 1m
          }
        }
      }
      """
    )
    let arguments = ["run", "p.plan", "--vm", "vm"]
    for _ in 0..<Rounds.count(20) {
      let runs = [try sandbox.start(arguments), try sandbox.start(arguments)]
      let winner = try #require(pid_t(try arrived.line()))
      let first = runs[0].identifier == winner ? 0 : 1
      #expect(runs[first].identifier == winner)
      let loser = try runs[1 - first].finish().expect(3)
      loser.complains("process \(winner)", "is working on it", "nothing was started")
      try go.release()
      try runs[first].finish().expect(0).prints("1 succeeded")
    }
    #expect(sandbox.survivors().isEmpty)
  }
}
