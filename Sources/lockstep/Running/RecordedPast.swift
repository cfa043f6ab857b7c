import Execution
import Machine
import PlanGraph
import Reports

/// What a journal tells of a run, on the graph that the plan compiles to now.
struct RecordedPast {
  let contents: JournalContents
  /// After everything that was recorded.
  private(set) var run: Run
  /// The attempts that were under way at the end.
  private(set) var starts: [NodeID: RecordedStart] = [:]

  /// Tells a new run everything that was recorded.
  ///
  /// - Throws: where a record does not belong to the plan.
  init(_ contents: JournalContents, _ graph: Graph) throws(JournalContents.Unreadable) {
    self.contents = contents
    var run = Run(graph, policy: contents.header.policy)
    var starts: [NodeID: RecordedStart] = [:]
    let sessions = contents.sessions
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
      for case .start(let node, _) in run.handle(entry.event, at: entry.moment) {
        starts[node] = RecordedStart(
          boot: sessions[session].boot,
          asked: entry.moment,
          process: nil
        )
      }
    }
    self.run = run
    self.starts = starts
  }

  /// Hears what a person says of a step.
  mutating func assume(_ node: NodeID, _ assumption: Assumption, at moment: Instant) {
    _ = run.handle(.assumed(node, assumption), at: moment)
  }
}

/// How the plan, or what it runs, differs from what a run was begun with.
struct PlanChanges {
  /// One for each step, and one for what is of no single step; for people.
  private(set) var words: [String] = []
  /// The steps of today that are the same as they were, by what they were numbered then.
  private(set) var same: [NodeID: NodeID] = [:]

  var isEmpty: Bool { words.isEmpty }

  /// Compares.
  ///
  /// - Parameters:
  ///   - old: what was recorded when the run began.
  ///   - new: the same as it would be recorded now.
  init(from old: RunHeader, to new: RunHeader) {
    let isSameGraph = old.graph == new.graph
    var known = Dictionary(old.steps.map { ($0.name, $0) }) { first, _ in first }
    for step in new.steps {
      guard let before = known.removeValue(forKey: step.name) else {
        words.append("\(step.name): is new")
        continue
      }
      if before.digest != step.digest {
        words.append("\(step.name): its text or clauses have changed")
      } else if before.script != step.script {
        words.append("\(step.name): its script has changed")
      } else {
        same[before.node] = step.node
      }
    }
    for step in old.steps where known[step.name] != nil {
      words.append("\(step.name): is gone")
    }
    if !isSameGraph, words.isEmpty {
      words.append("the order of the plan, its blocks or its limits have changed")
    }
  }
}
