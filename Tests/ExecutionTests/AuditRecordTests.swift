import Execution
import PlanGraph
import PlanLanguage
import Testing

/// The second reading of recorded runs: records that are written by hand.
@Suite struct AuditRecordTests {
  /// A slot is held over the pause between two attempts: who comes in then is one too many.
  @Test func `a slot is held from the first attempt to the final outcome`() throws {
    let graph = try Self.graph(
      """
      plan p {
        deployment-job web { release-jobs a, b }

        phase one { limit 1 script one { retry 1 backoff 5s timeout 1m } }
      }
      """
    )
    let steps = graph.nodes.indices.filter { graph.nodes[$0].kind == .step }
      .map { NodeID(UInt32($0)) }
    try #require(steps.count == 2)
    let (a, b) = (steps[0], steps[1])
    let good: [Event] = [
      .began, .started(a, attempt: 1, process: 7), .ended(a, attempt: 1, .exited(1)),
      .fired(.backoff(a)), .started(a, attempt: 2, process: 8),
      .ended(a, attempt: 2, .exited(0)), .started(b, attempt: 1, process: 9),
      .ended(b, attempt: 1, .exited(0)),
    ]
    #expect(Self.rules(good, graph).isEmpty)
    var bad = good
    bad.replaceSubrange(3..., with: [])
    bad += [
      .started(b, attempt: 1, process: 9), .ended(b, attempt: 1, .exited(0)),
      .fired(.backoff(a)), .started(a, attempt: 2, process: 8),
      .ended(a, attempt: 2, .exited(0)),
    ]
    #expect(Self.rules(bad, graph) == [.beyondLimit])
    // A resume begins anew, so nobody held it in between.
    let resumed: [Event] = [
      .began, .started(a, attempt: 1, process: 7), .ended(a, attempt: 1, .exited(1)),
      .resumed, .started(b, attempt: 1, process: 9), .ended(b, attempt: 1, .exited(0)),
      .started(a, attempt: 2, process: 8), .ended(a, attempt: 2, .exited(0)),
    ]
    #expect(Self.rules(resumed, graph).isEmpty)
  }

