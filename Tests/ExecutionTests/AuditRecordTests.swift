import Analysis
import Execution
import Testing

/// The audit of recorded runs, with records written by hand.
@Suite struct AuditRecordTests {
  /// A slot is held during the pause between two attempts.
  ///
  /// A step that starts then is one too many.
  @Test func `a slot is held from the first attempt to the final outcome`() throws {
    let graph = try WrittenRecords.graph(
      """
      plan p {
        deployment-job web { release-jobs a, b }

        phase one { limit 1 script one { retry 1 backoff 5s timeout 1m } }
      }
      """
    )
    let (a, b) = try WrittenRecords.twoSteps(in: graph)
    let good: [Event] = [
      .began, .started(a, attempt: 1, process: 7), .ended(a, attempt: 1, .exited(1)),
      .fired(.backoff(a)), .started(a, attempt: 2, process: 8),
      .ended(a, attempt: 2, .exited(0)), .started(b, attempt: 1, process: 9),
      .ended(b, attempt: 1, .exited(0)),
    ]
    #expect(WrittenRecords.rules(good, graph).isEmpty)
    var bad = good
    bad.replaceSubrange(3..., with: [])
    bad += [
      .started(b, attempt: 1, process: 9), .ended(b, attempt: 1, .exited(0)),
      .fired(.backoff(a)), .started(a, attempt: 2, process: 8),
      .ended(a, attempt: 2, .exited(0)),
    ]
    #expect(WrittenRecords.rules(bad, graph) == [.beyondLimit])
    // A resume starts over, so nothing held the slot in between.
    let resumed: [Event] = [
      .began, .started(a, attempt: 1, process: 7), .ended(a, attempt: 1, .exited(1)),
      .resumed(.time), .started(b, attempt: 1, process: 9), .ended(b, attempt: 1, .exited(0)),
      .started(a, attempt: 2, process: 8), .ended(a, attempt: 2, .exited(0)),
    ]
    #expect(WrittenRecords.rules(resumed, graph).isEmpty)
  }

  /// A program that could not be executed counts as an attempt, but not as a start.
  @Test func `a refused start counts as an attempt but not as a start`() throws {
    let graph = try WrittenRecords.graph(
      """
      plan p {
        default { timeout 1m }
        deployment-job web { release-jobs a }
        phase one per instance { run "true" as plain }
        phase two per instance { run "true" as other { idempotent retry 1 } }
      }
      """
    )
    let (plain, other) = try WrittenRecords.twoSteps(in: graph)
    #expect(
      WrittenRecords.rules(
        [
          .began, .ended(plain, attempt: 1, .refused("no such program")), .resumed(.time),
          .started(plain, attempt: 2, process: 7), .ended(plain, attempt: 2, .exited(0)),
          .ended(other, attempt: 1, .refused("no such program")), .fired(.backoff(other)),
          .started(other, attempt: 2, process: 8), .ended(other, attempt: 2, .exited(0)),
        ],
        graph
      ).isEmpty
    )
    // One attempt more than allowed.
    #expect(
      WrittenRecords.rules(
        [
          .began, .started(plain, attempt: 1, process: 7), .ended(plain, attempt: 1, .exited(0)),
          .ended(other, attempt: 1, .refused("no")), .ended(other, attempt: 2, .refused("no")),
          .started(other, attempt: 3, process: 8), .ended(other, attempt: 3, .exited(0)),
        ],
        graph
      ) == [.pastAttempts]
    )
    // It had been started, and must not be started again.
    #expect(
      WrittenRecords.rules(
        [
          .began, .started(plain, attempt: 1, process: 7), .ended(plain, attempt: 1, .exited(1)),
          .resumed(.time), .started(plain, attempt: 2, process: 8),
          .ended(plain, attempt: 2, .exited(0)),
        ],
        graph
      ) == [.secondTime]
    )
  }

  @Test func `an end without a start is found`() throws {
    let graph = try WrittenRecords.graph(WrittenRecords.twoPhases)
    let (first, second) = try WrittenRecords.twoSteps(in: graph)
    let good: [Event] = [
      .began, .started(first, attempt: 1, process: 7), .ended(first, attempt: 1, .exited(0)),
      .started(second, attempt: 1, process: 8), .ended(second, attempt: 1, .exited(0)),
    ]
    #expect(WrittenRecords.rules(good, graph).isEmpty)
    var bad = good
    bad.remove(at: 3)
    #expect(WrittenRecords.rules(bad, graph) == [.endWithoutStart])
    // After a resume the missing record may be the start's, but only for a step that could begin.
    bad.insert(.resumed(.time), at: 3)
    #expect(WrittenRecords.rules(bad, graph).isEmpty)
    let early: [Event] = [
      .began, .started(first, attempt: 1, process: 7), .resumed(.time),
      .ended(second, attempt: 1, .signalled(9)),
    ]
    #expect(WrittenRecords.rules(early, graph) == [.endWithoutStart])
    // The end of an attempt that did not begin.
    var other = good
    other[4] = .ended(second, attempt: 2, .exited(0))
    #expect(WrittenRecords.rules(other, graph) == [.endWithoutStart])
  }

  @Test func `a step that starts again after it has passed is found`() throws {
    let graph = try WrittenRecords.graph(
      WrittenRecords.twoPhases.replacing("as first {", with: "as first { retry 1")
    )
    let (first, second) = try WrittenRecords.twoSteps(in: graph)
    let again: [Event] = [
      .started(first, attempt: 2, process: 8), .ended(first, attempt: 2, .exited(0)),
    ]
    func rules(_ result: AttemptResult, _ between: [Event] = []) -> [RunAudit.Finding.Rule] {
      let begin: [Event] = [
        .began, .started(first, attempt: 1, process: 7), .ended(first, attempt: 1, result),
      ]
      let end: [Event] = [
        .started(second, attempt: 1, process: 9), .ended(second, attempt: 1, .exited(0)),
      ]
      return WrittenRecords.rules(begin + between + again + end, graph)
    }
    #expect(rules(.exited(1)).isEmpty)
    #expect(rules(.exited(0)) == [.againAfterPassing])
  }
}
