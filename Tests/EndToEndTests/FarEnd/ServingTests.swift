import Execution
import PlanGraph
import TestSupport
import Testing
import Wire

/// What a far end does as long as the connection is there.
@Suite(.waits) struct ServingTests {
  @Test func helloIsAnsweredWithWhatTheVMIs() throws {
    let world = try FarWorld("phase a per instance { run \"true\" as a { idempotent } }")
    let link = try FarLink(world.sandbox)
    try link.send(world.hello(), .ping)
    let report = try link.wait { if case .welcome(let report) = $0 { report } else { nil } }
    #expect(report.path == world.vm.path)
    #expect(!report.isPlain && !report.hasSpec && report.freeBytes > 0 && report.time > 0)
    #expect(
      report.releaseJobs == [
        VMReport.ReleaseJob(name: "nginx", scripts: ["drain", "pre-start"], hasProcesses: false)
      ]
    )
    #expect(report.logsPath == "sys/log")
    #expect(report.recordsPath == "\(world.vm.path)/data/lockstep")
    try link.wait(for: .pong)
    try link.finish().expect(0)
    #expect(!world.sandbox.exists("vm/data"), "nothing was written")
  }

  @Test func otherVersionIsRefusedWithBothVersions() throws {
    let sandbox = try Sandbox()
    let link = try FarLink(sandbox)
    try link.send(.hello(NearMessage.Hello(version: 77, root: nil, run: nil)))
    let words = try link.wait { if case .failed(let words) = $0 { words } else { nil } }
    #expect(words.contains("version \(WireProtocol.version)") && words.contains("version 77"))
    _ = try link.finish()
  }

  @Test func faultyFolderIsRefused() throws {
    let sandbox = try Sandbox()
    let link = try FarLink(sandbox)
    try link.send(.hello(NearMessage.Hello(root: sandbox["nowhere"], run: nil)))
    let problems = try link.wait { if case .refused(let found) = $0 { found } else { nil } }
    #expect(problems.map(\.what) == ["does not exist"])
    _ = try link.finish()
  }

  @Test func terminalIsNoCoordinator() throws {
    let sandbox = try Sandbox()
    try sandbox.lockstep("serve", stdout: .terminal).expect(2)
    #expect(try sandbox.lockstep("serve", "--protocol").expect(0).out == "1\n")
  }

  @Test func everyKindOfStepIsDone() throws {
    let world = try FarWorld(
      """
      phase a per instance {
        run "echo out; echo err >&2; echo ran >> order" as a { idempotent }
        wait file "order" as b
        start as c { settle 0s }
        # The program that starts it is still looking whether it is there.
        run "while pgrep -f $PWD/jobs/nginx/bin/[c]tl; do sleep 0.01; done" as i { idempotent }
        script pre-start as d
        drain as e
        stop as f
        run "exit 7" as g
        run "kill -9 $$" as h { idempotent }
      }
      """
    ) {
      try $0.releaseJobWithDaemon("nginx", ["pre-start": $0.note("pre-start"), "drain": "echo 0"])
    }
    let (link, underWay) = try world.connect()
    #expect(underWay.isEmpty)
    let results: KeyValuePairs<String, AttemptResult> = [
      "a": .exited(0), "b": .exited(0), "c": .exited(0), "i": .exited(0), "d": .exited(0),
      "e": .exited(0), "f": .exited(0), "g": .exited(7), "h": .signalled(9),
    ]
    for (name, result) in results {
      let nodes = world.graph.nodes.indices.filter {
        world.graph[$0].kind == .step && world.graph.name($0).hasSuffix("#\(name)")
      }
      for node in nodes {
        try link.send(.start(node, attempt: 1, cause: nil))
        let end = try link.end(of: node)
        #expect(end.result == result, "\(name)")
        #expect(end.took != nil)
      }
    }
    #expect(world.sandbox.lines("vm/order") == ["ran"])
    #expect(world.vm.order == ["start nginx", "pre-start", "stop nginx"])
    try link.send(.tail(try world.node("a")))
    let tail = try link.wait { if case .tail(_, let tail) = $0 { tail } else { nil } }
    #expect(tail.path == "\(world.vm.path)/sys/log/lockstep/a")
    #expect(
      tail.isKnown && tail.stdout == Array("out\n".utf8) && tail.stderr == Array("err\n".utf8)
    )
    try world.finish(link)
  }

  @Test func questionsAreAnsweredForStepsThatAreElsewhere() throws {
    let world = try FarWorld("phase a per instance { run \"true\" as a { idempotent } }")
    let link = try FarLink(world.sandbox)
    try link.send(world.hello())
    try link.send(.ask(NodeID(900), .exists("jobs")), .ask(NodeID(901), .not(.exists("jobs"))))
    try link.wait(for: .answered(NodeID(900), true))
    try link.wait(for: .answered(NodeID(901), false))
    try link.finish().expect(0)
  }

  @Test func planIsCheckedOnTheVM() throws {
    let world = try FarWorld(
      """
      phase a per instance {
        script pre-start as good
        script missing as bad
      }
      """
    )
    let link = try FarLink(world.sandbox)
    try link.send(world.hello())
    for part in try world.parts() { try link.send(.plan(part)) }
    let (good, bad) = (try world.node("good"), try world.node("bad"))
    try link.send(.check(supervisor: "ctl", leavingOut: []))
    let (problems, scripts) = try link.wait { message in
      if case .checked(let problems, let scripts) = message { (problems, scripts) } else { nil }
    }
    #expect(problems.map(\.path) == ["\(world.vm.path)/jobs/nginx/bin/missing"])
    #expect(Array(scripts.keys) == [good])
    try link.send(.check(supervisor: "ctl", leavingOut: [bad]))
    try link.wait(for: .checked([], scripts: scripts))
    try link.finish().expect(0)
  }

  @Test func attemptAskedForTwiceIsStartedOnce() throws {
    let world = try FarWorld(
      """
      phase a per instance {
        run "echo a >> order; read line < go" as a { idempotent }
        run "echo b >> order; exit 3" as b
      }
      """
    )
    let go = try world.sandbox.fifo("vm/go")
    let (link, _) = try world.connect()
    let (a, b) = (try world.node("a"), try world.node("b"))
    try link.send(.start(a, attempt: 1, cause: nil))
    let process = try link.start(of: a)
    try link.send(.start(a, attempt: 1, cause: nil), .recover(a, attempt: 1))
    #expect(try link.start(of: a) == process)
    #expect(try link.start(of: a) == process)
    try go.release()
    let end = try link.end(of: a)
    try link.send(.start(a, attempt: 1, cause: nil), .recover(a, attempt: 1))
    #expect(try link.end(of: a) == end)
    #expect(try link.end(of: a) == end)
    for _ in 0..<2 {
      try link.send(.start(b, attempt: 1, cause: nil))
      #expect(try link.end(of: b).result == .exited(3))
    }
    #expect(world.sandbox.lines("vm/order") == ["a", "b"])
    try link.send(.start(a, attempt: 2, cause: nil))
    try link.start(of: a, 2)
    try link.send(.terminate(a))
    #expect(try link.end(of: a, 2).result == .signalled(15))
    try world.finish(link)
  }

  @Test func stepIsToldWhatItsHandlerIsFor() throws {
    let world = try FarWorld(
      "phase a per instance { run \"env | grep ^LOCKSTEP | sort > told\" as a { idempotent } }"
    )
    let (link, _) = try world.connect()
    let cause = HandlerCauseWords(failedSteps: "a:web/0#x", reason: "exit status 1")
    try link.send(.start(try world.node("a"), attempt: 4, cause: cause))
    #expect(try link.end(of: try world.node("a"), 4).result == .exited(0))
    #expect(
      world.sandbox.lines("vm/told") == [
        "LOCKSTEP_ATTEMPT=4", "LOCKSTEP_DEPLOYMENT_JOB=web", "LOCKSTEP_FAILED_STEPS=a:web/0#x",
        "LOCKSTEP_INSTANCE=web/0", "LOCKSTEP_PLAN=p", "LOCKSTEP_REASON=exit status 1",
        "LOCKSTEP_RUN=\(FarWorld.run)", "LOCKSTEP_STEP=a:web/0#a",
      ]
    )
    try world.finish(link)
  }

  @Test func lockKeepsOtherRunsAway() throws {
    let world = try FarWorld("phase a per instance { run \"read line < go\" as a }")
    let go = try world.sandbox.fifo("vm/go")
    let (link, _) = try world.connect()
    let a = try world.node("a")
    try link.send(.start(a, attempt: 1, cause: nil))
    try link.start(of: a)
    try world.sandbox.write("q.plan", "plan q { phase q per instance { run \"true\" as q } }\n")
    try world.sandbox.lockstep("run", "q.plan", "--vm", "vm").expect(3).complains(
      "for a run that is coordinated from another machine",
      "run \(FarWorld.run) of the plan p, coordinated from \(FarWorld.coordinator), is not over",
      "a:web/0#a still runs, as process"
    )
    let other = try FarLink(world.sandbox)
    try other.send(world.hello(), .lock(patience: .seconds(60)), .ping)
    _ = try other.wait { if case .waiting(let words) = $0 { words } else { nil } }
    try go.release()
    #expect(try link.end(of: a).result == .exited(0))
    try link.send(.finish(isOver: true))
    try link.wait(for: .finished)
    // The run is over here, so the next one need not wait for the end of the process.
    try other.wait(for: .locked)
    try link.finish().expect(0)
    try other.finish().expect(0)
    world.expectNothingLeft()
  }
}
