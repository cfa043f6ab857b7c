import TestSupport
import Testing

/// The order of steps, in real folders with real scripts.
@Suite(.waits) struct OrderTests {
  private static let scripts = ["pre-start", "post-start", "post-deploy"]

  private func vm(in sandbox: Sandbox) throws -> TestVM {
    let vm = try sandbox.vm()
    for releaseJob in ["nginx", "app", "postgres"] {
      try vm.releaseJob(releaseJob)
      for script in Self.scripts {
        try vm.script(
          releaseJob,
          script,
          "#!/bin/sh\n\(vm.note("\(script) begin"))\n\(vm.note("\(script) end"))\n"
        )
      }
    }
    return vm
  }

  @Test("BOSH 1.1, 1.2: every pre-start, then every post-start, then every post-deploy")
  func preStartThenPostStartThenPostDeploy() throws {
    let sandbox = try Sandbox()
    let vm = try vm(in: sandbox)
    let finished = try sandbox.lockstep("run", "bosh-deploy", "--vm", "vm").expect(0)
    finished.prints("bosh-deploy succeeded", "9 succeeded", "start barrier", "post-deploy barrier")
    #expect(finished.err.isEmpty)
    // By their scripts, the lines form three blocks.
    let order = vm.order.map { $0.split(separator: " ").first.map(String.init) ?? "" }
    #expect(order == Self.scripts.flatMap { Array(repeating: $0, count: 6) })
    var files = ["log/", "run/"]
    for releaseJob in ["app", "nginx", "postgres"] {
      files.append("log/\(releaseJob)/")
      for script in Self.scripts {
        files += ["stderr", "stdout"].map { "log/\(releaseJob)/\(script).\($0).log" }
      }
    }
    #expect(FileTree.paths(sandbox["vm/sys"]) == files.sorted())
  }

  @Test("BOSH 7.5: after a failed post-deploy the others still run")
  func otherPostDeploysRunAfterAFailedOne() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("a", ["post-deploy": "exit 1"])
    for name in ["b", "c"] { try vm.releaseJob(name, ["post-deploy": vm.note(name)]) }
    try sandbox.write("p.plan", "plan p { phase x { script post-deploy { timeout 1m } } }")
    // One at a time, so the others are still queued when the first one fails.
    try sandbox.lockstep("run", "p.plan", "--vm", "vm", "--parallel", "1").expect(1)
    #expect(vm.order == ["b", "c"])
  }

  @Test("BOSH 1.5, 2.6: a repeated run runs everything again, later, a post-deploy too")
  func secondRunRepeatsEverythingAndAppendsToTheLogs() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("web", ["pre-start": "echo hello; echo trouble >&2"])
    try sandbox.lockstep("run", "bosh-deploy", "--vm", "vm").expect(0)
    try sandbox.lockstep("run", "bosh-deploy", "--vm", "vm").expect(0)
    #expect(vm.log("web", "pre-start.stdout") == "hello\nhello\n")
    #expect(vm.log("web", "pre-start.stderr") == "trouble\ntrouble\n")
    #expect(FileTree.mode(vm.path + "/sys/log/web") == "750")
    #expect(FileTree.mode(vm.logPath("web", "pre-start.stdout")) == "640")
  }

  @Test("BOSH 2.3: all scripts of a phase start at once")
  func preStartsRunInParallel() throws {
    let sandbox = try Sandbox()
    let (arrived, go) = (try sandbox.fifo("arrived"), try sandbox.fifo("go"))
    let vm = try sandbox.vm()
    for releaseJob in ["a", "b", "c"] {
      try vm.releaseJob(
        releaseJob,
        ["pre-start": "echo \(releaseJob) > '\(arrived.path)'; read line < '\(go.path)'"]
      )
    }
    let run = try sandbox.start(["run", "bosh-deploy", "--vm", "vm"])
    // None is released before all three are running; one after another, they would never all run.
    #expect(try arrived.lines(3).sorted() == ["a", "b", "c"])
    try go.release(3)
    try run.finish().expect(0)
  }

  @Test func releaseJobsAreIndependentWithoutABarrier() throws {
    let sandbox = try Sandbox()
    let (arrived, go) = (try sandbox.fifo("arrived"), try sandbox.fifo("go"))
    let vm = try sandbox.vm()
    try vm.releaseJob("slow", ["pre-start": "read line < '\(go.path)'"])
    try vm.releaseJob(
      "quick",
      ["pre-start": "true", "post-start": "echo post-start > '\(arrived.path)'"]
    )
    try sandbox.write(
      "p.plan",
      "plan p { phase pre-start { script pre-start } phase post-start { script post-start } }"
    )
    let run = try sandbox.start(["run", "p.plan", "--vm", "vm"])
    #expect(try arrived.line() == "post-start")
    try go.release()
    try run.finish().expect(0)
  }

  @Test("BOSH 2.2: a release job without the script is skipped")
  func releaseJobWithoutTheScriptIsSkipped() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("web", ["pre-start": "exit 3"])
    try vm.releaseJob("idle", ["post-deploy": vm.note("post-deploy")])
    try vm.releaseJob("empty")
    try sandbox.write("p.plan", "plan p { phase pre-start { script pre-start } }")
    let finished = try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    finished.prints("1 of 1 pre-start script failed")
    #expect(FileTree.paths(sandbox["vm/sys/log"]).allSatisfy { $0.hasPrefix("web/") })
  }

  @Test("BOSH 2.2: nothing to run is success")
  func vmWithoutReleaseJobsHasNothingToDo() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.vm()
    let finished = try sandbox.lockstep("run", "bosh-deploy", "--vm", "vm").expect(0)
    finished.prints("bosh-deploy succeeded after ", ": there was nothing to do")
  }

  @Test func parallelAndSequenceDoWhatTheySay() throws {
    let sandbox = try Sandbox()
    let (arrived, go) = (try sandbox.fifo("arrived"), try sandbox.fifo("go"))
    _ = try sandbox.vm()
    let meet = { (name: String) in "echo \(name) > \(arrived.path); read line < \(go.path)" }
    try sandbox.write(
      "p.plan",
      """
      plan p {
        phase work per instance {
          parallel as both {
            run "\(meet("left"))" as left
            sequence as right {
              run "\(meet("right-1"))" as first
              run "\(meet("right-2"))" as second
            }
          }
          run "echo last > \(arrived.path)" as last
        }
      }
      """
    )
    let run = try sandbox.start(["run", "p.plan", "--vm", "vm"])
    #expect(try arrived.lines(2).sorted() == ["left", "right-1"])
    try go.release(2)
    #expect(try arrived.line() == "right-2")
    try go.release()
    #expect(try arrived.line() == "last")
    let finished = try run.finish().expect(0)
    finished.prints(
      "ok         work#left    vm/0",
      "ok         work#second  vm/0",
      "ok         work#last    vm/0"
    )
  }
}
