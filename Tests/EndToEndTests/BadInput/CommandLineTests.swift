import TestSupport
import Testing

/// Command lines that nobody should type, but someone will.
@Suite(.waits) struct CommandLineTests {
  private func sandbox() throws -> (Sandbox, TestVM) {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("app", ["pre-start": vm.note("ran")])
    try sandbox.write("p.plan", "plan p { phase pre-start { script pre-start } }")
    return (sandbox, vm)
  }

  private static let long = String(repeating: "x", count: 10_000)

  @Test(arguments: [
    (["frobnicate"], "no command 'frobnicate'"),
    (["rnu"], "did you mean 'run'?"),
    ([""], "no command ''"),
    (["--frobnicate"], "no command '--frobnicate'"),
    (["--vm", "vm", "run"], "options come after the command"),
    (["p.plan"], "lockstep dry-run p.plan"),
    (["bosh-deploy"], "lockstep dry-run bosh-deploy"),
    (["run"], "PLAN is missing"),
    (["run", "p.plan", "q.plan"], "one argument too many: 'q.plan'"),
    (["run", "--parralel", "2", "p.plan"], "did you mean '--parallel'?"),
    (["run", "p.plan", "-x"], "unknown option '-x'"),
    (["dry-run", "p.plan", "--parallel", "2"], "'--parallel' is for '--what-if'"),
    (["run", "p.plan", "--vm"], "write '--vm [NAME=]ROOT'"),
    (["run", "p.plan", "--vm="], "--vm"),
    (["run", "p.plan", "--vm", "app="], "--vm"),
    (["run", "p.plan", "--vm", "a=vm", "--vm", "a=vm"], "'--vm a=ROOT' is given twice"),
    (["run", "p.plan", "--vm", "vm", "--vm", "vm"], "given twice"),
    (["run", "p.plan", "--vm", "vm", "--set", "x"], "'--set' takes NAME=VALUE, not 'x'"),
    (["run", "p.plan", "--vm", "vm", "--set", "=x"], "'--set' takes NAME=VALUE, not '=x'"),
    (["run", "p.plan", "--vm", "vm", "--set-file", "x"], "'--set-file' takes NAME=FILE, not 'x'"),
    (["run", "p.plan", "--vm", "vm", "--set", ""], "'--set' takes NAME=VALUE, not ''"),
    (["run", "p.plan", "--vm", "vm", "--set", "a=1", "--set", "a=2"], "given twice"),
    (["run", "p.plan", "--vm", "vm", "--set", "a=1"], "no param 'a'"),
    (["run", "p.plan", "--vm", "vm", "--fact", "vm.host"], "'--fact' takes NAME=VALUE"),
    (["run", "p.plan", "--vm", "vm", "--parallel", "0"], "a number from 1 to"),
    (["run", "p.plan", "--vm", "vm", "--parallel", "-1"], "not '-1'"),
    (["run", "p.plan", "--vm", "vm", "--parallel", "1e9"], "not '1e9'"),
    (["run", "p.plan", "--vm", "vm", "--parallel", "99999999999999999999"], "a number from 1 to"),
    (["run", "p.plan", "--vm", "vm", "--parallel", ""], "not ''"),
    (["run", "p.plan", "--vm", "vm", "--parallel", "2", "--parallel", "2"], "given twice"),
    (["run", "p.plan", "--vm", "vm", "--color", "red"], "auto, always, never"),
    (["run", "p.plan", "--vm", "vm", "--quiet=yes"], "'--quiet' takes no value"),
    (["run", "p.plan", "--vm", "vm", "--on-failure", "abrot"], "did you mean 'abort'?"),
    (["check", "p.plan", "--format", "xml"], "text, json"),
    (["run", "p.plan", "--vm", "vm", long], "one argument too many"),
    (["run", "p.plan", "--vm", "vm", "--\(long)"], "unknown option"),
    (["run", "p.plan", "--vm", "\u{1b}[31m\n"], "does not exist"),
    (["run", "p.plan", "--vm", long], "File name too long"),
    (["--verison"], "did you mean '--version'?"),
    (["chekc", "p.plan"], "did you mean 'check'?"),
    (["validate", "p.plan"], "'lockstep check' looks for mistakes"),
    (["restart"], "'lockstep run bosh-restart'"),
    (["run", "p.plan", "--quite"], "did you mean '--quiet'?"),
    (["run", "p.plan", "--dry-run"], "'lockstep dry-run' is a command of its own"),
    (["run", "p.plan", "--what-if", "x=fail"], "it is an option of 'lockstep dry-run'"),
    (["run", "p.plan", "--vm", "vm", "--only", "pre-strat:vm/0/app"], "did you mean 'pre-start"),
    (["\u{1b}[31mred"], "no command '␛[31mred'"),
  ])
  func mistakesAreExplained(arguments: [String], words: String) throws {
    let (sandbox, vm) = try sandbox()
    let finished = try sandbox.start(arguments).finish().expect(2)
    finished.complains(words)
    finished.checkManners()
    #expect(finished.out.isEmpty)
    #expect(vm.order.isEmpty)
  }

