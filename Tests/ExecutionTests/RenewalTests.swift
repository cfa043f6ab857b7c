import Analysis
import Clock
import Execution
import Journal
import PlanGraph
import PlanLanguage
import TestSupport
import Testing

/// Steps that have passed and run again when a run is resumed, because time or a reboot may have
/// undone their results.
@Suite struct RenewalTests {
  /// A plan in which one step fails at first, and the steps that are started after a resume, in
  /// order.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    /// The contents of `plan p { … }`, next to a deployment job `d` with the release job `a`.
    var plan: String
    /// The steps, by name within their phase, that fail in the first round; usually `left`.
    var failing: Set<String> = ["left"]
    var time: [String]
    var reboot: [String]
    var testDescription: String { name }
  }

  private static let lifecycle = """
    phase p1 { script pre-start }
    barrier across instance
    phase p2 { start as up }
    barrier across instance
    phase p3 { script post-start }
    """

  private static let restart = """
    phase q1 { script pre-stop }
    barrier across instance
    phase q2 per instance { unmonitor as un }
    phase q3 { drain ["job_shutdown", "hash_unchanged", ""] as dr }
    barrier across instance
    phase q4 per instance { stop as down }
    phase q5 { script post-stop }
    barrier across instance
    """ + "\n" + lifecycle

  private static let cases: [Case] = [
    Case(
      name:
        "a start runs again before what relies on it, and after a reboot so does its pre-start",
      plan: lifecycle,
      failing: ["script-post-start"],
      time: ["up", "script-post-start"],
      reboot: ["script-pre-start", "up", "script-post-start"]
    ),
    Case(
      name: "a step that nothing left relies on does not run again",
      plan: "phase p per instance { parallel { start as up run \"x\" as left { idempotent } } }",
      time: ["left"],
      reboot: ["left"]
    ),
    Case(
      name: "a restart that had reached its starts does not stop again",
      plan: restart,
      failing: ["script-post-start"],
      time: ["up", "script-post-start"],
      reboot: ["script-pre-start", "up", "script-post-start"]
    ),
    Case(
      name: "a restart that had started nothing yet stops again",
      plan: restart,
      failing: ["script-pre-start"],
      time: ["un", "down", "script-pre-start", "up", "script-post-start"],
      reboot: [
        "script-pre-stop", "un", "dr", "down", "script-post-stop", "script-pre-start", "up",
        "script-post-start",
      ]
    ),
    Case(
      name: "a step that relies on stopped processes has them stopped again, and keeps its work",
      plan: """
        phase p per instance {
          stop as down run "x" as backup run "x" as upload { idempotent } start as up
        }
        """,
      failing: ["upload"],
      time: ["down", "upload", "up"],
      reboot: ["down", "upload", "up"]
    ),
    Case(
      name: "a start that a stop has undone on purpose is not renewed",
      plan: """
        phase p per instance {
          start as up run "x" as migrate stop as down run "x" as backup { idempotent }
        }
        """,
      failing: ["backup"],
      time: ["down", "backup"],
      reboot: ["down", "backup"]
    ),
    Case(
      name: "a wait waits again, and one for what was before a start does not",
      plan: """
        phase p per instance {
          wait command ["old-is-gone"] as before start as up wait tcp "127.0.0.1:9" as after
          run "x" as left { idempotent }
        }
        """,
      time: ["up", "after", "left"],
      reboot: ["before", "up", "after", "left"]
    ),
    Case(
      name: "a block that has passed is gone on with, and its finally runs again",
      plan: """
        phase p per instance {
          sequence as s { start as up run "x" as once
            finally { run "x" as always { idempotent } } }
          run "x" as left { idempotent }
        }
        """,
      time: ["up", "always", "left"],
      reboot: ["up", "always", "left"]
    ),
    Case(
      name: "a start in a finally is renewed, and the stop before it is not",
      plan: """
        phase p per instance { stop as down run "x" as backup finally { start as up } }
        phase q per instance { run "x" as left { idempotent } }
        """,
      time: ["up", "left"],
      reboot: ["up", "left"]
    ),
    Case(
      name: "a second start is not a turn, and both starts run again",
      plan: """
        phase p per instance {
          stop as down start as up run "x" as once start as up-again run "x" as left { idempotent }
        }
        """,
      time: ["up", "up-again", "left"],
      reboot: ["up", "up-again", "left"]
    ),
    Case(
      name: "stopping a unit is not a turn of another unit that is started",
      plan: """
        phase p per instance {
          stop unit a as a-down start unit b as b-up run "x" as left { idempotent }
        }
        """,
      time: ["a-down", "b-up", "left"],
      reboot: ["a-down", "b-up", "left"]
    ),
    Case(
      name: "a unit turns with each step that names it, among others or alone",
      plan: """
        phase p per instance {
          stop unit a, b as both-down run "x" as between { idempotent } start unit c as c-up
          start unit b as b-up run "x" as left { idempotent }
        }
        """,
      time: ["c-up", "b-up", "left"],
      reboot: ["c-up", "b-up", "left"]
    ),
    Case(
      name: "units and the processes of release jobs do not turn each other",
      plan: """
        phase p per instance {
          start as up stop unit a as a-down start unit a as a-up run "x" as left { idempotent }
        }
        """,
      time: ["up", "a-up", "left"],
      reboot: ["up", "a-up", "left"]
    ),
    Case(
      name: "a start of units does not bring back the pre-start of a release job",
      plan: """
        phase p1 { script pre-start }
        barrier across instance
        phase p2 per instance {
          start as up stop as down start unit a as a-up run "x" as left { idempotent }
        }
        """,
      time: ["down", "a-up", "left"],
      reboot: ["down", "a-up", "left"]
    ),
    Case(
      name: "after a reboot everything that may run twice runs again, and nothing else",
      plan: """
        phase p per instance {
          run "x" as mount { idempotent } run "x" as once run "x" as left { idempotent }
        }
        """,
      time: ["left"],
      reboot: ["mount", "left"]
    ),
  ]

  private static func graph(_ body: String) throws -> Graph {
    let text = "plan p { deployment-job d { release-jobs a } \(body) }"
    let parsed = Parser.parse(SourceFile(name: "p.plan", text: text))
    let built = GraphBuilder.build(BuildInput(plan: parsed.tree, site: .unknown))
    let errors = (parsed.diagnostics + built.diagnostics).filter { $0.severity == .error }
    return try #require(built.graph, "\(errors.map(\.message))")
  }

  /// A plan with a start and a step that relies on it.
  private static func startAndStep() throws -> (Graph, up: NodeID, left: NodeID) {
    let graph = try graph("phase p per instance { start as up run \"x\" as left { idempotent } }")
    let steps = WrittenRecords.steps(in: graph)
    return (graph, try #require(steps["up"]), try #require(steps["left"]))
  }

  /// A run of a plan after its first round, in which some steps have failed.
  private static func firstRound(_ graph: Graph, failing: Set<String>) -> Run {
    var run = Run(graph, policy: RunPolicy())
    _ = drive(&run, by: .began, failing: failing)
    return run
  }

  /// The steps that a round starts, in order; some of them fail.
  private static func drive(
    _ run: inout Run,
    by event: Event,
    failing: Set<String> = []
  ) -> [String] {
    let graph = run.graph
    let world = Simulator.World(attempt: { node, _ in
      let isBad = failing.contains(graph.step(node)?.name ?? "")
      return SimulatedAttempt(duration: .seconds(1), result: .exited(isBad ? 1 : 0))
    })
    var simulator = Simulator(graph, world)
    var gated = GatedRun(run)
    _ = simulator.drive(&gated, by: [event])
    run = gated.run
    return simulator.trace.compactMap {
      guard case .performed(.start(let node, _, _)) = $0.occurrence else { return nil }
      return graph.step(node)?.name
    }
  }

  @Test(arguments: cases)
  func `a passed step runs again if something left relies on it`(_ example: Case) throws {
    let graph = try Self.graph(example.plan)
    for lapse in Lapse.allCases {
      var run = Self.firstRound(graph, failing: example.failing)
      let outlook = run.outlook(after: lapse).compactMap { node, outlook -> String? in
        if case .askedAgain = outlook { graph.step(node)?.name } else { nil }
      }
      let started = Self.drive(&run, by: .resumed(lapse))
      #expect(run.outcome == .succeeded)
      switch lapse {
      case .nothing: #expect(outlook.isEmpty)
      case .time: #expect(started == example.time)
      case .reboot: #expect(started == example.reboot)
      }
      // The outlook predicts what happens.
      #expect(Set(outlook).isSubset(of: started))
    }
  }

  @Test func `a renewed step that fails blocks the rest, and nothing is forgotten`()
    throws
  {
    let graph = try Self.graph(
      """
      phase p per instance { start as up run "x" as once run "x" as left { idempotent } }
      phase q per instance { run "x" as last }
      """
    )
    var run = Self.firstRound(graph, failing: ["left"])
    #expect(Self.drive(&run, by: .resumed(.reboot), failing: ["up"]) == ["up"])
    #expect(run.outcome == .failed)
    let states = Dictionary(
      graph.nodes.indices.compactMap { node in graph.step(node).map { ($0.name, run[node]) } },
      uniquingKeysWith: { first, _ in first }
    )
    // It is known to have succeeded, although its turn did not come again.
    #expect(states["once"] == .succeeded && states["up"] == .failed && states["left"] == .blocked)
    #expect(run.doubtful().isEmpty)
    #expect(Self.drive(&run, by: .resumed(.time)) == ["up", "left", "last"])
    #expect(run.outcome == .succeeded)
  }

  @Test func `an old record of a resume is read as it was meant`() throws {
    let graph = try Self.graph(Self.lifecycle)
    for (line, event) in [
      ("1.000000000 resumed", Event.resumed(.nothing)),
      ("1.000000000 resumed time", .resumed(.time)),
      ("1.000000000 resumed reboot", .resumed(.reboot)),
    ] {
      let bytes = Array(line.utf8)
      #expect(bytes.withUnsafeBytes { EventRecord.read($0, graph)?.1 } == event)
      var written: [UInt8] = []
      EventRecord.append(event, at: Instant(nanoseconds: 1_000_000_000), graph, to: &written)
      #expect(written == bytes)
    }
  }

  @Test func `an audit accuses a run that continued without renewing a start`() throws {
    let (graph, up, left) = try Self.startAndStep()
    let before: [Event] = [
      .began, .started(up, attempt: 1, process: nil), .ended(up, attempt: 1, .exited(0)),
      .started(left, attempt: 1, process: 7), .ended(left, attempt: 1, .exited(1)),
    ]
    let alone: [Event] = [
      .started(left, attempt: 2, process: 8), .ended(left, attempt: 2, .exited(0)),
    ]
    let again: [Event] = [
      .started(up, attempt: 2, process: nil), .ended(up, attempt: 2, .exited(0)),
    ]
    #expect(WrittenRecords.rules(before + [.resumed(.nothing)] + alone, graph).isEmpty)
    #expect(WrittenRecords.rules(before + [.resumed(.reboot)] + again + alone, graph).isEmpty)
    #expect(WrittenRecords.rules(before + [.resumed(.reboot)] + alone, graph) == [.early])
  }

  @Test func `an audit remembers through two resumes which attempts may have begun unseen`() throws
  {
    let (graph, up, left) = try Self.startAndStep()
    let passing: [Event] = [
      .started(up, attempt: 1, process: nil), .ended(up, attempt: 1, .exited(0)),
    ]
    // The second round has not renewed the start yet.
    let end: [Event] = [
      .resumed(.time), .resumed(.time), .ended(left, attempt: 1, .exited(0)),
    ]
    #expect(WrittenRecords.rules([.began] + passing + end, graph).isEmpty)
    #expect(WrittenRecords.rules([.began] + end, graph) == [.endWithoutStart])
  }
}
