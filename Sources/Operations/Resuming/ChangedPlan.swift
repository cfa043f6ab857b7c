import Execution
import Journal
import Machine
import PlanGraph

/// What a run had done, applied to a plan that has changed since.
///
/// An unchanged step that succeeded counts as done, unless a handler of a block around it has run.
/// Then the whole block runs again, as when a run is resumed without changes.
struct ChangedPlan {
  /// Current steps that are skipped.
  private(set) var passedOver: [NodeID: RunPolicy.PassOver] = [:]
  /// Current steps that must not be started twice, have been started before, and have not succeeded
  /// in their current form; ascending.
  private(set) var doubtful: [DoubtfulStep] = []
  /// Current steps that succeeded before and run again, because the rest relies on them and their
  /// results may be gone; with the reason.
  private(set) var renewed: [NodeID: String] = [:]
  /// Steps of the earlier run that still run: the name and the process.
  private(set) var underWay: [(name: String, process: Int32)]
  let changes: PlanChanges
  let graph: Graph

  /// Looks for processes of steps whose start was not recorded (`LiveMachine.unrecordedOrphans`).
  typealias Search = (
    _ nodes: [NodeID], _ ended: Set<NodeID>, _ since: RecordedStart, _ known: Set<Int32>
  ) -> [NodeID: Int32]

  /// Compares the two.
  ///
  /// - Parameters:
  ///   - found: the folder of the run.
  ///   - contents: its journal.
  ///   - changes: between its plan and the current one.
  ///   - graph: of the current plan.
  ///   - search: looks for processes that are left of the current plan's steps.
  /// - Throws: an error if the journal cannot be read.
  init(
    _ found: FoundRun,
    _ contents: JournalContents,
    _ changes: PlanChanges,
    _ graph: Graph,
    _ search: Search
  ) throws(CommandFailure) {
    self.changes = changes
    self.graph = graph
    let past = try StepHistory(found, contents)
    underWay = past.underWay
    let again = Self.restartedBlocks(graph, changes, past.started)
    for (old, new) in changes.same where past.succeeded.contains(old) {
      if !Self.isInside(new, again, graph) { passedOver[new] = .succeededBefore }
    }
    let numbers = Dictionary(contents.header.steps.map { ($0.name, $0.node) }) { first, _ in first }
    for node in graph.nodes.indices where graph[node].kind == .step {
      guard let old = numbers[graph.name(node)] else { continue }
      if contents.header.policy.passedOver[old] == .notChosen { passedOver[node] = .notChosen }
      let isSpent = past.started.contains(old) && graph.step(node)?.isIdempotent == false
      if isSpent, passedOver[node] == nil {
        let isCutShort = past.cutShort.contains(old)
        // The plan's own handlers run each time a run ends. But if that was interrupted during a
        // handler, its result is open.
        if graph.isInHandlerOfPlan(graph[node].block), !isCutShort { continue }
        let past: DoubtfulStep.Past =
          changes.changed[node] != nil
          ? .changed
          : past.succeeded.contains(old) ? .succeeded : isCutShort ? .cutShort : .notSucceeded
        doubtful.append(DoubtfulStep(node: node, past: past))
      }
    }
    addUnrecorded(past, numbers, search)
    renew(past, contents.lapse)
  }

  /// Removes from the skipped steps what must be asked again.
  private mutating func renew(_ past: StepHistory, _ lapse: Lapse) {
    var begun = Table<NodeID, Bool>(repeating: false, count: graph.count)
    for (old, new) in changes.same where past.started.contains(old) {
      begun[new] = true
    }
    let standings = graph.nodes.indices.map { node -> Renewal.Standing in
      guard let step = graph.step(node) else { return .aside }
      switch passedOver[node] {
      case .succeededBefore: return .passed
      case .notChosen: return .aside
      case nil: return step.skipReason != nil || Self.isInHandler(node, graph) ? .aside : .left
      }
    }
    let renewal = Renewal(graph, Table(standings), begun: begun, lapse)
    for node in passedOver.keys where renewal[node] {
      renewed[node] = lapse.words(of: .succeeded, graph.step(node))
      passedOver[node] = nil
    }
  }

  /// Finds processes whose start was not recorded any more.
  ///
  /// A step that was renamed, or an idempotent command whose text has changed, is not found.
  private mutating func addUnrecorded(
    _ past: StepHistory,
    _ numbers: [String: NodeID],
    _ search: Search
  ) {
    guard let start = past.lastSession else { return }
    var nodes: [NodeID] = []
    var ended: Set<NodeID> = []
    for node in graph.nodes.indices where graph[node].kind == .step {
      // A step that is not idempotent has its holder's record.
      guard let old = numbers[graph.name(node)], !past.succeeded.contains(old),
        graph.step(node)?.isIdempotent == true
      else { continue }
      nodes.append(node)
      if past.endedOnce.contains(old) { ended.insert(node) }
    }
    let found = search(nodes, ended, start, past.processes)
    for (node, process) in found.sorted(by: { $0.key < $1.key }) {
      underWay.append((graph.name(node), process))
    }
  }

  /// Takes a person's decision about a step in doubt.
  mutating func assume(_ node: NodeID, _ assumption: Assumption) {
    doubtful.removeAll { $0.node == node }
    if assumption == .done { passedOver[node] = .succeededBefore }
  }

  /// Why each step would run or not, in the run of the changed plan.
  func explanation(_ contents: JournalContents) -> ResumeExplanation {
    var explanation = ResumeExplanation(
      title: "run \(contents.header.run), with the changed plan \(graph.planName)"
    )
    let doubts = Dictionary(doubtful.map { ($0.node, $0.why) }) { first, _ in first }
    for node in graph.nodes.indices where graph[node].kind == .step {
      if let reason = passedOver[node] {
        explanation.add(node, .keep, reason.words)
      } else if let why = doubts[node] {
        explanation.add(node, .ask, why)
      } else if Self.isInHandler(node, graph) {
        explanation.add(node, .maybe, "belongs to a handler, which runs if it is entered")
      } else {
        let why =
          renewed[node] ?? changes.changed[node]?.words
          ?? "has not succeeded, or its block must run again"
        explanation.add(node, .run, why)
      }
    }
    for (name, process) in underWay {
      explanation.remarks.append(
        "\(name) is still running, as process \(process); nothing starts before it has ended"
      )
    }
    return explanation
  }

  // MARK: Blocks

  /// Blocks with a handler that has run, except the plan itself.
  private static func restartedBlocks(
    _ graph: Graph,
    _ changes: PlanChanges,
    _ started: Set<NodeID>
  ) -> Set<BlockID> {
    var result: Set<BlockID> = []
    for (old, new) in changes.same where started.contains(old) {
      for block in graph.blocks(around: new) where graph.template(block).kind.isHandler {
        let parent = graph[block].parent
        if parent != .none, graph.template(parent).kind != .plan { result.insert(parent) }
      }
    }
    return result
  }

  private static func isInside(_ node: NodeID, _ blocks: Set<BlockID>, _ graph: Graph) -> Bool {
    graph.blocks(around: node).contains {
      blocks.contains($0) || graph.template($0).kind.isHandler
    }
  }

  private static func isInHandler(_ node: NodeID, _ graph: Graph) -> Bool {
    isInside(node, [], graph)
  }
}
