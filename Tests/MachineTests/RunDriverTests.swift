import Clock
import Execution
import Glibc
import Journal
import PlanGraph
import Testing

@testable import Machine
@testable import System

/// A run is driven the same way whatever its machine is.
@Suite(.serialized) struct RunDriverTests {
  /// A remote machine: requests are carried out in a later iteration of the driver's loop.
  private final class FarMachine: RunMachine {
    private let loop: EventLoop
    private var report: (MachineReport) -> Void = { _ in }
    private(set) var asked: [String] = []
    /// What to report about a start, in addition to its beginning.
    var answer: (NodeID) -> [MachineReport] = { _ in [] }

    init(_ loop: EventLoop) { self.loop = loop }

    private func later(_ reports: [MachineReport]) {
      _ = loop.arm(at: .now) { [self] in for one in reports { report(one) } }
    }

    func begin(_ report: @escaping (MachineReport) -> Void) {
      self.report = report
      asked.append("begin")
    }

    func start(_ node: NodeID, attempt: Int, cause: HandlerCause?) {
      asked.append("start \(node.index)")
      later([.started(node, attempt: attempt, process: nil)] + answer(node))
    }

    func recover(_ node: NodeID, attempt: Int) { later([.ended(node, attempt: attempt, .lost)]) }
    func terminate(_ node: NodeID) { asked.append("terminate \(node.index)") }

    func kill(_ node: NodeID) {
      asked.append("kill \(node.index)")
      later([.ended(node, attempt: 1, .signalled(SIGKILL))])
    }

    func ask(_ node: NodeID, _ condition: RuntimeCondition) { later([.answered(node, true)]) }
    func abandon() { asked.append("abandon") }

    func end() {
      report = { _ in }
      asked.append("end")
    }
  }

  private final class Listener: AnnouncementListener {
    private(set) var heard: [Announcement] = []
    private(set) var pauses = 0
    func hear(_ due: DueAnnouncement) { heard.append(due.announcement) }
    func pause() { pauses += 1 }
  }

  /// The real run, without a journal: each event counts as on disk at once.
  private final class PlainRun: DrivenRun {
    private var gated: GatedRun
    var run: Run { gated.run }

    init(_ graph: Graph) { gated = GatedRun(Run(graph, policy: RunPolicy())) }

    func handle(_ event: Event, at moment: Instant) -> [Action] {
      gated.handle(event, at: moment)
    }

    func released(at moment: Instant) -> [Action] { gated.reachedDisk(gated.run.eventCount) }
    func announce(_ remark: Remark, at moment: Instant) { gated.announce(remark, at: moment) }
    func nextAnnouncement() -> DueAnnouncement? { gated.nextAnnouncement() }
    func willWait() {}
  }

  private struct Driven {
    let outcome: RunOutcome
    let asked: [String]
    let heard: [[Announcement]]
    let pauses: Int
  }

  private func drive(
    _ plan: TestGraph,
    _ answer: @escaping (NodeID) -> [MachineReport]
  ) throws -> Driven {
    let loop = try EventLoop()
    let machine = FarMachine(loop)
    machine.answer = answer
    let listeners = [Listener(), Listener()]
    let driver = RunDriver(machine, on: loop, listeners: listeners)
    let run = PlainRun(plan.graph)
    let outcome = try driver.drive(run)
    // As the end of the journal does.
    _ = run.released(at: .now)
    run.tell(listeners)
    #expect(run.run.outcome == outcome)
    return Driven(
      outcome: outcome,
      asked: machine.asked,
      heard: listeners.map(\.heard),
      pauses: listeners[0].pauses
    )
  }

  @Test func allListenersHearOneStreamInOrder() throws {
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(.script("pre-start"), on: "a")
    let remark = Remark(node: node, kind: .state, text: "not drained yet")
    let driven = try drive(plan) { node in
      [.remark(remark), .ended(node, attempt: 1, .exited(0))]
    }
    #expect(driven.outcome == .succeeded)
    #expect(driven.asked == ["begin", "start 0", "end"])
    let stream: [Announcement] = [
      .attemptStarted(node, attempt: 1), .remark(remark), .stepSucceeded(node, attempts: 1),
    ]
    #expect(driven.heard == [stream, stream])
    #expect(driven.pauses > 0)
  }

  /// Signals to this thread only: the test's process has others.
  @Test func everySignalReachesTheRunAndTheListeners() throws {
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(.script("pre-start"), on: "a")
    let driven = try drive(plan) { _ in
      for number in [SIGHUP, SIGTERM, SIGINT] { pthread_kill(pthread_self(), number) }
      return []
    }
    #expect(driven.outcome == .cancelled(signal: SIGINT))
    #expect(driven.asked == ["begin", "start 0", "terminate 0", "kill 0", "end"])
    // Of two pending signals the kernel delivers the one with the lower number first.
    #expect(
      driven.heard[0] == [
        .attemptStarted(node, attempt: 1), .stopping(signal: SIGINT, .end),
        .stopping(signal: SIGTERM, .kill),
        .stepFailed(node, attempts: 1, .cancelled, isOptional: false),
      ]
    )
  }
}