  @Test func optionsMayBeAnywhereBeforeTwoDashes() throws {
    let (sandbox, vm) = try sandbox()
    try sandbox.lockstep("run", "--vm", "vm", "--parallel=2", "p.plan").expect(0)
    try sandbox.write("-odd.plan", "plan odd { phase pre-start { script pre-start } }")
    try sandbox.lockstep("run", "--vm=vm", "--", "-odd.plan").expect(0)
    #expect(vm.order == ["ran", "ran"])
  }

  @Test(arguments: [
    "with blanks", "ünï-çödé-日本語", "new\nline", "quo'te\"s", "tab\there", "-dash", "a=b",
  ])
  func rootMayHaveAnyName(name: String) throws {
    let (sandbox, _) = try sandbox()
    let vm = try sandbox.vm(name)
    try vm.releaseJob("app", ["pre-start": "echo trouble >&2; exit 4"])
    let root = name == "a=b" ? "./a=b" : name
    let finished = try sandbox.lockstep("run", "p.plan", "--vm", root).expect(1)
    finished.prints("exit status 4", "| trouble")
    #expect(vm.log("app", "pre-start.stderr") == "trouble\n")
    try sandbox.lockstep("dry-run", "p.plan", "--vm", root).expect(0)
  }

  @Test func planMayHaveAnyName() throws {
    let (sandbox, vm) = try sandbox()
    for name in ["with blanks.plan", "日本語.plan", "new\nline.plan", "\u{1b}[31m.plan"] {
      try sandbox.write(name, "plan p { phase pre-start { script pre-start } }")
      try sandbox.lockstep("run", name, "--vm", "vm").expect(0)
      try sandbox.lockstep("check", name).expect(0)
      try sandbox.write(name, "plan p { fase }")
      try sandbox.lockstep("check", name).expect(2)
    }
    #expect(vm.order.count == 4)
  }

  @Test func planIsReadFromStandardInput() throws {
    let (sandbox, vm) = try sandbox()
    let text = "plan p { phase pre-start { script pre-start } }"
    try sandbox.lockstep("run", "-", "--vm", "vm", input: .text(text)).expect(0)
    #expect(vm.order == ["ran"])
    let bad = try sandbox.lockstep("run", "-", "--vm", "vm", input: .text("plan p {\n  fase\n}"))
    bad.expect(2).complains("<stdin>:2:3")
    try sandbox.lockstep("check", "-", input: .closed).expect(2).complains("'-'")
    try sandbox.lockstep("check", "-").expect(2).complains("PLAN0110")
  }

  @Test func planIsReadFromANamedPipe() throws {
    let (sandbox, vm) = try sandbox()
    try FileTree.makeNamedPipe(sandbox["pipe.plan"])
    let run = try sandbox.start(["run", "pipe.plan", "--vm", "vm"])
    // Opening waits until the command reads.
    try Handle.write("plan p { phase pre-start { script pre-start } }", to: sandbox["pipe.plan"])
    try run.finish().expect(0)
    #expect(vm.order == ["ran"])
  }

  @Test func hugePlanIsReadFromStandardInput() throws {
    let (sandbox, _) = try sandbox()
    var text = "plan huge {\n  timeout 1m\n"
    for index in 0..<2_000 {
      text += "  phase phase-\(index) { script pre-start { retry 2 backoff 1s..10s } }\n"
    }
    text += "}\n"
    let finished = try sandbox.lockstep("dry-run", "-", "--vm", "vm", input: .text(text)).expect(0)
    finished.prints("2000 steps, 0 barriers", "phase phase-399 of vm: 1 step\nand 1600 more phases")
    try sandbox.lockstep("dry-run", "-", "--vm", "vm", "--all", input: .text(text)).expect(0)
      .prints("phase phase-1999 of vm: 1 step")
  }
}
