import Analysis
import Clock
import Execution
import Journal
import PlanGraph
import PlanLanguage
import TestSupport
import Testing

/// What has passed and is asked again when a run goes on, since time or a reboot may have undone it.
@Suite struct RenewalTests {
  /// A plan of which one step fails at first, and what is then started, in which order.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    /// What stands in `plan p { … }`, beside one deployment job `d` with the release jobs `a` and `b`.
    var plan: String
    /// The steps, by name within their phase, that fail in the first round.
    var failing: Set<String>
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
        "a start is asked again before what relies on it, and after a reboot its pre-start, too",
      plan: lifecycle,
      failing: ["script-post-start"],
      time: ["up", "script-post-start"],
      reboot: ["script-pre-start", "up", "script-post-start"]
    ),
    Case(
      name: "what nothing left relies on is not asked again",
      plan: "phase p per instance { parallel { start as up run \"x\" as left { idempotent } } }",
      failing: ["left"],
      time: ["left"],
      reboot: ["left"]
    ),
    Case(
      name: "a restart that came to its starts does not stop again",
      plan: restart,
      failing: ["script-post-start"],
      time: ["up", "script-post-start"],
      reboot: ["script-pre-start", "up", "script-post-start"]
    ),
    Case(
      name: "a restart that was to bring nothing up yet stops again",
      plan: restart,
      failing: ["script-pre-start"],
      time: ["un", "down", "script-pre-start", "up", "script-post-start"],
      reboot: [
        "script-pre-stop", "un", "dr", "down", "script-post-stop", "script-pre-start", "up",
        "script-post-start",
      ]
    ),
    Case(
      name: "what relies on being stopped has its processes stopped again, and its work is kept",
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
      name: "a start that a stop has undone on purpose is not asked again",
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
      failing: ["left"],
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
      failing: ["left"],
      time: ["up", "always", "left"],
      reboot: ["up", "always", "left"]
    ),
    Case(
      name: "a start in a finally is asked again, and the stop before it is not",
      plan: """
        phase p per instance { stop as down run "x" as backup finally { start as up } }
        phase q per instance { run "x" as left { idempotent } }
        """,
      failing: ["left"],
      time: ["up", "left"],
      reboot: ["up", "left"]
    ),
    Case(
      name: "a second start is no turn, and what it relies on is asked again",
      plan: """
        phase p per instance {
          stop as down start as up run "x" as once start as up-again run "x" as left { idempotent }
        }
        """,
      failing: ["left"],
      time: ["up", "up-again", "left"],
      reboot: ["up", "up-again", "left"]
    ),
    Case(
      name: "a unit that is stopped is no turn of another that is started",
      plan: """
        phase p per instance {
          stop unit a as a-down start unit b as b-up run "x" as left { idempotent }
        }
        """,
      failing: ["left"],
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
      failing: ["left"],
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
      failing: ["left"],
      time: ["up", "a-up", "left"],
      reboot: ["up", "a-up", "left"]
    ),
    Case(
      name: "a start of units does not bring the pre-start of a release job along",
      plan: """
        phase p1 { script pre-start }
        barrier across instance
        phase p2 per instance {
          start as up stop as down start unit a as a-up run "x" as left { idempotent }
        }
        """,
      failing: ["left"],
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
      failing: ["left"],
      time: ["left"],
      reboot: ["mount", "left"]
    ),
  ]

  private static func graph(_ body: String) throws -> Graph {
    let text = "plan p { deployment-job d { release-jobs a } \(body) }"
    let parsed = Parser.parse(SourceFile(name: "p.plan", text: text))
    let site = Site(
      discovered: nil,
      facts: [:],
      hasScript: { _, _, _ in true },
      hasProcesses: { _, _ in true }
    )
    let built = GraphBuilder.build(BuildInput(plan: parsed.tree, site: site))
    let errors = (parsed.diagnostics + built.diagnostics).filter { $0.severity == .error }
    return try #require(built.graph, "\(errors.map(\.message))")
  }

  /// What is started, in order, in a round in which some steps fail.
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
  func `what has passed is asked again where it is relied on`(_ example: Case) throws {
    let graph = try Self.graph(example.plan)
    for lapse in Lapse.allCases {
      var run = Run(graph, policy: RunPolicy())
      _ = Self.drive(&run, by: .began, failing: example.failing)
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
      // What is said of it beforehand is what comes.
      #expect(Set(outlook).isSubset(of: started))
    }
  }

  @Test func `what fails when it is asked again keeps back the rest, and nothing is forgotten`()
    throws
  {
    let graph = try Self.graph(
      """
      phase p per instance { start as up run "x" as once run "x" as left { idempotent } }
      phase q per instance { run "x" as last }
      """
    )
    var run = Run(graph, policy: RunPolicy())
    _ = Self.drive(&run, by: .began, failing: ["left"])
    #expect(Self.drive(&run, by: .resumed(.reboot), failing: ["up"]) == ["up"])
    #expect(run.outcome == .failed)
    let states = Dictionary(
      graph.nodes.indices.compactMap { node in graph.step(node).map { ($0.name, run[node]) } },
      uniquingKeysWith: { first, _ in first }
    )
    // It is known to have succeeded, though nobody came to it again.
    #expect(states["once"] == .succeeded && states["up"] == .failed && states["left"] == .blocked)
    #expect(run.doubtful().isEmpty)
    #expect(Self.drive(&run, by: .resumed(.time)) == ["up", "left", "last"])
    #expect(run.outcome == .succeeded)
  }

  @Test func `a record of before nothing was asked again is read as it was meant`() throws {
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

  @Test func `an audit accuses a run that went on without asking a start again`() throws {
    let graph = try Self.graph(
      "phase p per instance { start as up run \"x\" as left { idempotent } }"
    )
    let steps = WrittenRecords.steps(in: graph)
    let (up, left) = (try #require(steps["up"]), try #require(steps["left"]))
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

  @Test func `an audit remembers through two resumes what may have begun unseen`() throws {
    let graph = try Self.graph(
      "phase p per instance { start as up run \"x\" as left { idempotent } }"
    )
    let steps = WrittenRecords.steps(in: graph)
    let (up, left) = (try #require(steps["up"]), try #require(steps["left"]))
    let passing: [Event] = [
      .started(up, attempt: 1, process: nil), .ended(up, attempt: 1, .exited(0)),
    ]
    // The second round has not come to ask the start again.
    let end: [Event] = [
      .resumed(.time), .resumed(.time), .ended(left, attempt: 1, .exited(0)),
    ]
    #expect(WrittenRecords.rules([.began] + passing + end, graph).isEmpty)
    #expect(WrittenRecords.rules([.began] + end, graph) == [.endWithoutStart])
  }
}
