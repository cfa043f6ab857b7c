import TestSupport
import Testing

/// What a command's environment says about its step.
@Suite(.waits) struct StepVariablesTests {
  /// Appends the sorted environment of a process to a file of the sandbox.
  private static func write(_ sandbox: Sandbox, _ name: String) -> String {
    "env | sort >> '\(sandbox[name])'"
  }

  /// The variables in such a file that Lockstep or the plan has set.
  private func variables(_ sandbox: Sandbox, _ name: String) -> [String: String] {
    var found: [String: String] = [:]
    for line in sandbox.lines(name) {
      guard let equals = line.firstIndex(of: "=") else { continue }
      found[String(line[..<equals])] = String(line[line.index(after: equals)...])
    }
    return found
  }

  @Test func onlyCommandsGetTheVariables() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob(
      "app",
      [
        "pre-start": Self.write(sandbox, "script"),
        "drain": "\(Self.write(sandbox, "drain")); echo 0",
      ]
    )
    try sandbox.write(
      "p.plan",
      """
      plan p {
        default { timeout 1m }
        env OWN = "x"
        phase pre-start { script pre-start }
        phase drain { drain }
        phase held { run "\(Self.write(sandbox, "held"))" as held }
        phase plain per instance {
          run "\(Self.write(sandbox, "plain"))" as plain { idempotent }
          wait command "\(Self.write(sandbox, "wait"))" as wait
        }
        phase whole per deployment { run "\(Self.write(sandbox, "whole"))" as whole }
      }
      """
    )
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(0)
    let common = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "OWN": "x", "PWD": vm.path]
    #expect(variables(sandbox, "script") == common)
    let state = #"{"persistent_disk":0}"#
    #expect(
      variables(sandbox, "drain") == common.merging(["BOSH_JOB_STATE": state]) { $1 }
    )
    let run = try #require(vm.runs.first)
    func told(_ step: String, _ more: [String: String] = [:]) -> [String: String] {
      var all = common.merging(more) { $1 }
      all["LOCKSTEP_RUN"] = run
      all["LOCKSTEP_PLAN"] = "p"
      all["LOCKSTEP_STEP"] = step
      all["LOCKSTEP_ATTEMPT"] = "1"
      all["LOCKSTEP_INSTANCE"] = "vm/0"
      all["LOCKSTEP_DEPLOYMENT_JOB"] = "vm"
      return all
    }
    #expect(
      variables(sandbox, "held")
        == told("held:vm/0/app#held", ["LOCKSTEP_RELEASE_JOB": "app"])
    )
    #expect(variables(sandbox, "plain") == told("plain:vm/0#plain"))
    #expect(variables(sandbox, "wait") == told("plain:vm/0#wait"))
    #expect(variables(sandbox, "whole") == told("whole:#whole"))
  }

  @Test func handlersGetWhatFailedAndWhy() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    for job in ["a", "b", "c"] { try vm.releaseJob(job) }
    try sandbox.write(
      "p.plan",
      #"""
      plan p {
        default { timeout 1m }
        phase optional per instance {
          run "exit 9" as may-fail { optional }
          finally { run "echo \"$LOCKSTEP_FAILED_STEPS:$LOCKSTEP_REASON\"" as after-success }
        }
        phase work per instance {
          parallel {
            run "exit 3" as first
            run "kill -9 $$" as second
            run "true" as third
          }
          on failure { run "echo \"$LOCKSTEP_FAILED_STEPS\"" as told }
          finally { run "echo \"${LOCKSTEP_REASON%% *}\"" as why }
        }
        phase slow per instance { run "true" as never }
        finally {
          run "echo \"$LOCKSTEP_FAILED_STEPS\"; echo \"${LOCKSTEP_INSTANCE}\"" as whole
        }
      }
      """#
    )
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    #expect(vm.log("lockstep", "after-success.stdout") == ":succeeded\n")
    #expect(
      vm.log("lockstep", "told.stdout") == "work:vm/0#first work:vm/0#second\n"
    )
    #expect(["exit\n", "ended\n"].contains(vm.log("lockstep", "why.stdout") ?? ""))
    // A handler of the whole plan names what failed anywhere.
    #expect(
      vm.log("lockstep", "whole.stdout") == "work:vm/0#first work:vm/0#second\nvm/0\n"
    )
  }

  @Test func timeoutNamesWhatTimedOut() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("app")
    try sandbox.write(
      "p.plan",
      #"""
      plan p {
        phase work per instance {
          timeout 200ms
          run "exec sleep 1000" as long
          on failure {
            timeout 1m
            run "echo \"$LOCKSTEP_FAILED_STEPS: $LOCKSTEP_REASON\"" as told
          }
        }
      }
      """#
    )
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    #expect(vm.log("lockstep", "told.stdout") == "work:vm/0#long: timed out\n")
  }

  @Test func resumedRunContinuesToCountAttempts() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("app")
    try sandbox.write(
      "p.plan",
      #"""
      plan p {
        default { timeout 1m }
        phase work per instance {
          run "echo \"$LOCKSTEP_ATTEMPT $LOCKSTEP_RUN\"; exit $LOCKSTEP_ATTEMPT" as free { idempotent retry 1 }
          on failure { run "echo \"$LOCKSTEP_ATTEMPT $LOCKSTEP_REASON\"" as told { idempotent } }
        }
      }
      """#
    )
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    try sandbox.lockstep("resume", "--vm", "vm").expect(1)
    let run = try #require(vm.runs.first)
    #expect(
      vm.log("lockstep", "free.stdout") == (1...4).map { "\($0) \(run)\n" }.joined()
    )
    #expect(
      vm.log("lockstep", "told.stdout") == "1 exit status 2\n2 exit status 4\n"
    )
  }

  @Test func planCannotSetTheVariables() throws {
    let sandbox = try Sandbox()
    try sandbox.write(
      "p.plan",
      """
      plan p {
        env LOCKSTEP_RUN = "mine"
        phase work per instance { run "true" { timeout 1m } }
      }
      """
    )
    try sandbox.lockstep("check", "p.plan").expect(2)
      .complains("PLAN0411", "'LOCKSTEP_RUN' is set by Lockstep")
  }
}
