import Analysis
import Execution
import Glibc
import Journal
import PlanGraph
import PlanLanguage
import TestSupport
import Testing

/// A rehearsed run, and a real one in which the scripts do the same, have the same events.
///
/// Durations are not compared, and neither is the order of independent events.
@Suite(.waits) struct SameTraceTests {
  /// What a script does, and how the rehearsal describes it.
  struct MadeUp: Sendable {
    var releaseJob: String
    var script: String
    /// Empty for all.
    var attempts: [Int] = []
    var effect: Scenario.Effect
    /// Whether the test waits until a script is stuck, as for one that hangs.
    var isToArrive = false

    fileprivate func command(_ arrived: String) -> String {
      switch effect {
      case .isStuck where isToArrive:
        "trap '' TERM; echo here > '\(arrived)'; while :; do sleep 0.05; done"
      case .fails: "exit 1"
      case .exits(let status): "exit \(status)"
      case .dies(let signal): "kill -\(signal) $$"
      case .hangs: "echo here > '\(arrived)'; exec sleep 1000"
      case .isStuck: "trap '' TERM; while :; do sleep 1000; done"
      case .takes: "sleep 0.2"
      }
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var madeUp: [MadeUp]
    var outcome: RunOutcome
    var mode = RunPolicy.FailureMode.finish
    /// Whether the file exists that a step and a block check for.
    var isThere = true
    /// The signals that stop the run when a step hangs.
    var signals: [Int32] = []
    /// Whether a block with several steps is.
    var isTriedAgain = false
  }

  private static func plan(_ timeout: String) -> String {
    """
    plan shop {
      default { timeout 1m }
      phase pre-start { script pre-start { retry 2 backoff 10ms..50ms only exit 75, signal } }
      barrier across instance
      phase work per instance {
        retry 1
        parallel {
          run "true" as left { idempotent }
          run "false" as right { idempotent optional }
        }
        on failure { run "true" as alarm { idempotent } }
        finally { run "true" as tidy { idempotent } }
      }
      phase guarded {
        sequence {
          script check { timeout \(timeout) grace 30s }
          script use
          on failure { run "true" as undo }
        }
        finally { run "true" as close }
      }
      phase again {
        sequence {
          retry 2 backoff 10ms
          script fetch
          script unpack { timeout \(timeout) grace 200ms }
        }
      }
      phase asked {
        script ask { when exists "flag" }
        sequence { when exists "flag"
          script inside
        }
      }
      phase post-start { script post-start }
      finally { run "true" as bye }
    }
    """
  }

  private static let releaseJobs = ["a", "b", "c"]
  private static let scripts = [
    "pre-start", "check", "use", "fetch", "unpack", "ask", "inside", "post-start",
  ]

  static let cases = [
    Case(testDescription: "nothing", madeUp: [], outcome: .succeeded),
    Case(
      testDescription: "attempts that fail, and others that do not",
      madeUp: [
        MadeUp(releaseJob: "a", script: "pre-start", attempts: [1], effect: .exits(75)),
        MadeUp(releaseJob: "a", script: "pre-start", attempts: [2], effect: .dies(9)),
        MadeUp(releaseJob: "c", script: "pre-start", attempts: [1], effect: .dies(15)),
      ],
      outcome: .succeeded
    ),
    Case(
      testDescription: "a failure that is not retried",
      madeUp: [MadeUp(releaseJob: "b", script: "pre-start", effect: .exits(3))],
      outcome: .failed
    ),
    Case(
      testDescription: "a failure that is tried as often as may be",
      madeUp: [
        MadeUp(releaseJob: "b", script: "pre-start", effect: .exits(75)),
        MadeUp(releaseJob: "a", script: "pre-start", effect: .takes(.milliseconds(200))),
      ],
      outcome: .failed
    ),
    Case(
      testDescription: "a hang until its time is over, with handlers",
      madeUp: [
        MadeUp(releaseJob: "a", script: "check", effect: .hangs),
        MadeUp(releaseJob: "b", script: "use", effect: .dies(11)),
      ],
      outcome: .failed
    ),
    Case(
      testDescription: "a failure after which nothing else starts",
      madeUp: [MadeUp(releaseJob: "b", script: "pre-start", effect: .fails)],
      outcome: .failed,
      mode: .stop
    ),
    Case(
      testDescription: "a block that is retried, with a step that ignores TERM",
      madeUp: [
        MadeUp(releaseJob: "a", script: "fetch", attempts: [1], effect: .exits(9)),
        MadeUp(releaseJob: "b", script: "unpack", attempts: [1], effect: .isStuck),
        MadeUp(releaseJob: "c", script: "unpack", effect: .fails),
      ],
      outcome: .failed,
      isTriedAgain: true
    ),
    Case(
      testDescription: "conditions that do not hold",
      madeUp: [MadeUp(releaseJob: "a", script: "post-start", effect: .takes(.milliseconds(200)))],
      outcome: .succeeded,
      isThere: false
    ),
    Case(
      testDescription: "a run that is stopped while a step hangs",
      madeUp: [MadeUp(releaseJob: "b", script: "post-start", effect: .hangs)],
      outcome: .cancelled(signal: 15),
      signals: [SIGTERM]
    ),
    Case(
      testDescription: "a run that is stopped twice while a step ignores it",
      madeUp: [
        MadeUp(releaseJob: "b", script: "post-start", effect: .isStuck, isToArrive: true)
      ],
      outcome: .cancelled(signal: 15),
      signals: [SIGTERM, SIGINT]
    ),
    Case(
      testDescription: "a run that is stopped twice in a block with handlers",
      madeUp: [MadeUp(releaseJob: "a", script: "use", effect: .isStuck, isToArrive: true)],
      outcome: .cancelled(signal: 2),
      signals: [SIGINT, SIGTERM]
    ),
  ]

