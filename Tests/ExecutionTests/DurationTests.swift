@testable import Clock
@testable import Execution
@testable import Journal
import PlanGraph
import PlanLanguage
import Testing

/// Durations of steps: written ones, and those from journals.
@Suite struct DurationTests {
  private func written(_ text: String) throws -> StepDurations {
    try StepDurations(text: Array(text.utf8))
  }

  @Test func lastMatchingLineCounts() throws {
    let durations = try written(
      """
      # by hand
      *                  2s
      pre-start          1m30s   # all of them
      pre-start:db/0/pg#pre-start\t40s\r
      wait for it        250ms

      """
    )
    #expect(durations.known("start:db/0/pg#start") == .seconds(2))
    #expect(durations.known("pre-start:web/0/nginx#pre-start") == .seconds(90))
    #expect(durations.known("pre-start:db/0/pg#pre-start") == .seconds(40))
    #expect(durations.known("phase:wait for it") == .milliseconds(250))
    #expect(try written("db 1s\n").known("start:web/0/nginx#start") == nil)
  }

  @Test(arguments: [
    ("pre-start 1s\nstart\n", 2, "has only one word, 'start', but needs a step and a duration: "),
    ("a 5\n", 1, "'5' is not a duration such as"), ("a 1s b\n", 1, "'b' is not a duration"),
    ("\n\na -1s", 3, "'-1s' is not a duration"),
    ("a 99999999999999999999h", 1, "'99999999999999999999h' is no"),
    ("a 1s\u{0}", 1, "is not a duration"),
  ])
  func mistakesAreExplained(text: String, line: Int, words: String) throws {
    let error = #expect(throws: StepDurations.Unreadable.self) { try written(text) }
    #expect(error?.line == line)
    #expect(error?.words.contains(words) == true, "\(error?.words ?? "")")
  }

  @Test func invalidUTF8IsRefused() {
    let error = #expect(throws: StepDurations.Unreadable.self) {
      try StepDurations(text: Array("a 1s\n".utf8) + [0xFF, 0x20, 0x31])
    }
    #expect(error == StepDurations.Unreadable(line: 2, words: "is not UTF-8 text"))
  }

  // MARK: History

  private let first = NodeID(0)
  private let second = NodeID(1)

  /// A journal of these events of two steps; `nil` begins another session.
  private func journal(_ events: [(Int64, Event?)]) throws -> JournalContents {
    let text =
      "plan p { deployment-job d { release-jobs j } phase a { run x { true } run y { true } } }"
    let built = GraphBuilder.build(
      BuildInput(plan: Parser.parse(SourceFile(name: "p.plan", text: text)).tree)
    )
    let graph = try #require(built.graph)
    // The first and the second node of `moved` are the two steps.
    let steps = Table<NodeID, NodeID>(graph.nodes.indices.filter { graph.step($0) != nil })
    try #require(steps.count == 2)
    func moved(_ event: Event) -> Event {
      switch event {
      case .started(let node, let attempt, let process):
        .started(steps[node], attempt: attempt, process: process)
      case .ended(let node, let attempt, let result):
        .ended(steps[node], attempt: attempt, result)
      case .fired(.timeout(let node)): .fired(.timeout(steps[node]))
      default: event
      }
    }
    var lines = RunHeader(run: "r", plan: "p").lines
    for (index, node) in steps.enumerated() {
      lines.append("step \(node.index) 0000000000000000 - \"\(index == 0 ? "x" : "y")\"")
    }
    let session = RunSession(boot: "b", time: 0, process: 1).line
    var framer = JournalFramer()
    var bytes: [UInt8] = []
    for line in lines + [session] { framer.append(line.utf8, to: &bytes) }
    for (seconds, event) in events {
      var line: [UInt8] = []
      if let event {
        let moment = Instant(nanoseconds: seconds * 1_000_000_000)
        EventRecord.append(moved(event), at: moment, graph, to: &line)
      } else {
        line = Array(session.utf8)
      }
      framer.append(line, to: &bytes)
    }
    return try JournalContents(bytes)
  }

  @Test func medianOfSuccessfulAttemptsCounts() throws {
    var history = DurationHistory()
    try history.add(
      journal([
        (0, .began), (1, .started(first, attempt: 1, process: 7)),
        (2, .started(second, attempt: 1, process: 8)),
        (4, .ended(first, attempt: 1, .exited(1))),
        (5, .started(first, attempt: 2, process: 9)),
        (7, .ended(second, attempt: 1, .exited(0))),
        (8, .ended(first, attempt: 2, .exited(0))),
      ])
    )
    for seconds: Int64 in [20, 1, 6] {
      try history.add(
        journal([
          (10, .started(first, attempt: 1, process: 7)),
          (10 + seconds, .ended(first, attempt: 1, .exited(0))),
        ])
      )
    }
    let durations = history.durations()
    #expect(history.runs == 4)
    // The median of 1, 3, 6, 20.
    #expect(durations.known("x") == .seconds(3))
    #expect(durations.known("y") == .seconds(5))
    #expect(durations.known("z") == nil)
  }

  @Test func stoppedAndInterruptedAttemptsDoNotCount() throws {
    let begun: (Int64, Event?) = (1, .started(first, attempt: 1, process: 7))
    let ended: (Int64, Event?) = (9, .ended(first, attempt: 1, .exited(0)))
    for between: (Int64, Event?) in [
      (2, .fired(.timeout(first))), (2, .cancelled(signal: 15)), (2, nil),
    ] {
      var history = DurationHistory()
      try history.add(journal([begun, between, ended]))
      #expect(history.durations().known("x") == nil)
    }
  }
}
