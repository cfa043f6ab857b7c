import Analysis
import Execution
import PlanGraph
import Testing

/// The audit of recorded runs: records of resumed runs, written by hand.
@Suite struct AuditResumeTests {
  /// A start that was not recorded before the coordinator was killed does not belong to this round.
  @Test(arguments: [
    AttemptResult.refused("no such program"), .failed("no such thing"), .lost, .notStarted,
    .signalled(9),
  ])
  func `an attempt that began unseen does not belong to the round`(_ result: AttemptResult) throws {
    let graph = try WrittenRecords.graph(WrittenRecords.twoPhases)
    let (first, second) = try WrittenRecords.twoSteps(in: graph)
    let good: [Event] = [
      .began, .resumed(.time), .ended(first, attempt: 1, result),
      .started(first, attempt: 2, process: 7), .ended(first, attempt: 2, .exited(0)),
      .started(second, attempt: 1, process: 8), .ended(second, attempt: 1, .exited(0)),
    ]
    #expect(WrittenRecords.rules(good, graph).isEmpty)
    // Now it is one more than allowed.
    var bad = good
    bad.insert(.ended(first, attempt: 1, result), at: 1)
    bad[3] = .ended(first, attempt: 2, .refused("no such program"))
    bad.insert(.ended(first, attempt: 3, .refused("no such program")), at: 4)
    bad[5] = .started(first, attempt: 4, process: 7)
    bad[6] = .ended(first, attempt: 4, .exited(0))
    #expect(WrittenRecords.rules(bad, graph).contains(.pastAttempts))
  }

  /// An optional step passes when it times out, whether it began or not, and whatever its result.
  @Test(arguments: [AttemptResult.notStarted, .lost])
  func `an optional step passes by its timeout`(_ result: AttemptResult) throws {
    let graph = try WrittenRecords.graph(
      WrittenRecords.twoPhases.replacing("as first {", with: "as first { optional timeout 5s")
    )
    let (first, second) = try WrittenRecords.twoSteps(in: graph)
    let end: [Event] = [
      .ended(first, attempt: 1, result), .started(second, attempt: 1, process: 8),
      .ended(second, attempt: 1, .exited(0)),
    ]
    let timeout: Event = .fired(.timeout(first))
    let begin: [Event] = [.began, .started(first, attempt: 1, process: 7)]
    #expect(WrittenRecords.rules(begin + [.resumed(.time), timeout] + end, graph).isEmpty)
    #expect(WrittenRecords.rules([.began, timeout] + end, graph).isEmpty)
    // Otherwise it starts over and has not passed.
    #expect(WrittenRecords.rules(begin + [.resumed(.time)] + end, graph) == [.early])
    #expect(WrittenRecords.rules([.began] + end, graph) == [.early])
    // A timeout before the resume does not count either.
    #expect(WrittenRecords.rules(begin + [timeout, .resumed(.time)] + end, graph) == [.early])
  }

  @Test func `a timeout before a resume does not explain an end after it`() throws {
    let graph = try WrittenRecords.graph(WrittenRecords.twoPhases)
    let (first, second) = try WrittenRecords.twoSteps(in: graph)
    let events: [Event] = [
      .began, .started(first, attempt: 1, process: 7), .fired(.timeout(first)), .resumed(.time),
      .ended(first, attempt: 1, .exited(0)), .started(second, attempt: 1, process: 8),
      .ended(second, attempt: 1, .exited(0)),
    ]
    #expect(WrittenRecords.rules(events, graph).isEmpty)
    var bad = events
    bad.remove(at: 3)
    #expect(WrittenRecords.rules(bad, graph) == [.early])
  }

  /// What was read of a block no longer counts once the block around it starts again.
  @Test func `a block starts over with the block around it`() throws {
    let graph = try WrittenRecords.graph(
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
    let (first, second) = try WrittenRecords.twoSteps(in: graph)
    let (outer, inner) = (graph[first].block, graph[second].block)
    let good: [Event] = [
      .began, .started(first, attempt: 1, process: 1), .ended(first, attempt: 1, .exited(0)),
      .started(second, attempt: 1, process: 2), .ended(second, attempt: 1, .exited(1)),
      .fired(.blockBackoff(inner)), .started(second, attempt: 2, process: 3),
      .ended(second, attempt: 2, .exited(1)), .fired(.blockBackoff(outer)),
      .started(first, attempt: 2, process: 4), .ended(first, attempt: 2, .exited(0)),
      .started(second, attempt: 3, process: 5), .ended(second, attempt: 3, .exited(0)),
    ]
    #expect(WrittenRecords.rules(good, graph).isEmpty)
    // The inner block begins before the first step has passed, in either attempt of the outer one.
    var early = good
    early.insert(early.remove(at: 3), at: 2)
    #expect(WrittenRecords.rules(early, graph) == [.early])
    early = good
    early.insert(early.remove(at: 11), at: 10)
    #expect(WrittenRecords.rules(early, graph) == [.early])
  }

  /// The slot of a refused attempt is free until the step starts in this round.
  @Test func `a slot is not held from an earlier round into this one`() throws {
    let graph = try WrittenRecords.graph(
      """
      plan p {
        deployment-job web { release-jobs a, b }
        phase one { limit 1 script one { timeout 1m } }
      }
      """
    )
    let (a, b) = try WrittenRecords.twoSteps(in: graph)
    let events: [Event] = [
      .began, .started(a, attempt: 1, process: 7), .resumed(.time),
      .ended(a, attempt: 1, .refused("no such program")),
      .started(b, attempt: 1, process: 8), .ended(b, attempt: 1, .exited(0)),
      .started(a, attempt: 2, process: 9), .ended(a, attempt: 2, .exited(0)),
    ]
    #expect(WrittenRecords.rules(events, graph).isEmpty)
    var bad = events
    bad.insert(bad.remove(at: 5), at: 6)
    #expect(WrittenRecords.rules(bad, graph) == [.beyondLimit])
  }
}