  @Test(arguments: cases)
  func rehearsedAndRealRunHaveTheSameEvents(_ what: Case) throws {
    try withGrowingTimeout { try rehearsedAndRealRunHaveTheSameEvents(what, timeout: $0) }
  }

  /// Returns false if the machine was too slow: a step timed out or ended before it had done what
  /// the case describes.
  private func rehearsedAndRealRunHaveTheSameEvents(_ what: Case, timeout: String) throws -> Bool {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    let arrived = try Fifo(sandbox["arrived"])
    for name in Self.releaseJobs {
      try vm.releaseJob(name)
      for script in Self.scripts {
        try vm.script(name, script, Self.text(what.madeUp, name, script, vm))
      }
    }
    let path = try sandbox.write("shop.plan", Self.plan(timeout))
    if what.isThere { try sandbox.write("vm/flag", "") }
    let running = try sandbox.start([
      "run", path, "--vm", "vm", "--supervisor", "ctl", "--seed", "7",
      // One at a time if something ends the rest; otherwise it is open which others had begun.
      "--parallel", what.mode == .stop || !what.signals.isEmpty ? "1" : "8", "--on-failure",
      what.mode.rawValue,
    ])
    if !what.signals.isEmpty { _ = try arrived.line() }
    for signal in what.signals {
      try running.signal(signal)
      try running.waitFor(signal == SIGINT ? "SIGINT: " : "SIGTERM: ")
    }
    let status: Int32 =
      switch what.outcome {
      case .succeeded: 0
      case .failed: 1
      case .cancelled(let signal): 128 + signal
      }
    let finished = try running.finish()
    let contents = try JournalContents(Array(vm.journal().utf8))
    let graph = try Self.graph(timeout)
    for step in contents.header.steps { #expect(graph.name(step.node) == step.name) }

    var real = Trace()
    var run = Run(graph, policy: contents.header.policy)
    try contents.forEachEvent(graph) { entry, _ in
      real.add(entry.event, run.handle(entry.event, at: entry.moment))
    }
    var scenario = Scenario()
    scenario.changes = what.madeUp.map { madeUp in
      let pattern = StepPattern("\(madeUp.script):vm/0/\(madeUp.releaseJob)")
      let nodes =
        graph.steps(named: pattern).isEmpty
        ? graph.steps(named: StepPattern("*:vm/0/\(madeUp.releaseJob)#script-\(madeUp.script)"))
        : graph.steps(named: pattern)
      return Scenario.Change(nodes, madeUp.effect, attempts: Set(madeUp.attempts))
    }
    scenario.cancellations = what.signals.enumerated().map { count, signal in
      (.seconds(30) + .milliseconds(count), signal)
    }
    if !what.isThere { scenario.refused = Self.asked(graph) }
    let right = graph.steps(named: StepPattern("right"))
    scenario.changes.append(Scenario.Change(right, .exits(1)))
    #expect(scenario.changes.allSatisfy { $0.nodes.count == 1 })
    let rehearsal = Rehearsal(
      graph,
      policy: contents.header.policy,
      times: StepDurations(standard: .milliseconds(10)).times(in: graph),
      scenario: scenario
    )
    var imagined = Trace()
    for entry in rehearsal.trace {
      if case .event(let event, let actions) = entry.occurrence { imagined.add(event, actions) }
    }

    // Otherwise a step that does not hang took too long, or the hanging one had not set its trap
    // yet.
    guard real.timersFired == imagined.timersFired else { return false }
    finished.expect(status)
    #expect(run.outcome == what.outcome)
    #expect(rehearsal.ending == .finished(what.outcome))
    for node in graph.nodes.indices {
      #expect(run[node] == rehearsal.run[node], "\(graph.name(node))")
      #expect(run.attempts(of: node) == rehearsal.run.attempts(of: node), "\(graph.name(node))")
      #expect(real.ofNode[node] == imagined.ofNode[node], "\(graph.name(node))")
    }
    #expect(real.ofBlocks == imagined.ofBlocks)
    #expect(real.announced == imagined.announced)
    #expect(run.enteredHandlers == rehearsal.run.enteredHandlers)
    // In a block that is retried, the first step begins again after the last one.
    if !what.isTriedAgain {
      for trace in [real, imagined] { Self.expectOrder(trace, graph) }
    }
    return true
  }

  /// The steps and blocks whose conditions the machine answers.
  private static func asked(_ graph: Graph) -> Set<NodeID> {
    Set(
      graph.nodes.indices.filter { node in
        switch graph[node].kind {
        case .step: graph.step(node)?.condition != nil
        case .blockBegin: graph.template(graph[node].block).condition != nil
        case .blockEnd, .join, .barrier: false
        }
      }
    )
  }

  /// What waits for a step begins when the step is over.
  private static func expectOrder(_ trace: Trace, _ graph: Graph) {
    var before: Table<NodeID, Set<NodeID>> = []
    for node in graph.nodes.indices {
      var all: Set<NodeID> = []
      for predecessor in graph.predecessors(node) {
        all.formUnion(before[predecessor])
        all.insert(predecessor)
      }
      before.append(all)
      guard let start = trace.firstStart[node] else { continue }
      for earlier in all {
        guard let end = trace.lastEnd[earlier] else { continue }
        #expect(end < start, "\(graph.name(earlier)) before \(graph.name(node))")
      }
    }
  }

  private static func graph(_ timeout: String) throws -> Graph {
    let site = Site(
      discovered: Site.Discovered(deploymentJob: "vm", instance: "0", releaseJobs: releaseJobs),
      facts: [:],
      hasScript: { _, _, _ in true },
      hasProcesses: { _, _ in false }
    )
    let parsed = Parser.parse(SourceFile(name: "shop.plan", text: plan(timeout)))
    return try #require(GraphBuilder.build(BuildInput(plan: parsed.tree, site: site)).graph)
  }

  /// A script that counts its attempts and does what the case says for each.
  private static func text(
    _ madeUp: [MadeUp],
    _ releaseJob: String,
    _ script: String,
    _ vm: TestVM
  ) -> String {
    var text = """
      #!/bin/sh
      count='\(vm.sandbox["\(releaseJob)-\(script)"])'
      echo x >> "$count"
      n=$(wc -l < "$count")

      """
    for one in madeUp where one.releaseJob == releaseJob && one.script == script {
      if one.attempts.isEmpty { text += one.command(vm.sandbox["arrived"]) + "\n" }
      for attempt in one.attempts {
        text += "[ $n -ne \(attempt) ] || { \(one.command(vm.sandbox["arrived"])); }\n"
      }
    }
    return text + "exit 0\n"
  }
}

/// What happened in a run, without times and processes.
private struct Trace {
  /// By step: its events in order.
  private(set) var ofNode: [NodeID: [Event]] = [:]
  /// The events of blocks and of the whole run, as text, sorted.
  private(set) var ofBlocks: [String] = []
  /// What was announced, sorted.
  private(set) var announced: [String] = []
  /// How often a step's timeout or its grace expired.
  private(set) var timersFired = 0
  private(set) var firstStart: [NodeID: Int] = [:]
  private(set) var lastEnd: [NodeID: Int] = [:]
  private var count = 0

  mutating func add(_ event: Event, _ actions: [Action]) {
    count += 1
    for case .announce(let announcement) in actions { announced.append("\(announcement)") }
    announced.sort()
    switch event {
    case .fired(.timeout), .fired(.grace): timersFired += 1
    default: break
    }
    switch event {
    case .started(let node, let attempt, _):
      ofNode[node, default: []].append(.started(node, attempt: attempt, process: nil))
      firstStart[node] = firstStart[node] ?? count
    case .ended(let node, _, _):
      ofNode[node, default: []].append(event)
      lastEnd[node] = count
    case .fired(.timeout(let node)), .fired(.grace(let node)), .fired(.backoff(let node)),
      .answered(let node, _), .assumed(let node, _):
      ofNode[node, default: []].append(event)
    default:
      ofBlocks.append("\(event)")
      ofBlocks.sort()
    }
  }
}
