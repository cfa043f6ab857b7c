import Analysis
import Execution
import PlanGraph
import Testing

/// The audit of recorded runs: handlers that had to run, with records written by hand.
@Suite struct AuditHandlerTests {
  private static let plan = """
    plan p {
      default { timeout 1m }
      deployment-job web { release-jobs a }
      phase one per instance {
        run "true" as work { idempotent retry 1 }
        on failure { run "true" as tell { idempotent } }
        finally { run "true" as tidy { idempotent } run "true" as last { idempotent } }
      }
    }
    """

  private let graph: Graph
  private let work: NodeID
  private let tell: NodeID
  private let tidy: NodeID
  private let last: NodeID

  init() throws {
    graph = try WrittenRecords.graph(Self.plan)
    let steps = WrittenRecords.steps(in: graph)
    work = try #require(steps["work"])
    tell = try #require(steps["tell"])
    tidy = try #require(steps["tidy"])
    last = try #require(steps["last"])
  }

  private func attempt(_ node: NodeID, _ number: Int, status: Int32 = 0) -> [Event] {
    [.started(node, attempt: number, process: 7), .ended(node, attempt: number, .exited(status))]
  }

  /// The missing steps of handlers if the run is over after the last record.
  private func missed(_ events: [Event], _ policy: RunPolicy = RunPolicy()) -> [NodeID?] {
    let audit = WrittenRecords.audit(events, graph, policy, endingAt: [events.count - 1])
    #expect(audit.findings.allSatisfy { $0.rule == .handlerMissing })
    return audit.findings.map(\.awaited)
  }

  @Test func `a handler that has not run at the end is found`() {
    let good = [.began] + attempt(work, 1)
    #expect(missed(good + attempt(tidy, 1) + attempt(last, 1)).isEmpty)
    #expect(missed(good) == [tidy])
    let bad = [.began] + attempt(work, 1, status: 1) + attempt(work, 2, status: 1)
    #expect(missed(bad + attempt(tell, 1) + attempt(tidy, 1) + attempt(last, 1)).isEmpty)
    #expect(missed(bad + attempt(tidy, 1) + attempt(last, 1)) == [tell])
    #expect(missed(bad + attempt(tell, 1)) == [tidy])
    #expect(missed(bad) == [tell, tidy])
    // It was entered, although its program could not be executed.
    #expect(missed(good + [.ended(tidy, attempt: 1, .refused("no such program"))]).isEmpty)
  }

  /// A coordinator that was killed at that point could not run it.
  @Test func `an unfinished run has no missing handlers`() {
    let good = [.began] + attempt(work, 1)
    #expect(WrittenRecords.audit(good, graph, endingAt: []).findings.isEmpty)
    // The run does not consider itself over after these records either.
    #expect(WrittenRecords.audit(good, graph, endingAt: nil).findings.isEmpty)
    let resumed = good + [.resumed(.time)]
    #expect(WrittenRecords.audit(resumed, graph, endingAt: []).findings.isEmpty)
    #expect(
      WrittenRecords.audit(resumed, graph, endingAt: [good.count - 1]).findings.map(\.awaited)
        == [tidy]
    )
  }

  @Test func `a handler may be missing for a valid reason`() {
    let begun: [Event] = [.began, .started(work, attempt: 1, process: 7)]
    let stopped = begun + [.cancelled(signal: 15), .ended(work, attempt: 1, .signalled(15))]
    #expect(missed(stopped) == [tell, tidy])
    // A second signal also ends handlers.
    #expect(missed(begun + [.cancelled(signal: 15)] + stopped.suffix(2)).isEmpty)
    #expect(missed(begun + [.halted, .ended(work, attempt: 1, .exited(1))]).isEmpty)
    // A block that was never begun.
    #expect(missed([.began]).isEmpty)
    // Left out on the command line.
    var policy = RunPolicy()
    policy.passedOver[tidy] = .notChosen
    #expect(missed([.began] + attempt(work, 1), policy) == [last])
    policy.passedOver[last] = .notChosen
    #expect(missed([.began] + attempt(work, 1), policy).isEmpty)
  }

  /// A block that begins again was over before.
  @Test func `handlers run in every attempt of a block`() throws {
    let graph = try WrittenRecords.graph(
      Self.plan.replacing("per instance {", with: "per instance { retry 1")
    )
    let block = graph[work].block
    let first = attempt(work, 1, status: 1) + attempt(work, 2, status: 1)
    let handlers = attempt(tell, 1) + attempt(tidy, 1) + attempt(last, 1)
    func rules(_ events: [Event]) -> [RunAudit.Finding.Rule] {
      WrittenRecords.rules([.began] + events + [.fired(.blockBackoff(block))], graph)
    }
    #expect(rules(first + handlers).isEmpty)
    #expect(rules(first + handlers.dropFirst(2)) == [.handlerMissing])
    #expect(rules(first + handlers.prefix(2)) == [.handlerMissing])
    // They belong to the attempt before.
    let second = attempt(work, 3, status: 1) + attempt(work, 4, status: 1)
    let both = [.began] + first + handlers + [.fired(.blockBackoff(block))] + second
    let audit = WrittenRecords.audit(both, graph, endingAt: [both.count - 1])
    #expect(audit.findings.map(\.awaited) == [tell, tidy])
  }

  /// It may have waited for a slot until it timed out.
  @Test func `a handler that timed out may never have begun`() throws {
    let graph = try WrittenRecords.graph(
      Self.plan.replacing("finally {", with: "finally { timeout 5s")
    )
    let finally = graph[tidy].block
    let events = [.began] + attempt(work, 1)
    let timedOut = events + [.fired(.blockTimeout(finally))]
    func findings(_ events: [Event]) -> [RunAudit.Finding] {
      WrittenRecords.audit(events, graph, endingAt: [events.count - 1]).findings
    }
    #expect(findings(timedOut).isEmpty)
    #expect(findings(events).map(\.awaited) == [tidy])
  }

  /// The plan's own handlers run each time the run ends.
  ///
  /// An end that was interrupted is not over.
  @Test func `a plan handler that may not run twice starts once for each end of the run`() throws {
    let graph = try WrittenRecords.graph(
      """
      plan p {
        default { timeout 1m }
        deployment-job web { release-jobs a }
        phase one per instance { run "true" as work { idempotent } }
        finally { run "true" as tell }
      }
      """
    )
    let steps = WrittenRecords.steps(in: graph)
    let (work, tell) = (try #require(steps["work"]), try #require(steps["tell"]))
    let events: [Event] =
      [.began] + attempt(work, 1, status: 1) + attempt(tell, 1) + [.resumed(.time)]
      + attempt(work, 2)
      + attempt(tell, 2)
    func rules(endingAt ends: Set<Int>) -> [RunAudit.Finding.Rule] {
      WrittenRecords.audit(events, graph, endingAt: ends).findings.map(\.rule)
    }
    #expect(rules(endingAt: [4]).isEmpty)
    #expect(rules(endingAt: []) == [.secondTime])
  }
}
