import Glibc
import TestSupport
import Testing

/// Attempts after the first.
@Suite(.waits) struct RetryTests {
  private func sandbox(_ clauses: String, preStart: (TestVM) -> String) throws -> (Sandbox, TestVM)
  {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("web", ["pre-start": preStart(vm)])
    try sandbox.write("p.plan", "plan p { phase pre-start { script pre-start { \(clauses) } } }")
    return (sandbox, vm)
  }

  @Test("BOSH 12, retry: a step that fails first and then passes succeeds")
  func stepThatPassesOnRetrySucceeds() throws {
    let (sandbox, vm) = try sandbox("retry 5 backoff 1ms") { vm in
      "\(vm.note("try")); [ $(grep -c . '\(vm.sandbox["order"])') = 3 ]"
    }
    let finished = try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(0)
    #expect(vm.order == ["try", "try", "try"])
    finished.prints("retry      pre-start  vm/0/web  exit status 1; again in", "attempt 3")
    finished.prints("p succeeded", "1 succeeded")
  }

  @Test func stepFailsAfterItsLastAttempt() throws {
    let (sandbox, vm) = try sandbox("retry 2 backoff 1ms..2ms") { vm in
      "\(vm.note("try")); exit 7"
    }
    let finished = try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    #expect(vm.order == ["try", "try", "try"])
    finished.prints("exit status 7 after 3 attempts", "exit status 7, 3 attempts")
  }

  @Test(arguments: [("exit 75", 3), ("exit 76", 1), ("kill -9 $$", 1)])
  func onlyListedReasonsAreRetried(script: String, attempts: Int) throws {
    let (sandbox, vm) = try sandbox("retry 2 backoff 1ms only exit 75") { vm in
      "\(vm.note("try")); \(script)"
    }
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    #expect(vm.order.count == attempts)
  }

  @Test(arguments: [("exit 75", 1), ("kill -9 $$", 3)])
  func signalCanBeAListedReason(script: String, attempts: Int) throws {
    let (sandbox, vm) = try sandbox("retry 2 backoff 1ms only signal") { vm in
      "\(vm.note("try")); \(script)"
    }
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    #expect(vm.order.count == attempts)
  }

  @Test func failureToStartIsNotRetriedUnlessListed() throws {
    let (sandbox, vm) = try sandbox("retry 2 backoff 1ms only timeout") { vm in
      "\(vm.note("try")); exit 1"
    }
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    #expect(vm.order.count == 1)
  }

  @Test func randomPausesCanBeReproduced() throws {
    let (sandbox, _) = try sandbox("retry 1 backoff 30m..1h") { _ in "exit 1" }
    func retry(_ options: String...) throws -> String {
      let run = try sandbox.start(["run", "p.plan", "--vm", "vm"] + options)
      try run.waitForLines(2)
      try run.signal(SIGTERM)
      let lines = try run.finish().expect(143).out.split(separator: "\n")
      return String(lines[1].dropFirst("hh:mm:ss".count))
    }
    let first = try retry("--seed", "7")
    #expect(first.contains("exit status 1; again in"))
    #expect(try retry("--seed=7") == first)
    let others = Set(try (1...4).map { try retry("--seed", "\($0)") })
    #expect(others.count > 1)
    for wrong in ["-1", "x", ""] {
      try sandbox.lockstep("run", "p.plan", "--vm", "vm", "--seed", wrong).expect(2)
        .complains("'--seed' takes a number from 0 to")
    }
  }

  @Test func defaultRetryDoesNotApplyToAPlainCommand() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try sandbox.write(
      "p.plan",
      """
      plan p {
        default { retry 3 backoff 1ms }
        phase once per instance { run "\(vm.note("once")); exit 1" { optional } }
        phase often per instance { run "\(vm.note("often")); exit 1" { idempotent } }
      }
      """
    )
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    #expect(vm.order.sorted() == ["often", "often", "often", "often", "once"])
  }
}
