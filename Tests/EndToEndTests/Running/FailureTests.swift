import TestSupport
import Testing

/// What people read when a step has failed.
@Suite(.waits) struct FailureTests {
  private static let plan = """
    plan p {
      phase pre-start { script pre-start }
      barrier across instance
      phase post-start { script post-start }
      barrier across deployment
      phase post-deploy { script post-deploy }
    }
    """

  @Test(arguments: ["never", "always"])
  func lastLineFitsATerminal(color: String) throws {
    let sandbox = try Sandbox()
    let name = "plan-" + String(repeating: "n", count: 40)
    try sandbox.write(
      "p.plan",
      """
      plan \(name) {
        phase a per instance { when exists "nothing" run "true" }
        phase b per instance { run "exit 3" as three run "true" as next }
        finally { run "true" as last }
      }
      """
    )
    _ = try sandbox.vm()
    let run = try sandbox.start(["run", "p.plan", "--vm", "vm", "--color", color])
    let finished = try run.finish().expect(1)
    finished.checkManners(mayBeColored: color == "always")
    let words = withoutColors(finished.out).split(whereSeparator: \.isWhitespace)
    let counts = "1 succeeded, 1 failed, 1 skipped, 1 not started to resume"
    #expect(words.joined(separator: " ").contains(counts), finished.shown)
    if color == "always" { finished.prints("\u{1B}[1;31m\(name) failed\u{1B}[0m after ") }
  }

  @Test("BOSH 2.4: a failure stops no parallel step, and the number of failures is reported")
  func failureSaysWhatFailedAndWhatDidNotStart() throws {
    let sandbox = try Sandbox()
    try sandbox.write("p.plan", Self.plan)
    let vm = try sandbox.vm()
    for releaseJob in ["a", "b", "c"] {
      try vm.releaseJob(
        releaseJob,
        [
          "pre-start": releaseJob == "b" ? "echo no disk >&2; exit 3" : vm.note(releaseJob),
          "post-start": vm.note("post-start"),
          "post-deploy": vm.note("post-deploy"),
        ]
      )
    }
    let finished = try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    // Parallel steps still finish; nothing after the barrier starts.
    #expect(vm.order.sorted() == ["a", "c"])
    let report = """

      1 of 3 pre-start scripts failed

        pre-start:vm/0/b
          exit status 3
          its last lines on standard error:
            | no disk
          full log:
          \(vm.logPath("b", "pre-start.stderr"))
          not started because of it: 6 steps (3 of post-start, 3 of post-deploy)

      """
    finished.prints(report, "p failed after", ": 2 succeeded, 1 failed, 6 not started\n")
    #expect(finished.err.isEmpty)
  }

  @Test("BOSH 3.6: death by a signal is a failure")
  func failureNamesTheSignal() throws {
    let sandbox = try Sandbox()
    try sandbox.write("p.plan", Self.plan)
    let vm = try sandbox.vm()
    try vm.releaseJob("a", ["pre-start": "kill -SEGV $$"])
    let finished = try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    finished.prints("SIGSEGV", "it wrote nothing; its logs are")
  }

  @Test func scriptOutputIsMadeSafeForATerminal() throws {
    let sandbox = try Sandbox()
    try sandbox.write("p.plan", Self.plan)
    let vm = try sandbox.vm()
    let long = String(repeating: "long ", count: 60)
    try vm.releaseJob(
      "a",
      [
        "pre-start": #"printf '\033[2J\033]0;owned\007\n\000\377\302\233 \015\n\#(long)end\n' >&2"#
          + "; exit 1"
      ]
    )
    // `lockstep(…)` itself checks for control characters and width.
    let finished = try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    finished.prints("␛[2J␛]0;owned␇", "␀\u{FFFD}<U+9B> ␍", "| long long")
  }

  @Test func outputIsShownIfStandardErrorIsEmpty() throws {
    let sandbox = try Sandbox()
    try sandbox.write("p.plan", Self.plan)
    let vm = try sandbox.vm()
    try vm.releaseJob("a", ["pre-start": "echo out of disk; exit 1"])
    try vm.releaseJob("b", ["pre-start": "exit 1"])
    let finished = try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    finished.prints("standard output:\n      | out of disk\n", vm.logPath("a", "pre-start.stdout"))
    finished.prints("its logs are\n    \(vm.path)/sys/log/b/pre-start.{stdout,stderr}.log")
  }

