@testable import Clock
@testable import Journal
import PlanGraph
import Testing

/// What a journal leaves open, read without the plan.
@Suite struct UnfinishedRunTests {
  private static let header = [
    "lockstep-journal 1", "run \"20261121T055542Z-3fa9\"", "plan \"/p.plan\"",
    "step 1 97e9ebaf2136dabb - \"a:vm/0#x\"", "session \"boot-1\" 1795252526 1042",
  ]

  private func read(_ lines: String...) throws -> UnfinishedRun {
    var framer = JournalFramer()
    var bytes: [UInt8] = []
    for line in Self.header + lines { framer.append(line.utf8, to: &bytes) }
    return try UnfinishedRun(JournalContents(bytes))
  }

  private static let step = NodeID(1)

  @Test func anAttemptWithoutARecordedEndIsOpen() throws {
    let run = try read(
      "10.000000000 began",
      "11.000000000 started 1 1 700 a:vm/0#x",
      "12.000000000 ended 1 1 exited 1 a:vm/0#x",
      "13.000000000 started 1 2 701 a:vm/0#x",
      "13.500000000 started 2 1 - b:vm/0#y"
    )
    #expect(Set(run.open.keys) == [Self.step, NodeID(2)])
    let attempt = try #require(run.open[Self.step])
    #expect(attempt.number == 2 && attempt.process == 701 && attempt.session == 0)
    #expect(attempt.recorded == Instant(nanoseconds: 13_000_000_000))
    #expect(run.open[NodeID(2)]?.process == nil)
    #expect(run.ended == [Self.step: 1])
    #expect(run.processes == [700, 701])
    #expect(run.lastSession?.began == Instant(nanoseconds: 10_000_000_000))
  }

  @Test func aSessionWithoutRecordsStartedNothing() throws {
    let run = try read(
      "10.000000000 began",
      "session \"boot-2\" 1795252600 1100",
      "5.000000000 resumed",
      "session \"boot-2\" 1795252700 1200"
    )
    #expect(run.lastSession?.number == 1)
    #expect(run.begins.count == 3 && run.begins[2] == nil)
  }

  /// What the journal and a holder's record say about a step that must not run twice.
  struct Doubt: CustomTestStringConvertible {
    var testDescription: String
    var lines: [String]
    var attempt = 1
    var evidence = UnfinishedRun.Evidence.lost
    var isDoubtful: Bool
  }

  private static let started = "11.000000000 started 1 1 700 a:vm/0#x"
  private static let lost = "12.000000000 ended 1 1 lost a:vm/0#x"

  static let doubts = [
    Doubt(testDescription: "started, not seen to end", lines: [started], isDoubtful: true),
    Doubt(testDescription: "started, not recorded", lines: [], isDoubtful: true),
    Doubt(
      testDescription: "it still runs",
      lines: [started],
      evidence: .running,
      isDoubtful: false
    ),
    Doubt(testDescription: "its holder saw it end", lines: [], evidence: .ended, isDoubtful: false),
    Doubt(
      testDescription: "it never began",
      lines: [started],
      evidence: .notStarted,
      isDoubtful: false
    ),
    Doubt(
      testDescription: "it was seen to end",
      lines: [started, "12.000000000 ended 1 1 exited 1 a:vm/0#x"],
      isDoubtful: false
    ),
    Doubt(
      testDescription: "somebody looked and could not tell",
      lines: [started, lost],
      isDoubtful: true
    ),
    Doubt(
      testDescription: "a person has said it",
      lines: [started, lost, "13.000000000 assumed 1 done a:vm/0#x"],
      isDoubtful: false
    ),
    Doubt(
      testDescription: "the attempt after that",
      lines: [started, lost, "13.000000000 assumed 1 again a:vm/0#x"],
      attempt: 2,
      isDoubtful: true
    ),
  ]

  @Test(arguments: doubts)
  func onlyStepsWithUnknownResultsAreInDoubt(doubt: Doubt) throws {
    var framer = JournalFramer()
    var bytes: [UInt8] = []
    for line in Self.header + ["10.000000000 began"] + doubt.lines {
      framer.append(line.utf8, to: &bytes)
    }
    let run = try UnfinishedRun(JournalContents(bytes))
    let isDoubtful = run.isDoubtful(Self.step, attempt: doubt.attempt, doubt.evidence)
    #expect(isDoubtful == doubt.isDoubtful)
  }
}
