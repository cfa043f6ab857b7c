import Clock
import Execution
import Journal
import Machine
import PlanGraph
import System

/// What a journal says about a run, on the graph of the current plan.
struct RecordedPast {
  let contents: JournalContents
  /// After everything that was recorded.
  private(set) var run: Run
  /// The attempts that were running at the end.
  private(set) var starts: [NodeID: RecordedStart] = [:]
  private let found: FoundRun
  /// What may have undone the results so far.
  let lapse: Lapse

  /// Replays everything that was recorded.
  ///
  /// - Parameters:
  ///   - found: the folder of the run.
  ///   - contents: its journal.
  ///   - graph: of its plan.
  /// - Throws: an error if a record does not belong to the plan.
  init(_ found: FoundRun, _ contents: JournalContents, _ graph: Graph) throws(CommandFailure) {
    self.found = found
    self.contents = contents
    var run = Run(graph, policy: contents.header.policy)
    var starts: [NodeID: RecordedStart] = [:]
    let sessions = contents.sessions
    do {
      try contents.forEachEvent(graph) { entry, session in
        switch entry.event {
        case .started(let node, _, let process):
          // Without one, the previous coordinator could not execute its program.
          starts[node]?.process = process.map {
            RecordedStart.Process($0, recorded: entry.moment)
          }
        case .ended(let node, _, _): starts[node] = nil
        default: break
        }
        for case .start(let node, _, _) in run.handle(entry.event, at: entry.moment) {
          starts[node] = RecordedStart(
            boot: sessions[session].boot,
            asked: entry.moment,
            process: nil
          )
        }
      }
    } catch {
      throw found.damaged(error)
    }
    self.run = run
    self.starts = starts
    lapse = contents.lapse
  }

  /// What the holder's record says about the current attempt of a non-idempotent step.
  func held(_ node: NodeID) -> HeldCommandState {
    found.heldRecord(of: node, attempt: run.attempts(of: node)).read()
  }

  /// The steps that need a person's decision, ascending.
  func doubtful() -> [DoubtfulStep] {
    run.doubtful().compactMap { node in doubt(node).map { DoubtfulStep(node: node, past: $0) } }
  }

  /// Why a step that was running needs a decision; nil if it does not.
  private func doubt(_ node: NodeID) -> DoubtfulStep.Past? {
    if let failure = run.failures[node] {
      return failure == .lost ? .cutShort : .failed(describe(failure))
    }
    if run[node].isPassed { return .succeeded }
    guard run[node] == .running else { return .cutShort }
    switch held(node) {
    case .absent, .running, .ended(.exited(0), byTimeout: false): return nil
    case .ended(let end, let byTimeout):
      if isOptional(node) { return nil }
      return .failed(byTimeout ? describe(.timedOut) : end.words)
    case .lost: return .cutShort
    }
  }

  /// Whether later steps continue if a step fails.
  private func isOptional(_ node: NodeID) -> Bool {
    let graph = run.graph
    if graph.step(node)?.isOptional == true { return true }
    for block in graph.blocks(around: node) {
      if graph.template(block).isOptional { return true }
    }
    return false
  }

  /// The steps that certainly do not run again when the run is resumed.
  func settled() -> Set<NodeID> {
    let kept = run.outlook(after: lapse).filter { _, outlook in
      switch outlook {
      case .passed, .assumed(.done): true
      default: false
      }
    }
    return Set(kept.map(\.node)).union(run.policy.passedOver.keys)
  }

  /// Takes a person's decision about a step.
  mutating func assume(_ node: NodeID, _ assumption: Assumption, at moment: Instant) {
    _ = run.handle(.assumed(node, assumption), at: moment)
  }
}

extension JournalContents {
  /// What may have undone the run's results: a reboot, if the run was last active in another boot.
  var lapse: Lapse {
    var last: Int?
    // A resume that was interrupted before it continued did nothing.
    let isRead: Void? = try? forEachEvent(nil) { entry, session in
      switch entry.event {
      case .began, .resumed: last = session
      default: break
      }
    }
    guard isRead != nil, let last, sessions.indices.contains(last) else { return .time }
    return isThisBoot(sessions[last].boot) ? .time : .reboot
  }
}

extension HeldCommandEnd {
  /// For people, as for a step's failure.
  fileprivate var words: String {
    switch self {
    case .exited(let status): describe(StepFailure.exited(status))
    case .signalled(let number): describe(StepFailure.signalled(number))
    case .notStarted: "could not be started"
    }
  }
}
