import Glibc
import TestSupport
import Testing

/// A start or stop program of a monit file that a run has left when it was killed: like a script,
/// it never runs twice at once.
@Suite("A run after a run that has left a start or stop program", .waits)
struct ControlProgramTests {
  /// A VM with a daemon whose program for one verb waits for the test, and that program at work.
  private struct Rig {
    let sandbox: Sandbox
    let vm: TestVM
    let arrived: Fifo
    let go: Fifo
    let verb: String

    init(_ verb: String) throws {
      self.verb = verb
      sandbox = try Sandbox()
      vm = try sandbox.vm()
      arrived = try sandbox.fifo("arrived")
      go = try sandbox.fifo("go")
      let waiting = vm.waiting(arrived, go)
      // A control program of BOSH's releases writes its own log, so its output says nothing of it.
      let start = verb == "start" ? "exec >/dev/null 2>&1; \(waiting)" : ""
      try vm.releaseJobWithDaemon("app", start: start, stop: verb == "stop" ? waiting : "")
      for name in ["start", "stop"] {
        try sandbox.write(
          "\(name).plan",
          "plan \(name) { phase step per instance { \(name) { timeout 1m } } }"
        )
      }
      try sandbox.write("other.plan", "plan other { phase x per instance { run \"true\" } }")
      if verb == "stop" { try run("start.plan").expect(0) }
      let run = try sandbox.start(["run", "\(verb).plan", "--vm", "vm", "--supervisor", "ctl"])
      #expect(try arrived.line() == "here")
      try run.crash()
    }

    func run(_ arguments: String...) throws -> FinishedCommand {
      try sandbox.start(["run"] + arguments + ["--vm", "vm", "--supervisor", "ctl"]).finish()
    }

    /// How often the program was run.
    var count: Int { vm.order.count { $0 == "\(verb) app" } }
  }

  @Test(arguments: ["start", "stop"])
  func nothingStartsBesideIt(verb: String) throws {
    let rig = try Rig(verb)
    let run = try #require(rig.vm.runs.last)
    let other = verb == "start" ? "stop.plan" : "start.plan"
    for arguments in [
      ["\(verb).plan"], [other], ["other.plan"], ["\(verb).plan", "--state", "elsewhere"],
    ] {
      let finished = try rig.sandbox.start(["run", "--vm", "vm"] + arguments).finish().expect(3)
      finished.checkManners()
      finished.complains(
        "error: run \(run) of the plan \(verb) was interrupted\n"
          + "  step:vm/0#\(verb) still runs, as process ",
        "    --abandon \(run)=wait\n    --abandon \(run)=end\n"
      )
    }
    try rig.sandbox.lockstep("dry-run", "other.plan", "--vm", "vm").expect(2).complains(
      "still runs"
    )
    let resumed = try rig.sandbox.start(["resume", "--vm", "vm"])
    try resumed.waitFor("has a \(verb) program")
    try rig.go.release()
    try resumed.finish().expect(0)
    #expect(rig.count == 1)
    #expect(rig.vm.isUp("app") == (verb == "start"))
    // Now nobody speaks of it.
    let next = try rig.run("other.plan").expect(0)
    #expect(next.err.isEmpty, next.shown)
  }

  @Test(arguments: ["start", "stop"])
  func abandonWaitsForIt(verb: String) throws {
    let rig = try Rig(verb)
    let run = try #require(rig.vm.runs.last)
    let anew = try rig.sandbox.start(["run", "\(verb).plan", "--vm", "vm", "--abandon", run])
    try anew.waitForComplaint("waiting for step:vm/0#\(verb) of run \(run): process ")
    try rig.go.release()
    try anew.finish().expect(0)
    #expect(rig.count == 1)
  }

  @Test(arguments: ["start", "stop"])
  func abandonEndsIt(verb: String) throws {
    let rig = try Rig(verb)
    let run = try #require(rig.vm.runs.last)
    let anew = try rig.sandbox.start([
      "run", "\(verb).plan", "--vm", "vm", "--abandon", "\(run)=end",
    ])
    #expect(try rig.arrived.line() == "here")
    try rig.go.release()
    try anew.finish().expect(0).complains("ending step:vm/0#\(verb) of run \(run): process ")
    #expect(rig.count == 2)
  }

  /// Without its record, nobody knows which step it belongs to; the next step of the service waits.
  @Test(arguments: ["start", "stop"])
  func nextStepWaitsForItWithoutARecord(verb: String) throws {
    let rig = try Rig(verb)
    FileTree.remove(rig.sandbox["vm/data/lockstep"])
    let anew = try rig.sandbox.start(["run", "\(verb).plan", "--vm", "vm", "--supervisor", "ctl"])
    try anew.waitFor("has a \(verb) program")
    try rig.go.release()
    try anew.finish().expect(0)
    #expect(rig.count == 1)
  }
}