  @Test func onlyLastLinesOfTheLastAttemptAreShown() throws {
    let sandbox = try Sandbox()
    try sandbox.write(
      "p.plan",
      "plan p { phase pre-start { script pre-start { retry 1 backoff 1ms } } }"
    )
    let vm = try sandbox.vm()
    let order = sandbox["order"]
    try vm.releaseJob(
      "a",
      [
        "pre-start": """
        echo try >> '\(order)'
        case $(grep -c . '\(order)') in
          1) echo first attempt >&2 ;;
          2) for i in 1 2 3 4 5 6 7 8; do echo "second attempt $i"; done >&2 ;;
        esac
        exit 1
        """
      ]
    )
    let finished = try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    finished.prints("| second attempt 8")
    #expect(!finished.out.contains("| second attempt 2"), finished.shown)
    #expect(!finished.out.contains("| first attempt"), finished.shown)
    // It now prints nothing, and older output is not mistaken for its own.
    let again = try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    again.prints("it wrote nothing; its logs are")
    #expect(!again.out.contains("| second attempt"), again.shown)
  }

  @Test func severalFailuresAreCountedByPhaseAndKind() throws {
    let sandbox = try Sandbox()
    try sandbox.write("p.plan", Self.plan)
    let vm = try sandbox.vm()
    for (index, releaseJob) in ["a", "b", "c", "d"].enumerated() {
      try vm.releaseJob(releaseJob, ["pre-start": "exit \(index)"])
    }
    let finished = try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    finished.prints("3 of 4 pre-start scripts failed", "exit status 1", "exit status 2")
    finished.prints("pre-start:vm/0/b", "pre-start:vm/0/c", "pre-start:vm/0/d")
  }

  @Test func failureNamesTheCommand() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.vm()
    try sandbox.write(
      "p.plan",
      """
      plan p {
        phase page per deployment { run "exit 2" { optional } }
        phase backup per instance { run "exit 1" as upload }
        barrier across deployment
        phase last per deployment { run "true" }
      }
      """
    )
    let finished = try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    finished.prints("1 of 1 upload command failed", "1 of 1 run-exit-2 command failed")
    finished.prints("\n  backup:vm/0\n", "\n  page\n", "1 step (1 of last)")
  }

  @Test(arguments: [
    ("finish", ["ends", "goes on", "last of its own"]), ("stop", ["ends"]), ("abort", []),
  ])
  func failurePolicyDecidesAboutOtherSteps(mode: String, order: [String]) throws {
    let sandbox = try Sandbox()
    let (arrived, go) = (try sandbox.fifo("arrived"), try sandbox.fifo("go"))
    let vm = try sandbox.vm()
    try sandbox.write(
      "p.plan",
      """
      plan p {
        phase work per instance {
          parallel {
            run "read line < \(go.path); exit 1" as fails
            sequence {
              run "echo here > \(arrived.path); read line < \(go.path).2; \(vm.note("ends"))" as ends
              run "\(vm.note("goes on"))" as goes-on
              run "\(vm.note("last of its own"))"
            }
          }
        }
      }
      """
    )
    let second = try sandbox.fifo("go.2")
    let run = try sandbox.start(["run", "p.plan", "--vm", "vm", "--on-failure", mode])
    _ = try arrived.line()
    try go.release()
    // When the line appears, the failure has already had its effect on other steps.
    try run.waitForLines(3)
    try second.release()
    let finished = try run.finish().expect(1)
    finished.prints("1 of 1 fails command failed")
    let isSaid = finished.out.contains("after the failure (--on-failure \(mode))\n")
    #expect(isSaid == (mode != "finish"), finished.shown)
    #expect(vm.order == order, finished.shown)
    sandbox.expectNoSurvivors()
  }

  @Test func failureOfAnOptionalStepIsReportedAndPasses() throws {
    let sandbox = try Sandbox()
    try sandbox.write(
      "p.plan",
      "plan p { phase pre-start { optional script pre-start } phase post-start { script post-start } }"
    )
    let vm = try sandbox.vm()
    try vm.releaseJob("a", ["pre-start": "exit 9", "post-start": vm.note("post-start")])
    let finished = try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(0)
    finished.prints("exit status 9", "p succeeded")
    #expect(vm.order == ["post-start"])
  }

  @Test func quietPrintsOnlyFailuresAndTheEnd() throws {
    let sandbox = try Sandbox()
    try sandbox.write("p.plan", Self.plan)
    let vm = try sandbox.vm()
    try vm.releaseJob("a", ["pre-start": "true"])
    let good = try sandbox.lockstep("run", "p.plan", "--vm", "vm", "--quiet").expect(0)
    #expect(good.out.split(separator: "\n").count == 1, good.shown)
    try vm.releaseJob("b", ["pre-start": "exit 1"])
    let bad = try sandbox.lockstep("run", "p.plan", "--vm", "vm", "--quiet").expect(1)
    bad.prints("1 of 2 pre-start scripts failed")
    #expect(!bad.out.contains("  ok  "), bad.shown)
  }
}
