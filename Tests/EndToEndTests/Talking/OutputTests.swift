import Glibc
import TestSupport
import Testing

/// Where the command's output goes.
///
/// A run does not depend on a reader.
@Suite(.waits) struct OutputTests {
  private func sandbox(failing: Bool = false) throws -> (Sandbox, TestVM) {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    let fails = failing ? "; exit 1" : ""
    try vm.releaseJob("app", ["pre-start": vm.note("pre-start") + fails])
    try sandbox.write(
      "p.plan",
      """
      plan p {
        phase pre-start { script pre-start }
        barrier across instance
        phase last per instance { run "\(vm.note("last"))" }
      }
      """
    )
    return (sandbox, vm)
  }

  @Test func colorsAreForTerminalsOnly() throws {
    let (sandbox, _) = try sandbox()
    let escape = "\u{1b}["
    let arguments = ["run", "p.plan", "--vm", "vm"]
    func out(_ more: [String], _ environment: [String: String], _ stdout: Output) throws -> String {
      let run = try sandbox.start(arguments + more, environment: environment, stdout: stdout)
      return try run.finish().expect(0).out
    }
    #expect(!(try out([], [:], .pipe)).contains(escape))
    #expect(try out([], ["TERM": "xterm"], .terminal).contains(escape))
    #expect(!(try out([], ["TERM": "dumb"], .terminal)).contains(escape))
    #expect(!(try out([], ["TERM": "xterm", "NO_COLOR": "1"], .terminal)).contains(escape))
    #expect(try out([], ["TERM": "xterm", "NO_COLOR": ""], .terminal).contains(escape))
    #expect(try out(["--color=always"], ["NO_COLOR": "1"], .pipe).contains(escape))
    #expect(!(try out(["--color", "never"], ["TERM": "xterm"], .terminal)).contains(escape))
  }

  @Test func coloredLinesFitTheTerminal() throws {
    let (sandbox, _) = try sandbox(failing: true)
    try sandbox.lockstep("run", "p.plan", "--vm", "vm", "--color=always").expect(1)
  }

  @Test func closedReaderDoesNotStopTheRun() throws {
    let (sandbox, vm) = try sandbox()
    let (arrived, go) = (try sandbox.fifo("arrived"), try sandbox.fifo("go"))
    try vm.releaseJob(
      "slow",
      ["pre-start": "echo here > '\(arrived.path)'; read line < '\(go.path)'"]
    )
    let run = try sandbox.start(["run", "p.plan", "--vm", "vm"])
    try run.waitForLines(1)
    run.closeStdout()
    _ = try arrived.line()
    try go.release()
    try run.finish().expect(0)
    #expect(vm.order == ["pre-start", "last"])
  }

  /// A pipe or terminal that nobody reads delays only the end of the command, and only for a
  /// limited time.
  @Test(arguments: [false, true]) func slowReaderDoesNotDelayTheRun(reads: Bool) throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    let done = try sandbox.fifo("done")
    let steps = (0..<150).map { "run [\"/bin/true\"] as s\($0) { idempotent }" }
    try sandbox.write(
      "p.plan",
      """
      plan p {
        phase many per instance { parallel { \(steps.joined(separator: "\n")) } }
        phase last per instance { run "\(vm.note("last")); echo done > \(done.path)" }
      }
      """
    )
    let run = try sandbox.start(["run", "p.plan", "--vm", "vm"])
    run.narrowStdout()
    #expect(try done.line() == "done")
    if !reads { run.closeStdout() }
    let finished = try run.finish().expect(0)
    if reads {
      finished.prints("begin      last", "p succeeded after")
      #expect(finished.out.count { $0 == "\n" } == 2 * 151 + 2)
    }
    let explained = try sandbox.lockstep("resume", "--explain", "--vm", "vm")
    explained.expect(0).prints("succeeded")
    #expect(vm.order == ["last"])
  }

  @Test(arguments: [Output.closed, .file("/dev/full"), .file("/dev/null")])
  func runNeedsNoOutput(output: Output) throws {
    let (sandbox, vm) = try sandbox()
    let run = try sandbox.start(
      ["run", "p.plan", "--vm", "vm"],
      input: .closed,
      stdout: output,
      stderr: output
    )
    try run.finish().expect(0)
    #expect(vm.order == ["pre-start", "last"])
    // With 1 and 2 closed, none of our output has reached a log.
    #expect(vm.log("app", "pre-start.stdout") == "")
    #expect(vm.log("app", "pre-start.stderr") == "")
  }

  @Test func failureKeepsItsStatusWithoutOutput() throws {
    let (sandbox, vm) = try sandbox(failing: true)
    let run = try sandbox.start(
      ["run", "p.plan", "--vm", "vm"],
      stdout: .file("/dev/full"),
      stderr: .closed
    )
    try run.finish().expect(1)
    #expect(vm.order == ["pre-start"])
  }

  /// If the requested text cannot be written, the exit status says so, as with other commands.
  @Test(arguments: [
    ["--help"], ["--version"], ["check", "p.plan"], ["dry-run", "p.plan", "--vm", "vm"],
  ])
  func unwritableOutputIsAFailure(arguments: [String]) throws {
    let (sandbox, _) = try sandbox()
    let full = try sandbox.start(arguments, stdout: .file("/dev/full")).finish()
    #expect(full.status != .exited(0), full.shown)
    full.complains("cannot write to standard output: No space left on device")
  }
}