  /// A program that could not be executed is an attempt, and no start.
  @Test func `what was refused counts as an attempt and as no start`() throws {
    let graph = try Self.graph(
      """
      plan p {
        default { timeout 1m }
        deployment-job web { release-jobs a }
        phase one per instance { run "true" as plain }
        phase two per instance { run "true" as other { idempotent retry 1 } }
      }
      """
    )
    let steps = graph.nodes.indices.filter { graph.nodes[$0].kind == .step }
      .map { NodeID(UInt32($0)) }
    try #require(steps.count == 2)
    let (plain, other) = (steps[0], steps[1])
    #expect(
      Self.rules(
        [
          .began, .ended(plain, attempt: 1, .refused("no such program")), .resumed,
          .started(plain, attempt: 2, process: 7), .ended(plain, attempt: 2, .exited(0)),
          .ended(other, attempt: 1, .refused("no such program")), .fired(.backoff(other)),
          .started(other, attempt: 2, process: 8), .ended(other, attempt: 2, .exited(0)),
        ],
        graph
      ).isEmpty
    )
    // One attempt more than there are.
    #expect(
      Self.rules(
        [
          .began, .started(plain, attempt: 1, process: 7), .ended(plain, attempt: 1, .exited(0)),
          .ended(other, attempt: 1, .refused("no")), .ended(other, attempt: 2, .refused("no")),
          .started(other, attempt: 3, process: 8), .ended(other, attempt: 3, .exited(0)),
        ],
        graph
      ) == [.pastAttempts]
    )
    // It had been started, and may not be once more.
    #expect(
      Self.rules(
        [
          .began, .started(plain, attempt: 1, process: 7), .ended(plain, attempt: 1, .exited(1)),
          .resumed, .started(plain, attempt: 2, process: 8),
          .ended(plain, attempt: 2, .exited(0)),
        ],
        graph
      ) == [.secondTime]
    )
  }

  @Test func `an end without a start is found`() throws {
    let graph = try Self.graph(Self.twoSteps)
    let (first, second) = try Self.twoNodes(graph)
    let good: [Event] = [
      .began, .started(first, attempt: 1, process: 7), .ended(first, attempt: 1, .exited(0)),
      .started(second, attempt: 1, process: 8), .ended(second, attempt: 1, .exited(0)),
    ]
    #expect(Self.rules(good, graph).isEmpty)
    var bad = good
    bad.remove(at: 3)
    #expect(Self.rules(bad, graph) == [.endWithoutStart])
    // After a resume it may be the start that was not recorded any more: but only of what could begin.
    bad.insert(.resumed, at: 3)
    #expect(Self.rules(bad, graph).isEmpty)
    let early: [Event] = [
      .began, .started(first, attempt: 1, process: 7), .resumed,
      .ended(second, attempt: 1, .signalled(9)),
    ]
    #expect(Self.rules(early, graph) == [.endWithoutStart])
    // The end of another attempt than the one that began.
    var other = good
    other[4] = .ended(second, attempt: 2, .exited(0))
    #expect(Self.rules(other, graph) == [.endWithoutStart])
  }

  // MARK: What is seen through after a resume

  /// A start that was not recorded before the coordinator was killed is none of this round.
  @Test(arguments: [
    AttemptResult.refused("no such program"), .failed("no such thing"), .lost, .notStarted,
    .signalled(9),
  ])
  func `an attempt that was begun unseen is none of the round`(_ result: AttemptResult) throws {
    let graph = try Self.graph(Self.twoSteps)
    let (first, second) = try Self.twoNodes(graph)
    let good: [Event] = [
      .began, .resumed, .ended(first, attempt: 1, result),
      .started(first, attempt: 2, process: 7), .ended(first, attempt: 2, .exited(0)),
      .started(second, attempt: 1, process: 8), .ended(second, attempt: 1, .exited(0)),
    ]
    #expect(Self.rules(good, graph).isEmpty)
    // Now it is one more than there are.
    var bad = good
    bad.insert(.ended(first, attempt: 1, result), at: 1)
    bad[3] = .ended(first, attempt: 2, .refused("no such program"))
    bad.insert(.ended(first, attempt: 3, .refused("no such program")), at: 4)
    bad[5] = .started(first, attempt: 4, process: 7)
    bad[6] = .ended(first, attempt: 4, .exited(0))
    #expect(Self.rules(bad, graph).contains(.pastAttempts))
  }

  /// Its time was over, which an optional step passes by; whether it began or not, and however it ended.
  @Test(arguments: [AttemptResult.notStarted, .lost])
  func `an optional step passes by its timeout`(_ result: AttemptResult) throws {
    let graph = try Self.graph(
      Self.twoSteps.replacing("as first {", with: "as first { optional timeout 5s")
    )
    let (first, second) = try Self.twoNodes(graph)
    let end: [Event] = [
      .ended(first, attempt: 1, result), .started(second, attempt: 1, process: 8),
      .ended(second, attempt: 1, .exited(0)),
    ]
    let timeout: Event = .fired(.timeout(first))
    let begin: [Event] = [.began, .started(first, attempt: 1, process: 7)]
    #expect(Self.rules(begin + [.resumed, timeout] + end, graph).isEmpty)
    #expect(Self.rules([.began, timeout] + end, graph).isEmpty)
    // Else it starts over, and has not passed.
    #expect(Self.rules(begin + [.resumed] + end, graph) == [.early])
    #expect(Self.rules([.began] + end, graph) == [.early])
    // Nor does a timeout count that was over before the resume.
    #expect(Self.rules(begin + [timeout, .resumed] + end, graph) == [.early])
  }

  @Test func `a timeout before a resume says nothing of the end after it`() throws {
    let graph = try Self.graph(Self.twoSteps)
    let (first, second) = try Self.twoNodes(graph)
    let events: [Event] = [
      .began, .started(first, attempt: 1, process: 7), .fired(.timeout(first)), .resumed,
      .ended(first, attempt: 1, .exited(0)), .started(second, attempt: 1, process: 8),
      .ended(second, attempt: 1, .exited(0)),
    ]
    #expect(Self.rules(events, graph).isEmpty)
    var bad = events
    bad.remove(at: 3)
    #expect(Self.rules(bad, graph) == [.early])
  }

  /// What was read of a block is of no account once the one around it begins again.
  @Test func `a block begins anew with the one around it`() throws {
    let graph = try Self.graph(
      """
      plan p {
        default { timeout 1m }
        deployment-job web { release-jobs a }
        phase one per instance {
          retry 1
          run "true" as first { idempotent }
          sequence as inner { retry 1 run "true" as second { idempotent } }
        }
      }
      """
    )
    let (first, second) = try Self.twoNodes(graph)
    let (outer, inner) = (graph[first].block, graph[second].block)
    let good: [Event] = [
      .began, .started(first, attempt: 1, process: 1), .ended(first, attempt: 1, .exited(0)),
      .started(second, attempt: 1, process: 2), .ended(second, attempt: 1, .exited(1)),
      .fired(.blockBackoff(inner)), .started(second, attempt: 2, process: 3),
      .ended(second, attempt: 2, .exited(1)), .fired(.blockBackoff(outer)),
      .started(first, attempt: 2, process: 4), .ended(first, attempt: 2, .exited(0)),
      .started(second, attempt: 3, process: 5), .ended(second, attempt: 3, .exited(0)),
    ]
    #expect(Self.rules(good, graph).isEmpty)
    // The inner block, in either attempt of the outer one, before the first step has passed.
    var early = good
    early.insert(early.remove(at: 3), at: 2)
    #expect(Self.rules(early, graph) == [.early])
    early = good
    early.insert(early.remove(at: 11), at: 10)
    #expect(Self.rules(early, graph) == [.early])
  }

  /// The slot of an attempt that was refused is free until the step begins in this round.
  @Test func `a slot is not held from an earlier round into this one`() throws {
    let graph = try Self.graph(
      """
      plan p {
        deployment-job web { release-jobs a, b }
        phase one { limit 1 script one { timeout 1m } }
      }
      """
    )
    let (a, b) = try Self.twoNodes(graph)
    let events: [Event] = [
      .began, .started(a, attempt: 1, process: 7), .resumed,
      .ended(a, attempt: 1, .refused("no such program")),
      .started(b, attempt: 1, process: 8), .ended(b, attempt: 1, .exited(0)),
      .started(a, attempt: 2, process: 9), .ended(a, attempt: 2, .exited(0)),
    ]
    #expect(Self.rules(events, graph).isEmpty)
    var bad = events
    bad.insert(bad.remove(at: 5), at: 6)
    #expect(Self.rules(bad, graph) == [.beyondLimit])
  }

  private static let twoSteps = """
    plan p {
      deployment-job web { release-jobs a }
      phase one per instance { run "true" as first { idempotent } }
      phase two per instance { run "true" as second { idempotent } }
    }
    """

  private static func twoNodes(_ graph: Graph) throws -> (NodeID, NodeID) {
    let steps = graph.nodes.indices.filter { graph.nodes[$0].kind == .step }
      .map { NodeID(UInt32($0)) }
    try #require(steps.count == 2)
    return (steps[0], steps[1])
  }

  private static func graph(_ text: String) throws -> Graph {
    let parsed = Parser.parse(SourceFile(name: "p.plan", text: text))
    return try #require(GraphBuilder.build(BuildInput(plan: parsed.tree)).graph)
  }

  private static func rules(_ events: [Event], _ graph: Graph) -> [RunAudit.Finding.Rule] {
    let entries = events.enumerated().map { index, event in
      JournalContents.Entry(
        moment: Instant(nanoseconds: Int64(index) * 1_000_000_000),
        event: event,
        offset: index
      )
    }
    return RunAudit.read(entries, graph, RunPolicy()).findings.map(\.rule)
  }
}
