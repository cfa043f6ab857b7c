import Clock
import Execution
import Journal
import Machine
import PlanGraph
import System

/// What a journal tells of a run, on the graph that the plan compiles to now.
struct RecordedPast {
  let contents: JournalContents
  /// After everything that was recorded.
  private(set) var run: Run
  /// The attempts that were under way at the end.
  private(set) var starts: [NodeID: RecordedStart] = [:]
  private let found: FoundRun
  /// What may have undone what has passed.
  let lapse: Lapse

  /// Tells a new run everything that was recorded.
  ///
  /// - Parameters:
  ///   - found: the folder of the run.
  ///   - contents: its journal.
  ///   - graph: of its plan.
  /// - Throws: where a record does not belong to the plan.
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
          // Without one it turned out that the one before could not execute its program.
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

  /// What the holder's record says of the present attempt of a step that is not idempotent.
  func held(_ node: NodeID) -> HeldCommandState {
    found.heldRecord(of: node, attempt: run.attempts(of: node)).read()
  }

  /// The steps of which nobody but a person can tell what is to become of them; ascending.
  func doubtful() -> [DoubtfulStep] {
    run.doubtful().compactMap { node in doubt(node).map { DoubtfulStep(node: node, past: $0) } }
  }

  /// Why it cannot be told; nil where it can, of a step that was under way.
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

  /// Whether what comes after a step goes on where it fails.
  private func isOptional(_ node: NodeID) -> Bool {
    let graph = run.graph
    if graph.step(node)?.isOptional == true { return true }
    for block in graph.blocks(around: node) {
      if graph.template(block).isOptional { return true }
    }
    return false
  }

  /// The steps that are not run again when the run is resumed, whatever happens.
  func settled() -> Set<NodeID> {
    let kept = run.outlook(after: lapse).filter { _, outlook in
      switch outlook {
      case .passed, .assumed(.done): true
      default: false
      }
    }
    return Set(kept.map(\.node)).union(run.policy.passedOver.keys)
  }

  /// Hears what a person says of a step.
  mutating func assume(_ node: NodeID, _ assumption: Assumption, at moment: Instant) {
    _ = run.handle(.assumed(node, assumption), at: moment)
  }
}

extension JournalContents {
  /// What may have undone, by now, what has passed in the run: a reboot, where it was begun or went on
  /// last in another boot of the machine.
  var lapse: Lapse {
    var last: Int?
    // One that was broken off before it had gone on did nothing.
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
  /// For people, as of a step's failure.
  fileprivate var words: String {
    switch self {
    case .exited(let status): describe(StepFailure.exited(status))
    case .signalled(let number): describe(StepFailure.signalled(number))
    case .notStarted: "could not be started"
    }
  }
}
