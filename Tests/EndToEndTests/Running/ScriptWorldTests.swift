import TestSupport
import Testing

/// The environment of scripts and commands.
@Suite(.waits) struct ScriptWorldTests {
  @Test("BOSH 3.1, 3.2, 3.3: a script has exactly BOSH's environment, no argument and no input")
  func scriptHasExactlyBOSHsEnvironment() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("web", ["pre-start": "env; pwd; echo $#; read line || echo no input"])
    try sandbox.lockstep("run", "bosh-deploy", "--vm", "vm", environment: ["SECRET": "1"]).expect(0)
    let lines = Set(
      (vm.log("web", "pre-start.stdout") ?? "").split(separator: "\n").map(String.init)
    )
    // PWD is the shell's own.
    #expect(
      lines.subtracting(["PWD=\(vm.path)", "OLDPWD=\(vm.path)", "_=/usr/bin/env", "SHLVL=0"])
        == ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", vm.path, "0", "no input"]
    )
  }

  @Test func bothFormsOfRunTakeEnvAndParams() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try sandbox.write(
      "p.plan",
      #"""
      plan p {
        env OUTER = "\(greeting)"
        param who
        param greeting = "hello"
        phase say per instance {
          env INNER = "the \(who)"
          run "echo \"$OUTER $INNER\"" as shell
          run ["/bin/echo", "\(greeting)", "$OUTER", "\(who) and co"] as vector
          run ["echo", "found in PATH"] as found
        }
      }
      """#
    )
    let finished = try sandbox.lockstep("run", "p.plan", "--vm", "vm", "--set", "who=wide world")
    finished.expect(0)
    #expect(vm.log("lockstep", "shell.stdout") == "hello the wide world\n")
    #expect(vm.log("lockstep", "vector.stdout") == "hello $OUTER wide world and co\n")
    #expect(vm.log("lockstep", "found.stdout") == "found in PATH\n")
  }

  @Test func commandStringStopsAtItsFirstFailure() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try sandbox.write(
      "p.plan",
      #"plan p { phase say per instance { run "echo one; false; echo two" as work } }"#
    )
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    #expect(vm.log("lockstep", "work.stdout") == "one\n")
  }

  @Test("BOSH 3.7: a daemon that holds the output does not hold the run")
  func daemonWithOpenOutputDoesNotDelayTheRun() throws {
    let sandbox = try Sandbox()
    let go = try sandbox.fifo("go")
    let vm = try sandbox.vm()
    // It keeps stdout and stderr open until the test releases it after the run's end.
    try vm.releaseJob("web", ["pre-start": "(read line < '\(go.path)'; echo late) & echo early"])
    try sandbox.lockstep("run", "bosh-deploy", "--vm", "vm").expect(0)
    #expect(sandbox.survivors().count == 1)
    #expect(vm.log("web", "pre-start.stdout") == "early\n")
    try go.release()
  }
}
